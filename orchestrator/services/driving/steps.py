"""What the places of a run produced: kept once, so that a crash never pays for them twice."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from orchestrator.models import Leg, Step
from orchestrator.patterns.crew import Answer, Item, Kept, Result, Tally
from orchestrator.providers.vocabulary import StopReason
from orchestrator.services.driving.interruptions import INTERRUPTED

MAX_INTERRUPTIONS = 3
BATCH = 500


def recall(trip_id: UUID, path: str) -> Answer | None:
    step = Step.objects.filter(trip_id=trip_id, path=path, state=Step.State.DONE).first()
    return None if step is None else _answer(step)


def _answer(step: Step) -> Answer:
    reason = StopReason(step.stop_reason) if step.stop_reason else None
    return Answer(text=step.text, gear=step.gear, stop_reason=reason)


def keep(written: Iterable[tuple[UUID, Kept]]) -> None:
    """A place is new, an item stands there already; either way it has its answer now."""
    rows = [
        Step(
            trip_id=trip_id,
            path=kept.path,
            name=kept.name[:100],
            state=Step.State.DONE if kept.is_accepted else Step.State.WAITING,
            gear=kept.answer.gear,
            given=kept.given,
            text=kept.answer.text,
            stop_reason=kept.answer.stop_reason or "",
        )
        for trip_id, kept in written
    ]
    if rows:
        Step.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["trip", "path"],
            update_fields=["state", "gear", "text", "stop_reason"],
        )


def interruptions(trip_id: UUID) -> Counter[str]:
    """How often a driver died under each place; the tries of one item count together."""
    paths = Leg.objects.filter(trip_id=trip_id, error_code=INTERRUPTED[0])
    return Counter(place_of(path) for path in paths.values_list("path", flat=True))


def place_of(path: str) -> str:
    """The place a leg was for: what comes after an item's number tells its tries apart."""
    before, mark, rest = path.rpartition("items.")
    return f"{before}{mark}{rest.partition('.')[0]}" if mark else path


@dataclass(frozen=True, slots=True)
class Items:
    """What a swarm is given, under the path of its place."""

    path: str
    name: str
    texts: Sequence[str]


def lay_out(trip_id: UUID, items: Items) -> None:
    """Unless they stand there already, all of them or none."""
    if Step.objects.filter(trip_id=trip_id, parent=items.path).exists():
        return
    rows = [
        Step(
            trip_id=trip_id,
            path=f"{items.path}.{number}",
            parent=items.path,
            number=number,
            name=items.name[:100],
            state=Step.State.WAITING,
            given=text,
        )
        for number, text in enumerate(items.texts, start=1)
    ]
    Step.objects.bulk_create(rows, batch_size=BATCH)


def tally(trip_id: UUID, path: str) -> Tally:
    counts = Step.objects.filter(trip_id=trip_id, parent=path).aggregate(
        total=Count("id"),
        done=Count("id", filter=Q(state=Step.State.DONE)),
        failed=Count("id", filter=Q(state=Step.State.FAILED)),
    )
    return Tally(**counts)


def open_items(trip_id: UUID, path: str, after: int, most: int) -> list[Item]:
    rows = Step.objects.filter(
        trip_id=trip_id, parent=path, state=Step.State.WAITING, number__gt=after
    )
    return [_item(row, 0) for row in rows.order_by("number")[:most]]


def suspects(trip_id: UUID, path: str) -> list[Item]:
    died = {place: count for place, count in interruptions(trip_id).items() if count}
    rows = Step.objects.filter(
        trip_id=trip_id, parent=path, state=Step.State.WAITING, path__in=list(died)
    )
    return sorted(
        (_item(row, died[row.path]) for row in rows),
        key=lambda item: (item.interruptions, item.number),
    )


def _item(row: Step, interrupted: int) -> Item:
    answer = _answer(row) if row.gear else None
    return Item(row.path, row.number, row.given, interrupted, answer)


def results(trip_id: UUID, path: str, after: int, most: int) -> list[Result]:
    rows = Step.objects.filter(
        trip_id=trip_id, parent=path, state=Step.State.DONE, number__gt=after
    )
    found = rows.order_by("number").values_list("number", "given", "text")[:most]
    return [Result(*row) for row in found]


def accept(trip_id: UUID, path: str) -> None:
    Step.objects.filter(trip_id=trip_id, path=path).update(state=Step.State.DONE, error="")


def give_up(trip_id: UUID, path: str, error: str) -> None:
    Step.objects.filter(trip_id=trip_id, path=path).update(
        state=Step.State.FAILED, error=error[:500]
    )
