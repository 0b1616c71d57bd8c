"""The HTML of every element that answers show in their own way."""

from collections.abc import Sequence
from html import escape

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from orchestrator.markdown import code, formulas, links
from orchestrator.markdown.mathematics import CLOSERS

OUTSIDE = ' rel="noopener noreferrer nofollow" target="_blank"'


class Elements(RendererHTML):
    """Each method renders the token of its name."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        source = tokens[idx].content
        left: int = env.setdefault("code_bytes", code.MAX_HIGHLIGHTED_BYTES)
        size = code.size_bytes(source)
        if size <= left:
            env["code_bytes"] = left - size
        return code.render(source, tokens[idx].info, left)

    def code_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return code.render(tokens[idx].content)

    def formula(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        is_display = token.markup in ("$$", "\\[")
        tree = formulas.render(token.content.strip(), is_display=is_display)
        return tree or formulas.show_source(token.markup + token.content + CLOSERS[token.markup])

    def formula_block(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        content = self.formula(tokens, idx, options, env)
        return f'<div class="math-box" tabindex="0">{content}</div>\n'

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        alt = self.renderInlineAsText(token.children, options, env)
        url = str(token.attrs.get("src", ""))
        if not links.is_allowed(url):
            return escape(alt)
        name = escape(links.name_image(alt, url))
        if token.meta.get("is_linked"):
            return name
        return f'<a href="{escape(url)}"{OUTSIDE}>{name}</a>'

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[idx]
        if token.hidden:
            return ""
        title = str(token.attrs.get("title", ""))
        hint = f' title="{escape(title)}"' if title else ""
        return f'<a href="{escape(str(token.attrs["href"]))}"{hint}{OUTSIDE}>'

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return '<div class="table-box" tabindex="0"><table>\n'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</table></div>\n"

    def list_item_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        checked = tokens[idx].meta.get("checked")
        item = self.renderToken(tokens, idx, options, env)
        if checked is None:
            return item
        state = ' aria-label="Done" checked' if checked else ' aria-label="Open"'
        return f'{item}<input type="checkbox" disabled{state}> '
