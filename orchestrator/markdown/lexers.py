"""Lexers that read hostile code in linear time where Pygments' own need cubic time."""

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from pygments.lexer import Lexer  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.lexers.jvm import JavaLexer  # type: ignore[import-untyped]
from pygments.token import Name  # type: ignore[import-untyped]

from orchestrator.markdown import languages

# Pygments looks for a whole signature at every word; the bracket after a name says enough.
_SIGNATURE = r"\s+)+?)"
_CALL = (r"(?:[^\W\d]|\$)[\w$]*(?=\()", Name.Function)


class LinearJava(JavaLexer):  # type: ignore[misc]
    tokens: ClassVar[dict[str, list[Any]]] = {
        **JavaLexer.tokens,
        "root": [
            _CALL if _SIGNATURE in str(rule[0]) else rule for rule in JavaLexer.tokens["root"]
        ],
    }


_OWN: dict[str, Callable[..., Lexer]] = {"java": LinearJava}


@cache
def load(language: str) -> Lexer:
    options = {"stripnl": False, "handlecodeblocks": False}
    if language in _OWN:
        return _OWN[language](**options)
    return get_lexer_by_name(languages.LEXERS[language], **options)
