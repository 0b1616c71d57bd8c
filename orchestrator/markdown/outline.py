"""Follows the outline of Markdown line by line: where is a top-level block certainly over?

In doubt a block stays open, as a block shown late is better than one shown wrong.
"""

import re
from dataclasses import dataclass

from orchestrator.markdown import mathematics
from orchestrator.markdown.mathematics import BLOCK_OPENERS, FENCE

CODE_INDENT = 4

_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?= |$)( *)")
_RULE = re.compile(r"(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$")
_HEADING = re.compile(r"#{1,6}(?: |$)")
_NOTE = re.compile(r"\[\^[^ \]]+\]:")


@dataclass(frozen=True, slots=True)
class Cut:
    """Whether a block ends before the line, after it, or both."""

    is_before: bool = False
    is_after: bool = False


@dataclass(frozen=True, slots=True)
class _Opened:
    """A fence or formula that has not ended: `indent` is the column of its list item's text."""

    marker: str
    indent: int
    may_hold_blank: bool = True

    @property
    def is_formula(self) -> bool:
        return self.marker in BLOCK_OPENERS

    def is_broken_by(self, content: str, indent: int) -> bool:
        """It breaks off with its list item, a formula also where code begins or it cannot end."""
        if indent < self.indent or not self.is_formula:
            return indent < self.indent
        return bool(FENCE.match(content)) or (
            mathematics.has_delimiter(content, self.marker) and not self.is_ended_by(content, 0)
        )

    def is_ended_by(self, content: str, indent: int) -> bool:
        if self.is_formula:
            return mathematics.is_last_line(content, self.marker)
        is_marker = content.startswith(self.marker) and not content.strip(self.marker[0])
        return is_marker and indent - self.indent < CODE_INDENT


class Outline:
    """What is open after the lines read so far."""

    def __init__(self) -> None:
        self._items: list[int] = []
        self._opened: _Opened | None = None
        self._may_go_on = False
        self._is_empty = True
        self._is_paragraph_over = False

    def read(self, line: str) -> Cut:
        """Takes the next whole line."""
        text = line.expandtabs(CODE_INDENT).rstrip()
        if not text:
            return self._read_blank()
        cut = self._read_text(text)
        if cut.is_after:
            self._restart()
        return cut

    def _restart(self) -> None:
        self._items = []
        self._may_go_on = False
        self._is_empty = True

    def _read_blank(self) -> Cut:
        self._is_paragraph_over = True
        if self._opened:
            if self._opened.may_hold_blank:
                return Cut()
            self._opened = None
        if self._may_go_on:
            return Cut()
        self._restart()
        return Cut(is_after=True)

    def _read_text(self, text: str) -> Cut:
        indent = _indent(text)
        content = text.lstrip()
        starts_anew = self._is_paragraph_over or _interrupts(content)
        if self._opened and self._opened.is_broken_by(content, indent):
            self._opened = None
            starts_anew = True
        if self._opened:
            return self._read_opened(self._opened, content, indent)
        return self._read_line(text, indent, starts_anew)

    def _read_opened(self, opened: _Opened, content: str, indent: int) -> Cut:
        """Inside a fence or formula only its end matters."""
        if not opened.is_ended_by(content, indent):
            return Cut()
        self._opened = None
        self._is_paragraph_over = True
        return Cut(is_after=not self._may_go_on)

    def _read_line(self, text: str, indent: int, starts_anew: bool) -> Cut:
        if starts_anew:
            self._items = [column for column in self._items if column <= indent]
        is_before = starts_anew and not self._is_empty and self._is_new_block(text, indent)
        if is_before:
            self._restart()
        self._is_empty = False
        self._is_paragraph_over = bool(_HEADING.match(text.lstrip()))
        self._enter(text, indent)
        return Cut(is_before=is_before)

    def _is_new_block(self, text: str, indent: int) -> bool:
        """Nothing open can hold this line: no list item, no footnote, no indented code."""
        if self._items or indent >= CODE_INDENT:
            return False
        content = text.lstrip()
        if self._is_paragraph_over:
            return not _MARKER.match(content) or bool(_RULE.match(content))
        return bool(FENCE.match(content))

    def _enter(self, text: str, indent: int) -> None:
        """Walks into the list items that begin on this line, down to what stands in them."""
        base = self._items[-1] if self._items else 0
        while indent - base < CODE_INDENT:
            content = text[indent:]
            marker = None if _RULE.match(content) else _MARKER.match(content)
            if marker is None:
                self._open(content, base)
                return
            self._may_go_on = True
            base = indent + _width(marker)
            self._items.append(base)
            if base >= len(text):
                return
            indent = base + _indent(text[base:])
        self._may_go_on = True

    def _open(self, content: str, base: int) -> None:
        if fence := FENCE.match(content):
            self._opened = _Opened(fence[1] or fence[2], base)
        elif content.startswith(BLOCK_OPENERS):
            opener, rest = content[:2], content[2:]
            if not mathematics.has_delimiter(rest, opener):
                self._opened = _Opened(opener, base, may_hold_blank=not rest)
        elif _NOTE.match(content):
            self._may_go_on = True


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _width(marker: re.Match[str]) -> int:
    """Up to the item's text; what stands further in is code, one column after the marker."""
    spaces = len(marker[1])
    rest = marker.end() < len(marker.string)
    return marker.end() - spaces + (spaces if 1 <= spaces <= CODE_INDENT and rest else 1)


def _interrupts(content: str) -> bool:
    """Such a line begins a block of its own even right after a paragraph."""
    return bool(
        FENCE.match(content)
        or _MARKER.match(content)
        or _HEADING.match(content)
        or _RULE.match(content)
        or content.startswith((">", *BLOCK_OPENERS))
    )
