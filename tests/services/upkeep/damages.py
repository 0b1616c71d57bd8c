"""Ways to break what must always hold: each does to one answered trip what no code should."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from orchestrator.models import (
    ApiToken,
    Breaker,
    BudgetPeriod,
    Conversation,
    LedgerEntry,
    Leg,
    Message,
    Posterior,
    ProviderShare,
    Reservation,
    Step,
    SweeperLock,
    Trip,
    TripEvent,
    UsageDay,
    User,
)

Damage = Callable[[Trip], None]
KEY = "sk-ant-api03-0123456789abcdef0123456789"
LONG_AGO = timezone.now() - timedelta(hours=30)


def spent_by_nobody(trip: Trip) -> None:
    BudgetPeriod.objects.update(spent_nano=F("spent_nano") + 1)


def booked_again(trip: Trip) -> None:
    LedgerEntry.objects.create(
        reservation=Reservation.objects.get(), kind="unknown", amount_nano=1, currency="demo"
    )


def told_other_than_booked(trip: Trip) -> None:
    Leg.objects.filter(trip=trip).update(cost_nano=F("cost_nano") + 1)


def dearer(trip: Trip) -> None:
    Trip.objects.filter(pk=trip.pk).update(cost_nano=10**12)


def miscounted_day(trip: Trip) -> None:
    UsageDay.objects.update(cost_nano=F("cost_nano") + 1)


def held_for_nobody(trip: Trip) -> None:
    BudgetPeriod.objects.update(reserved_nano=F("reserved_nano") + 1)


def lent_to_nobody(trip: Trip) -> None:
    BudgetPeriod.objects.update(lent_nano=F("lent_nano") + 1)


def held_after_the_end(trip: Trip) -> None:
    Reservation.objects.update(state="held")


def held_after_the_call(trip: Trip) -> None:
    Trip.objects.filter(pk=trip.pk).update(state="driving")
    held_after_the_end(trip)


def untold_overrun(trip: Trip) -> None:
    Reservation.objects.update(amount_nano=1, actual_nano=5)


def lost_message(trip: Trip) -> None:
    chat = Conversation.objects.create(user_id=trip.user_id)
    Trip.objects.filter(pk=trip.pk).update(conversation=chat)


def driven_too_long(trip: Trip) -> None:
    Trip.objects.filter(pk=trip.pk).update(
        state="driving", lease_until=LONG_AGO, deadline_at=LONG_AGO
    )


def waiting_too_long(trip: Trip) -> None:
    somebody_sweeps()
    Trip.objects.filter(pk=trip.pk).update(state="paused", deadline_at=LONG_AGO)


def two_answers(trip: Trip) -> None:
    no_hold(trip)
    Leg.objects.filter(path="9").update(path="1", attempt=7)


def lost_event(trip: Trip) -> None:
    TripEvent.objects.filter(trip=trip, seq=2).delete()


def lost_end(trip: Trip) -> None:
    TripEvent.objects.filter(trip=trip, kind="trip_finished").delete()


def more_after_the_end(trip: Trip) -> None:
    count = TripEvent.objects.filter(trip=trip).count()
    TripEvent.objects.create(trip=trip, seq=count + 1, kind="gauge_moved", payload={})


def lost_piece(trip: Trip) -> None:
    TripEvent.objects.filter(trip=trip, kind="text").update(payload={"leg": "", "text": "?"})


def trip_in_anothers_chat(trip: Trip) -> None:
    Trip.objects.filter(pk=trip.pk).update(conversation=chat_of_another())


def answer_in_anothers_chat(trip: Trip) -> None:
    Message.objects.create(conversation=chat_of_another(), role="assistant", trip=trip)


def paid_with_anothers_token(trip: Trip) -> None:
    token = ApiToken.objects.create(
        public_id="x", digest="x", name="x", user=User.objects.create(username="eve")
    )
    Trip.objects.filter(pk=trip.pk).update(token=token)


def told_key(trip: Trip) -> None:
    Trip.objects.filter(pk=trip.pk).update(error=f"401 for {KEY}")


def logged_key(trip: Trip) -> None:
    TripEvent.objects.filter(trip=trip, kind="leg_finished").update(
        payload={"error": f"401 for {KEY}"}
    )


def key_in_the_health(trip: Trip) -> None:
    Breaker.objects.create(provider="x", model_id="x", last_error=f"401 for {KEY}")


def old_log(trip: Trip) -> None:
    somebody_sweeps()
    Trip.objects.filter(pk=trip.pk).update(finished_at=LONG_AGO)


def old_share(trip: Trip) -> None:
    somebody_sweeps()
    ProviderShare.objects.create(provider="x", owner="x", wanted=1, granted=1, until=LONG_AGO)


def forgotten_item(trip: Trip) -> None:
    Step.objects.create(
        trip=trip, path="items.1", parent="items", number=1, name="item", state="waiting"
    )


def hole_in_the_items(trip: Trip) -> None:
    Step.objects.create(trip=trip, path="items.2", parent="items", number=2, name="item")


def no_hold(trip: Trip) -> None:
    Leg.objects.create(
        trip=trip, path="9", gear="demo-1", level=1, provider="demo", model_id="demo-1",
        throttle=0, started_at=timezone.now(), state="done",
    )  # fmt: skip


def open_call(trip: Trip) -> None:
    Leg.objects.filter(trip=trip).update(state="driving")


def unheard(trip: Trip) -> None:
    somebody_sweeps()
    Trip.objects.filter(pk=trip.pk).update(
        state="queued", announced_at=None, created_at=LONG_AGO, finished_at=None
    )


def dead_driver(trip: Trip) -> None:
    somebody_sweeps()
    Trip.objects.filter(pk=trip.pk).update(state="driving", lease_until=LONG_AGO)


def counted_twice(trip: Trip) -> None:
    Posterior.objects.create(road="chat", gear="g", trips=2, trained_at=timezone.now())


def row_of_nothing(trip: Trip) -> None:
    with connection.constraint_checks_disabled():
        TripEvent.objects.create(trip_id=uuid4(), seq=1, kind="text", payload={})


def damaged_copy(trip: Trip) -> None:
    copy = Path(settings.CLUTCH_HOME) / "backups" / "clutch-20261121T000000.db"
    copy.parent.mkdir()
    with closing(sqlite3.connect(copy)) as opened, opened:
        opened.execute("CREATE TABLE t (x TEXT)")
        opened.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 100)
    whole = copy.read_bytes()
    copy.write_bytes(whole[:8_192] + b"\xff" * 8_192 + whole[16_384:])


def somebody_sweeps() -> None:
    SweeperLock.objects.create(pk=1, until=timezone.now() + timedelta(seconds=5))


def chat_of_another() -> Conversation:
    return Conversation.objects.create(user=User.objects.create(username="eve"))


# Number and name of what each of them breaks.
DAMAGES: tuple[tuple[str, str, Damage], ...] = (
    ("I1", "ledger ties", spent_by_nobody),
    ("I1", "entries tie", booked_again),
    ("I1", "entries tie", told_other_than_booked),
    ("I1", "trips tie", dearer),
    ("I1", "reports tie", miscounted_day),
    ("I2", "holds tie", held_for_nobody),
    ("I2", "loans tie", lent_to_nobody),
    ("I2", "no leaked hold", held_after_the_end),
    ("I2", "no leaked hold", held_after_the_call),
    ("I3", "overruns are told", untold_overrun),
    ("I4", "no lost message", lost_message),
    ("I5", "trips end", driven_too_long),
    ("I5", "trips end", waiting_too_long),
    ("I6", "one answer each", two_answers),
    ("I7", "logs have no holes", lost_event),
    ("I7", "logs have no holes", lost_end),
    ("I7", "logs have no holes", more_after_the_end),
    ("I7", "logs tell the answer", lost_piece),
    ("I8", "nobody sees others", trip_in_anothers_chat),
    ("I8", "nobody sees others", answer_in_anothers_chat),
    ("I8", "nobody sees others", paid_with_anothers_token),
    ("I9", "no secret is told", told_key),
    ("I9", "no secret is told", logged_key),
    ("I9", "no secret is told", key_in_the_health),
    ("I10", "nothing grows for ever", old_log),
    ("I10", "nothing grows for ever", old_share),
    ("I11", "items add up", forgotten_item),
    ("I11", "items add up", hole_in_the_items),
    ("I12", "no call without a hold", no_hold),
    ("I13", "legs end", open_call),
    ("I14", "nobody waits unheard", unheard),
    ("I14", "nobody waits unheard", dead_driver),
    ("I15", "learning counts once", counted_twice),
    ("I16", "all can be read again", row_of_nothing),
    ("I16", "all can be read again", damaged_copy),
)
