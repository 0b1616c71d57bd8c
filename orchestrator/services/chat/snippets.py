"""The part of a text that shows why it was found, with the words marked."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from orchestrator.services.chat.search_words import Words, fold

MOST_CHARS = 180
LEAD_CHARS = 50
MOST_SPANS = 100
SPACES = re.compile(r"\s+")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Plain text; whoever shows it escapes it, and marks it where `is_hit`."""

    text: str
    is_hit: bool = False


def cut(text: str, words: Words) -> tuple[Piece, ...]:
    """Around the place where most of the words stand together; the beginning where none does."""
    spans = list(islice(words.spans(text), MOST_SPANS))
    first = _densest(text, spans)
    begin = _begin(text, first[0])
    end = _end(text, max(begin + MOST_CHARS, first[1]))
    pieces = list(_pieces(text, begin, end, [each for each in spans if each[1] <= end]))
    return tuple(piece for piece in pieces if piece.text)


def mark(text: str, words: Words) -> tuple[Piece, ...]:
    """All of a short text."""
    pieces = _pieces(text, 0, len(text), list(words.spans(text)))
    return tuple(piece for piece in pieces if piece.text)


def _densest(text: str, spans: Sequence[Span]) -> Span:
    """The first of the spans that has the most different words near after it."""
    starts = [start for start, _ in spans]
    folded = [fold(text[start:end]) for start, end in spans]

    def variety(place: int) -> int:
        last = bisect_left(starts, starts[place] + MOST_CHARS - LEAD_CHARS)
        return len(set(folded[place:last]))

    return spans[max(range(len(spans)), key=variety)] if spans else (0, 0)


def _begin(text: str, start: int) -> int:
    """After a space, if there is one on the way back."""
    earliest = max(0, start - LEAD_CHARS)
    space = SPACES.search(text, earliest, start)
    return space.end() if space and earliest else earliest


def _end(text: str, end: int) -> int:
    """Before a space, if one follows soon."""
    space = SPACES.search(text, end, end + LEAD_CHARS)
    return space.start() if space else min(end, len(text))


def _pieces(text: str, begin: int, end: int, spans: Sequence[Span]) -> Iterator[Piece]:
    place, lead = begin, "…" if begin else ""
    for start, stop in spans:
        if start < begin:
            continue
        yield Piece(lead + SPACES.sub(" ", text[place:start]))
        yield Piece(text[start:stop], is_hit=True)
        place, lead = stop, ""
    tail = "…" if end < len(text) else ""
    yield Piece(lead + SPACES.sub(" ", text[place:end]) + tail)
