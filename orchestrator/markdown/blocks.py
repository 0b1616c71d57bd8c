"""Splits an answer that still grows into blocks that are over, each rendered once, and a tail.

The text is read line by line, each line once; how it was cut into pieces makes no difference.
"""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.markdown.outline import Outline
from orchestrator.markdown.rendering import render


@dataclass(frozen=True, slots=True)
class Step:
    """What one piece of text changed: blocks closed by it, and the plain text still open."""

    closed: tuple[str, ...]
    tail: str


class OpenText:
    """The text of an answer so far."""

    def __init__(self, renderer: Callable[[str], str] = render) -> None:
        self._render = renderer
        self._outline = Outline()
        self._closed: list[str] = []
        self._tail = ""
        self._line_start = 0
        self._has_return = False

    @property
    def html(self) -> str:
        return "".join(self._closed)

    @property
    def tail(self) -> str:
        return self._tail

    def feed(self, piece: str) -> Step:
        self._append(self._with_plain_ends(piece))
        closed = self._read_lines()
        self._closed.extend(closed)
        return Step(tuple(closed), self._tail)

    def _with_plain_ends(self, piece: str) -> str:
        """A return may be half of a line's end, so that the last one waits for what follows."""
        if self._has_return:
            piece = "\r" + piece
        self._has_return = piece.endswith("\r")
        whole = piece[:-1] if self._has_return else piece
        return whole.replace("\r\n", "\n").replace("\r", "\n")

    def _append(self, piece: str) -> None:
        # Python lengthens a string in place if nothing else holds it: linear, not quadratic.
        tail, self._tail = self._tail, ""
        tail += piece
        self._tail = tail

    def _read_lines(self) -> list[str]:
        closed: list[str] = []
        block_start = 0
        while (end := self._tail.find("\n", self._line_start)) >= 0:
            line_start, self._line_start = self._line_start, end + 1
            cut = self._outline.read(self._tail[line_start:end])
            if cut.is_before:
                closed += self._close(block_start, line_start)
                block_start = line_start
            if cut.is_after:
                closed += self._close(block_start, end + 1)
                block_start = end + 1
        if block_start:
            self._tail = self._tail[block_start:]
            self._line_start -= block_start
        return closed

    def _close(self, start: int, end: int) -> list[str]:
        block = self._tail[start:end]
        html = self._render(block) if block.strip() else ""
        return [html] if html else []
