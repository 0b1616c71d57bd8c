"""Footnotes: numbers that lead to the note, and arrows that lead back."""

import re
from collections.abc import Callable, Sequence

from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

Rule = Callable[[RendererProtocol, Sequence[Token], int, OptionsDict, EnvType], str]

PREFIX = "prefix"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def clean_prefix(prefix: str) -> str:
    return _UNSAFE.sub("-", prefix)


def _note_id(token: Token, env: EnvType) -> str:
    return f"fn-{env.get(PREFIX, '')}{token.meta['id'] + 1}"


def _reference_id(token: Token, env: EnvType) -> str:
    again = token.meta.get("subId", 0)
    suffix = f"-{again + 1}" if again else ""
    return f"fnref-{env.get(PREFIX, '')}{token.meta['id'] + 1}{suffix}"


def _render_reference(
    _: RendererProtocol, tokens: Sequence[Token], idx: int, __: OptionsDict, env: EnvType
) -> str:
    token = tokens[idx]
    number = token.meta["id"] + 1
    return (
        f'<sup><a href="#{_note_id(token, env)}" id="{_reference_id(token, env)}"'
        f' aria-label="Footnote {number}">{number}</a></sup>'
    )


def _render_list_open(
    _: RendererProtocol, tokens: Sequence[Token], idx: int, __: OptionsDict, env: EnvType
) -> str:
    return '<section class="footnotes" aria-label="Footnotes"><ol>\n'


def _render_list_close(
    _: RendererProtocol, tokens: Sequence[Token], idx: int, __: OptionsDict, env: EnvType
) -> str:
    return "</ol></section>\n"


def _render_note_open(
    _: RendererProtocol, tokens: Sequence[Token], idx: int, __: OptionsDict, env: EnvType
) -> str:
    return f'<li id="{_note_id(tokens[idx], env)}">'


def _render_note_close(
    _: RendererProtocol, tokens: Sequence[Token], idx: int, __: OptionsDict, env: EnvType
) -> str:
    return "</li>\n"


def _render_way_back(
    _: RendererProtocol, tokens: Sequence[Token], idx: int, __: OptionsDict, env: EnvType
) -> str:
    return (
        f' <a href="#{_reference_id(tokens[idx], env)}" aria-label="Back to the text">↩\ufe0e</a>'
    )


RULES: dict[str, Rule] = {
    "footnote_ref": _render_reference,
    "footnote_block_open": _render_list_open,
    "footnote_block_close": _render_list_close,
    "footnote_open": _render_note_open,
    "footnote_close": _render_note_close,
    "footnote_anchor": _render_way_back,
}
