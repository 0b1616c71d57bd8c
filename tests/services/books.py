"""An independent recount of the money tables: what must hold after anything that happened."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.models import BudgetPeriod, LedgerEntry, Reservation

Row = Mapping[str, Any]
Rows = Mapping[str, list[Row]]


def rows() -> dict[str, list[dict[str, Any]]]:
    """The raw rows, as JSON can carry them."""
    return {
        "periods": list(
            BudgetPeriod.objects.values(
                *("id", "limit_nano", "granted_nano", "lent_nano", "spent_nano", "reserved_nano")
            )
        ),
        "reservations": [
            {**row, "id": str(row["id"])}
            for row in Reservation.objects.values(
                "id", "amount_nano", "actual_nano", "state", "period_ids"
            )
        ],
        "entries": [
            {**row, "reservation_id": str(row["reservation_id"])}
            for row in LedgerEntry.objects.values("reservation_id", "kind", "amount_nano")
        ],
    }


def faults(found: Rows, *, may_overrun: bool = False) -> list[str]:
    """Every sentence is something that does not tie."""
    return [
        *_period_faults(found["periods"], found["reservations"], may_overrun=may_overrun),
        *_entry_faults(found["reservations"], found["entries"]),
    ]


def _period_faults(
    periods: Iterable[Row], reservations: Iterable[Row], *, may_overrun: bool
) -> Iterable[str]:
    held: Counter[int] = Counter()
    spent: Counter[int] = Counter()
    for each in reservations:
        for period_id in each["period_ids"]:
            held[period_id] += each["amount_nano"] if each["state"] == "held" else 0
            spent[period_id] += each["actual_nano"] if each["state"] == "settled" else 0
    for period in periods:
        name = period["id"]
        if period["reserved_nano"] != held[name]:
            yield f"period {name} reserves {period['reserved_nano']}, holds are {held[name]}"
        if period["spent_nano"] != spent[name]:
            yield f"period {name} has spent {period['spent_nano']}, settled are {spent[name]}"
        if period["limit_nano"] is not None and not may_overrun:
            limit = period["limit_nano"] + period["granted_nano"] - period["lent_nano"]
            if held[name] + spent[name] > limit:
                yield f"period {name} is at {held[name] + spent[name]}, above {limit}"


def _entry_faults(reservations: Iterable[Row], entries: Iterable[Row]) -> Iterable[str]:
    written: dict[str, dict[str, int]] = defaultdict(dict)
    for entry in entries:
        kinds = written[entry["reservation_id"]]
        if entry["kind"] in kinds:
            yield f"{entry['reservation_id']} has two entries {entry['kind']}"
        kinds[entry["kind"]] = entry["amount_nano"]
    for each in reservations:
        kinds = written.pop(each["id"], {})
        if kinds not in _expected(each):
            yield f"{each['id']} is {each['state']} and its entries are {kinds}"
    for orphan in written:
        yield f"{orphan} has entries and no reservation"


def _expected(each: Row) -> list[dict[str, int]]:
    hold, actual = each["amount_nano"], each["actual_nano"]
    begun = {"reserve": hold}
    if each["state"] == "held":
        return [begun]
    if each["state"] == "released":
        return [{**begun, "release": hold}]
    overrun = {"overrun": actual - hold} if actual > hold else {}
    settled = {**begun, "settle": actual, **overrun}
    return [settled, {**begun, "unknown": hold}] if actual == hold else [settled]
