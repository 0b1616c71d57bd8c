"""The Markdown that answers are read with: CommonMark, tables, notes and formulas, bounded.

Every bound turns a construct back into the text that was written; nothing is ever left out.
"""

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock, reference, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from orchestrator.markdown import links, mathematics, notes
from orchestrator.markdown.elements import Elements

MAX_NESTING = 32
MAX_INLINE_CHARS = 20_000
MAX_INLINE_BRACKETS = 200
MAX_INLINE_IMAGES = 20
# A short row is filled up with empty cells, so that few characters can ask for many of them.
MAX_TABLE_CELLS = 20_000
MAX_TABLE_COLUMNS = 100
MAX_REFERENCE_LINES = 4

SMALLEST_HEADING = 3
_CELL_CLASSES = {"text-align:right": "is-right", "text-align:center": "is-center"}


class BoundedBlocks(ParserBlock):
    """Shows as plain text what is nested too deeply; the original leaves it out."""

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        if state.level < MAX_NESTING:
            super().tokenize(state, startLine, endLine)
            return
        line = startLine + 1
        while line < endLine and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
            line += 1
        token = state.push("code_block", "code", 0)
        token.content = state.getLines(startLine, line, state.blkIndent, False)
        token.map = [startLine, line]
        state.line = line


class Grammar(MarkdownIt):
    """Asks before an address is taken apart: that costs quadratic time for a long one."""

    def __init__(self) -> None:
        super().__init__(
            "commonmark",
            {"html": False, "maxNesting": MAX_NESTING + 1, "tasklists": True, "xhtmlOut": False},
            renderer_cls=Elements,
        )

    def normalizeLink(self, url: str) -> str:
        if url.startswith(links.OWN_PAGE):
            return links.OWN_PAGE
        return super().normalizeLink(url) if links.is_allowed(url) else ""

    def validateLink(self, url: str) -> bool:
        return url == links.OWN_PAGE or links.is_allowed(url)


@cache
def load() -> Grammar:
    grammar = Grammar()
    grammar.block = BoundedBlocks()
    grammar.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    grammar.use(footnote_plugin, inline=False)
    for name, rule in notes.RULES.items():
        grammar.add_render_rule(name, rule)
    _add_rules(grammar)
    return grammar


def _add_rules(grammar: Grammar) -> None:
    blocks = ["paragraph", "reference", "blockquote", "list"]
    grammar.block.ruler.before("fence", "formula", mathematics.read_block, {"alt": blocks})
    grammar.block.ruler.at("table", _read_table, {"alt": ["paragraph", "reference"]})
    grammar.block.ruler.at("reference", _read_reference)
    grammar.inline.ruler.before("escape", "formula", mathematics.read_inline)
    grammar.core.ruler.at("inline", _read_inline)
    grammar.core.ruler.after("text_join", "links", links.finish_links)
    grammar.core.ruler.push("shapes", _shape)


def _read_table(state: StateBlock, start: int, stop: int, silent: bool) -> bool:
    cells: int = state.env.get("cells", 0)
    if cells > MAX_TABLE_CELLS or start + 1 >= stop:
        return False
    if state.src.count("|", state.bMarks[start + 1], state.eMarks[start + 1]) > MAX_TABLE_COLUMNS:
        return False
    before = len(state.tokens)
    is_table = table(state, start, stop, silent)
    state.env["cells"] = cells + (len(state.tokens) - before) // 3
    return is_table


def _read_reference(state: StateBlock, start: int, stop: int, silent: bool) -> bool:
    lines = state.lineMax
    state.lineMax = min(lines, start + MAX_REFERENCE_LINES)
    try:
        return reference(state, start, stop, silent)
    finally:
        state.lineMax = lines


def _read_inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if _is_heavy(token.content):
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _is_heavy(text: str) -> bool:
    return (
        len(text) > MAX_INLINE_CHARS
        or text.count("[") > MAX_INLINE_BRACKETS
        or text.count("![") > MAX_INLINE_IMAGES
    )


def _shape(state: StateCore) -> None:
    """Headings fit below the page's own; alignment is a class, as inline styles are forbidden."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + SMALLEST_HEADING - 1, 6)}"
        elif token.type in ("th_open", "td_open"):
            name = _CELL_CLASSES.get(str(token.attrs.get("style", "")))
            token.attrs = {"class": name} if name else {}
