"""The turns of a chat as they are shown: one page of the branch, with versions and footers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from django.db.models import Sum

from orchestrator.markdown.blocks import OpenText
from orchestrator.models import (
    Conversation,
    Leg,
    Message,
    Outcome,
    PromptVersion,
    Reservation,
    Trip,
    TripEvent,
    TripPayload,
)
from orchestrator.services.chat import conversations, rendering
from orchestrator.services.chat.tree import Tree
from orchestrator.services.driving import trips
from orchestrator.services.prompts import access as prompts

PAGE = 30
DEMO = "demo"


@dataclass(slots=True)
class Live:
    """An answer that is being written: what there is of it, and the number it goes up to."""

    closed: str
    tail: str
    thinking: str
    seq: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A model that failed so many times in a row, and whether another one took over."""

    gear: str
    error: str
    times: int
    is_left: bool


@dataclass(slots=True)
class Entry:
    message: Message
    versions: list[UUID] = field(default_factory=list)
    html: str = ""
    live: Live | None = None
    leg: Leg | None = None
    shifts: list[Shift] = field(default_factory=list)
    has_thinking: bool = False
    rating: str = ""
    # What the text was made of, where its writer still sees that prompt.
    prompt: PromptVersion | None = None
    freed_nano: int = 0
    # What a person can do about an answer that failed.
    next_step: str = ""
    rivals: list["Entry"] = field(default_factory=list)

    @property
    def trip(self) -> Trip | None:
        return self.message.trip

    @property
    def is_demo(self) -> bool:
        return self.trip is not None and self.trip.currency == DEMO

    @property
    def version(self) -> int:
        return self.versions.index(self.message.pk) + 1 if self.versions else 1

    @property
    def previous_version(self) -> UUID | None:
        return self.versions[self.version - 2] if self.version > 1 else None

    @property
    def next_version(self) -> UUID | None:
        return self.versions[self.version] if self.version < len(self.versions) else None

    @property
    def seconds(self) -> float | None:
        """Of the whole answer, however many calls it took."""
        trip = self.trip
        if trip is None or trip.finished_at is None or trip.started_at is None:
            return None
        return (trip.finished_at - trip.started_at).total_seconds()

    @property
    def tokens_per_s(self) -> int | None:
        leg = self.leg
        if leg is None or not leg.seconds or not leg.output_tokens:
            return None
        return round(leg.output_tokens / max(leg.seconds - (leg.first_token_s or 0), 0.001))

    @property
    def saved_nano(self) -> int | None:
        return trips.saved_nano(self.trip) if self.trip else None


@dataclass(frozen=True, slots=True)
class Thread:
    entries: list[Entry]
    older: UUID | None
    head: UUID | None
    has_newer: bool = False


def load(
    conversation: Conversation, *, before: UUID | None = None, at: UUID | None = None
) -> Thread:
    """The last turns of the shown branch, those before a turn, or those around one."""
    tree = conversations.tree(conversation.pk)
    head = _head(conversation, tree)
    path = [node.id for node in tree.path(head)]
    if at in tree.nodes and at is not None:
        path = path if at in path else [node.id for node in tree.path(tree.newest_leaf(at))]
        end = path.index(at) + PAGE // 2
    else:
        end = path.index(before) if before in path else len(path)
    shown = path[max(0, end - PAGE) : end]
    return Thread(
        entries(shown, tree),
        older=shown[0] if shown and shown[0] != path[0] else None,
        head=path[-1] if path else None,
        has_newer=before is None and end < len(path),
    )


def _head(conversation: Conversation, tree: Tree) -> UUID | None:
    if conversation.head_id in tree.nodes:
        return conversation.head_id
    return next(reversed(tree.nodes), None)


def entries(ids: Sequence[UUID], tree: Tree) -> list[Entry]:
    messages = _messages(ids)
    rivals = _rivals(message for message in messages.values() if message.comparison)
    found = {pk: Entry(message) for pk, message in messages.items()}
    everyone = [*found.values(), *(entry for group in rivals.values() for entry in group)]
    for entry in everyone:
        if entry.message.pk in tree.nodes:
            entry.versions = [node.id for node in tree.siblings(entry.message.pk)]
    _add_trips(everyone)
    _add_prompts(everyone)
    for entry in found.values():
        entry.rivals = rivals.get(entry.message.comparison, []) if entry.message.comparison else []
    return [found[pk] for pk in ids if pk in found]


def one(message: Message) -> Entry:
    """A single turn, for the page that watched it end."""
    return entries([message.pk], conversations.tree(message.conversation_id))[0]


def _messages(ids: Sequence[UUID]) -> dict[UUID, Message]:
    rows = Message.objects.select_related("trip").prefetch_related("attachments")
    return rows.defer("attachments__data").in_bulk(list(ids)) if ids else {}


def _rivals(messages: Iterable[Message]) -> dict[UUID, list[Entry]]:
    wanted = {message.comparison for message in messages}
    groups: dict[UUID, list[Entry]] = defaultdict(list)
    if wanted:
        rows = Message.objects.filter(comparison__in=wanted).select_related("trip").order_by("pk")
        for row in rows:
            if row.comparison is not None:
                groups[row.comparison].append(Entry(row))
    return groups


def _add_trips(found: list[Entry]) -> None:
    """Everything about the trips in a fixed number of queries."""
    ids = [entry.message.trip_id for entry in found if entry.message.trip_id]
    legs: dict[UUID, list[Leg]] = defaultdict(list)
    for leg in Leg.objects.filter(trip_id__in=ids).order_by("pk"):
        legs[leg.trip_id].append(leg)
    thought = set(
        TripPayload.objects.filter(trip_id__in=ids)
        .exclude(thinking="")
        .values_list("pk", flat=True)
    )
    ratings = dict(Outcome.objects.filter(trip_id__in=ids).values_list("trip_id", "kind"))
    for entry in found:
        trip = entry.trip
        if trip is None:
            entry.html = rendering.html_of(entry.message)
            continue
        tried = legs[trip.pk]
        entry.leg = tried[-1] if tried else None
        entry.shifts = _shifts(tried)
        entry.has_thinking = trip.pk in thought
        entry.rating = ratings.get(trip.pk, "")
        if trip.is_final:
            entry.html = rendering.html_of(entry.message)
        else:
            entry.live = live(trip)
        if trip.state == Trip.State.STOPPED:
            entry.freed_nano = _freed_nano(trip)
        elif trip.state == Trip.State.FAILED:
            entry.next_step = _next_step(trip)


def _shifts(tried: Sequence[Leg]) -> list[Shift]:
    """What failed before the last call, one line for each model that was tried in a row."""
    failed = [leg for leg in tried[:-1] if leg.state == Leg.State.FAILED]
    found = []
    for gear, group in groupby(failed, lambda leg: leg.gear):
        legs = [*group]
        found.append(Shift(gear, legs[-1].error, len(legs), is_left=gear != tried[-1].gear))
    return found


def _add_prompts(found: list[Entry]) -> None:
    made = [entry for entry in found if entry.message.prompt_version_id]
    if not made:
        return
    writer = Conversation.objects.values_list("user_id", flat=True)
    ids = {entry.message.prompt_version_id or 0 for entry in made}
    versions = prompts.visible_versions(writer.get(pk=made[0].message.conversation_id), ids)
    for entry in made:
        entry.prompt = versions.get(entry.message.prompt_version_id or 0)


def live(trip: Trip) -> Live:
    text, last = OpenText(), 0
    thinking: list[str] = []
    rows = TripEvent.objects.filter(trip=trip).order_by("seq")
    for seq, kind, payload in rows.values_list("seq", "kind", "payload"):
        last = seq
        if kind == "routed":  # a run that went on begins its answer anew
            text = OpenText()
            thinking.clear()
        elif kind == "text":
            text.feed(payload["text"])
        elif kind == "thinking":
            thinking.append(payload["text"])
    return Live(text.html, text.tail, "".join(thinking), last)


def _next_step(trip: Trip) -> str:
    told = TripEvent.objects.filter(trip=trip, kind="trip_finished").order_by("-seq").first()
    return str(told.payload.get("next_step", "")) if told else ""


def _freed_nano(trip: Trip) -> int:
    """What was held for a stopped answer and is free again."""
    held = Reservation.objects.filter(leg__trip=trip).aggregate(held=Sum("amount_nano"))["held"]
    return max(0, (held or 0) - trip.cost_nano)
