"""Parents and children of messages from outside: skipped ones, missing ones, cycles."""

import heapq
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from orchestrator.services.chat.exchange.neutral import MessageDocument

EARLIEST = datetime.min.replace(tzinfo=UTC)


class KeptAncestors:
    """The nearest message upwards that is kept; each step up is walked once."""

    def __init__(self, parents: Mapping[str, str], kept: Container[str]) -> None:
        self._parents = parents
        self._kept = kept
        self._known: dict[str, str] = {}

    def of(self, message_id: str) -> str:
        """The message itself where it is kept; empty where nothing above it is."""
        way: list[str] = []
        seen: set[str] = set()
        while message_id and message_id not in self._kept and message_id not in self._known:
            if message_id in seen:
                message_id = ""
                break
            seen.add(message_id)
            way.append(message_id)
            message_id = self._parents.get(message_id, "")
        found = self._known.get(message_id, message_id)
        self._known.update(dict.fromkeys(way, found))
        return found

    def above(self, message_id: str) -> str:
        return self.of(self._parents.get(message_id, ""))


def parents_first(messages: Iterable[MessageDocument]) -> list[MessageDocument]:
    """Oldest first, but no message before its parent; of two with one id the first counts.

    A parent that is missing makes a root, and so does the first message of a cycle.
    """
    by_id: dict[str, MessageDocument] = {}
    for message in messages:
        by_id.setdefault(message.id, message)
    order = _Order(by_id)
    order.make_ready(order.children[""], "", EARLIEST)
    for each in by_id:
        order.drain()
        if each not in order.placed:
            order.make_ready([each], "", EARLIEST)
    order.drain()
    return order.found


def timed(
    messages: Iterable[MessageDocument], fallback: datetime
) -> list[tuple[MessageDocument, datetime]]:
    """Every message with a time: its own, else that of its parent, which comes before it."""
    times: dict[str, datetime] = {}
    found = []
    for message in messages:
        time = message.created_at or times.get(message.parent, fallback)
        times[message.id] = time
        found.append((message, time))
    return found


class _Order:
    """Messages become ready when their parent was placed; of those the oldest is next."""

    def __init__(self, by_id: Mapping[str, MessageDocument]) -> None:
        self._by_id = by_id
        self._places = {message_id: place for place, message_id in enumerate(by_id)}
        self._ready: list[tuple[datetime, int, str, str]] = []
        self.placed: set[str] = set()
        self.found: list[MessageDocument] = []
        self.children: dict[str, list[str]] = defaultdict(list)
        for message in by_id.values():
            self.children[message.parent if message.parent in by_id else ""].append(message.id)

    def make_ready(self, ids: Iterable[str], parent: str, otherwise: datetime) -> None:
        for each in ids:
            if each not in self.placed:
                time = self._by_id[each].created_at or otherwise
                heapq.heappush(self._ready, (time, self._places[each], each, parent))

    def drain(self) -> None:
        while self._ready:
            time, _, message_id, parent = heapq.heappop(self._ready)
            self.placed.add(message_id)
            self.found.append(replace(self._by_id[message_id], parent=parent))
            self.make_ready(self.children[message_id], message_id, time)
