"""Code as a figure: highlighted where the language is known, with buttons for people."""

from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby, starmap

from pygments.lexer import Lexer  # type: ignore[import-untyped]
from pygments.token import Token, _TokenType  # type: ignore[import-untyped]

from orchestrator.markdown import languages, lexers

PLAIN = "text"
MAX_HIGHLIGHTED_BYTES = 200_000
# Some lexers need quadratic time for a long line, for many blank ones, or for all they get.
PIECE_CHARS = 5_000
MAX_LINE_CHARS = 400
MAX_BLANK_LINES = 2

# The only classes that the style sheet knows; a kind of token takes its nearest ancestor's.
CLASSES: dict[_TokenType, str] = {
    Token.Comment: "c",
    Token.Comment.Preproc: "cp",
    Token.Generic.Deleted: "gd",
    Token.Generic.Emph: "ge",
    Token.Generic.Heading: "gh",
    Token.Generic.Inserted: "gi",
    Token.Generic.Prompt: "gp",
    Token.Generic.Strong: "gs",
    Token.Generic.Subheading: "gh",
    Token.Keyword: "k",
    Token.Keyword.Type: "kt",
    Token.Literal.Number: "m",
    Token.Literal.String: "s",
    Token.Literal.String.Escape: "se",
    Token.Name.Attribute: "na",
    Token.Name.Builtin: "nb",
    Token.Name.Class: "nc",
    Token.Name.Constant: "no",
    Token.Name.Decorator: "nd",
    Token.Name.Exception: "nc",
    Token.Name.Function: "nf",
    Token.Name.Tag: "nt",
    Token.Name.Variable: "nv",
    Token.Operator.Word: "ow",
}

BUTTONS = (
    '<button type="button" data-code="copy">Copy</button>'
    '<button type="button" data-code="wrap" aria-pressed="false">Wrap</button>'
    '<button type="button" data-code="download">Download</button>'
)


def render(source: str, info: str = "", budget_bytes: int = MAX_HIGHLIGHTED_BYTES) -> str:
    """The figure of one code block; beyond the budget its text stays in one colour."""
    language = languages.find(info)
    is_coloured = language is not None and size_bytes(source) <= budget_bytes
    content = _highlight(source, language) if language and is_coloured else escape(source)
    label = language or PLAIN
    return (
        f'<figure class="code" data-language="{label}">'
        f"<figcaption><span>{label}</span>{BUTTONS}</figcaption>"
        f'<pre tabindex="0"><code>{content}</code></pre></figure>\n'
    )


def size_bytes(source: str) -> int:
    return len(source.encode("utf-8", "replace"))


def _highlight(source: str, language: str) -> str:
    lexer = lexers.load(language)
    return "".join(
        _colour(piece, lexer) if is_coloured and piece else escape(piece)
        for piece, is_coloured in _pieces(source)
    )


def _pieces(source: str) -> Iterator[tuple[str, bool]]:
    """The code in pieces, each with whether it is to be coloured; cuts stand between lines."""
    lines: list[str] = []
    size = blank = 0
    for line in source.splitlines(keepends=True):
        blank = blank + 1 if line.isspace() else 0
        is_dull = len(line) > MAX_LINE_CHARS or blank > MAX_BLANK_LINES
        if not is_dull:
            lines.append(line)
            size += len(line)
        if is_dull or size > PIECE_CHARS or (blank and size > PIECE_CHARS // 2):
            yield "".join(lines), True
            lines, size = [], 0
        if is_dull:
            yield line, False
    yield "".join(lines), True


def _colour(piece: str, lexer: Lexer) -> str:
    # A lexer reads whole lines only: it adds a line's end, which is taken away again.
    tokens = ((_class(kind), value) for kind, value in lexer.get_tokens(piece))
    runs = [
        (name, "".join(value for _, value in run))
        for name, run in groupby(tokens, key=lambda token: token[0])
    ]
    if runs and not piece.endswith("\n"):
        name, last = runs[-1]
        runs[-1] = (name, last.removesuffix("\n"))
    return "".join(starmap(_span, runs))


@cache
def _class(kind: _TokenType) -> str:
    while kind is not None:
        if kind in CLASSES:
            return CLASSES[kind]
        kind = kind.parent
    return ""


def _span(name: str, value: str) -> str:
    text = escape(value)
    return f'<span class="{name}">{text}</span>' if name and text else text
