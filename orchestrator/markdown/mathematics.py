"""Where formulas stand in Markdown: `$…$` by Pandoc's rule, `$$…$$`, `\\(…\\)` and `\\[…\\]`."""

import re
from collections.abc import Iterator

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

CLOSERS = {"$$": "$$", "\\[": "\\]", "\\(": "\\)", "$": "$"}
BLOCK_OPENERS = ("$$", "\\[")
# No formula goes on behind such a line, so that a stray opener cannot swallow code.
FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")


def read_inline(state: StateInline, silent: bool) -> bool:
    """An inline rule: takes a formula, or the two dollars that open none."""
    opener = _opener(state.src, state.pos)
    if not opener:
        return False
    start = state.pos + len(opener)
    end = _find_closer(state.src, start, state.posMax, opener)
    tex = state.src[start:end] if end > start else ""
    if not tex.strip() or (opener == "$" and not _is_inline_formula(state.src, start, end)):
        return opener == "$$" and _take_text(state, opener, silent)
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.markup = tex, opener
    state.pos = end + len(CLOSERS[opener])
    return True


def _opener(text: str, pos: int) -> str:
    if text[pos] not in "$\\":
        return ""
    pair = text[pos : pos + 2]
    return pair if pair in CLOSERS else text[pos] if text[pos] == "$" else ""


def _find_closer(text: str, start: int, stop: int, opener: str) -> int:
    closer = CLOSERS[opener]
    found = text.find(closer, start, stop)
    while found > start and opener[0] == "$" and _is_escaped(text, found, start):
        found = text.find(closer, found + 1, stop)
    return found


def _is_escaped(text: str, pos: int, start: int) -> bool:
    before = text[start:pos]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _is_inline_formula(text: str, start: int, end: int) -> bool:
    """Pandoc's rule, so that two prices in a sentence do not become a formula."""
    is_tight = not text[start].isspace() and not text[end - 1].isspace()
    return is_tight and not text[end + 1 : end + 2].isdigit()


def _take_text(state: StateInline, text: str, silent: bool) -> bool:
    if not silent:
        state.append_pending(text)
    state.pos += len(text)
    return True


def read_block(state: StateBlock, start: int, stop: int, silent: bool) -> bool:
    """A block rule: a formula that begins a line and ends one.

    Only an opener alone on its line may be followed by blank lines.
    """
    if state.is_code_block(start):
        return False
    first = _line(state, start)
    opener = first[:2]
    if opener not in BLOCK_OPENERS:
        return False
    end = _find_last_line(state, start, stop, first)
    if end is None:
        return False
    if not silent:
        _push_block(state, start, end, opener)
    return True


def _find_last_line(state: StateBlock, start: int, stop: int, first: str) -> int | None:
    opener, rest = first[:2], first[2:]
    if has_delimiter(rest, opener):
        return start if is_last_line(rest, opener) and rest != CLOSERS[opener] else None
    for number in _lines_within(state, start + 1, stop, skip_blank=not rest):
        line = _line(state, number)
        if has_delimiter(line, opener):
            return number if is_last_line(line, opener) else None
    return None


def has_delimiter(line: str, opener: str) -> bool:
    return opener in line or CLOSERS[opener] in line


def is_last_line(line: str, opener: str) -> bool:
    closer = CLOSERS[opener]
    is_closed = line.endswith(closer) and line.count(closer) == 1
    return is_closed and (opener == closer or opener not in line)


def _lines_within(state: StateBlock, start: int, stop: int, *, skip_blank: bool) -> Iterator[int]:
    # As a look ahead this is also asked about lines to the left of the list item around them.
    indent = min(state.blkIndent, state.sCount[start - 1])
    for number in range(start, stop):
        if state.isEmpty(number):
            if not skip_blank:
                return
        elif state.sCount[number] < indent or FENCE.match(_line(state, number)):
            return
        else:
            yield number


def _push_block(state: StateBlock, start: int, end: int, opener: str) -> None:
    source = state.getLines(start, end + 1, state.blkIndent, False).strip()
    token = state.push("formula_block", "math", 0)
    token.content = source[2:-2]
    token.markup = opener
    token.map = [start, end + 1]
    state.line = end + 1


def _line(state: StateBlock, number: int) -> str:
    begin = state.bMarks[number] + state.tShift[number]
    return state.src[begin : state.eMarks[number]].rstrip()
