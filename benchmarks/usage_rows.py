"""A year of trips and calls for `benchmarks.reports`: the same rows for the same numbers.

Two hundred people with habits: each has a team, two kinds of task and the gears that go with them.
"""

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

PEOPLE, TEAMS, DAYS = 200, 10, 365
ROADS = ("lane", "country-road", "highway", "motorway", "mountain-pass", "racetrack")
GEARS = (("g1", 1, "anthropic"), ("g2", 2, "google"), ("g3", 3, "openai"))
GEARS += (("g4", 4, "openai"), ("g5", 5, "anthropic"))
TAGS = ("", "\nbilling\n", "\nresearch\n", "\nbilling\nurgent\n")
PROFILES = ("", "", "careful", "quick")
# Three in five are single calls and the others runs of eleven: five calls on the average.
RUN_SHARE, RUN_CALLS = 0.4, 11
TRIP_COLUMNS = (
    "id", "user_id", "team_id", "token_id", "conversation_id", "source", "pattern", "state",
    "idempotency_key", "request_digest", "headline", "road", "gear", "throttle", "is_exploration",
    "is_by_hand", "profile", "prompt_id", "tags", "counted_at", "fleet_version", "lease_owner",
    "attempts", "deadline_at", "created_at", "started_at", "finished_at", "input_tokens",
    "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "currency",
    "cost_nano", "baseline_gear", "baseline_nano", "error_code", "error", "profile_budget",
)  # fmt: skip
LEG_COLUMNS = (
    "id", "trip_id", "path", "attempt", "gear", "level", "provider", "model_id", "throttle",
    "setting", "state", "started_at", "sent_at", "first_token_s", "seconds", "finished_at",
    "expected_output_tokens", "input_tokens", "cached_input_tokens", "cache_write_tokens",
    "output_tokens", "reasoning_tokens", "is_usage_estimated", "currency", "price_version",
    "cost_nano", "stop_reason", "error_code", "error", "provider_request_id",
)  # fmt: skip
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Person:
    user_id: int
    team_id: int
    token_id: uuid.UUID


def rows(people: Sequence[Person], count: int, now: datetime) -> Iterator[tuple[Row, list[Row]]]:
    """Each trip with its calls, oldest first."""
    chance = random.Random(7)
    step = timedelta(days=DAYS) / count
    begin = now - timedelta(days=DAYS)
    for number in range(count):
        yield _trip(chance, people[chance.randrange(len(people))], begin + number * step, number)


def _trip(
    chance: random.Random, person: Person, at: datetime, number: int
) -> tuple[Row, list[Row]]:
    trip_id = _id(chance, at)
    habit = person.user_id % len(ROADS)
    road = ROADS[habit if chance.random() < 0.7 else (habit + 1) % len(ROADS)]
    gear = GEARS[(habit + (road != ROADS[habit])) % len(GEARS)]
    is_run = chance.random() < RUN_SHARE
    state = "done" if chance.random() < 0.96 else chance.choice(("failed", "stopped", "stalled"))
    calls = RUN_CALLS if is_run else 1
    legs = [
        _leg(chance, trip_id, at, place, gear if place % 3 else GEARS[0]) for place in range(calls)
    ]
    sums = [sum(leg[LEG_COLUMNS.index(name)] for leg in legs) for name in SUMMED]
    took = timedelta(seconds=chance.expovariate(1 / 4))
    cost_nano = sums[-1]
    token = person.token_id if chance.random() < 0.2 else None
    return (
        trip_id, person.user_id, person.team_id, token, None, "page",
        "swarm" if is_run else "single", state, "", "", f"task {number}", road, gear[0], 50,
        False, number % 11 == 0, PROFILES[person.user_id % 4], None, TAGS[person.user_id % 4],
        None, 1, "", 1, at, at, at, at + took, *sums[:-1], "usd", cost_nano, "g5", cost_nano * 3,
        "", "", "",
    ), legs  # fmt: skip


SUMMED = (
    "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens",
    "reasoning_tokens", "cost_nano",
)  # fmt: skip


def _leg(
    chance: random.Random, trip_id: uuid.UUID, at: datetime, place: int, gear: tuple[str, int, str]
) -> Row:
    tokens_in, tokens_out = chance.randrange(50, 5_000), chance.randrange(10, 2_000)
    name, level, provider = gear
    return (
        _id(chance, at), trip_id, str(place), 1, name, level, provider, name, 50, "{}", "done",
        at, at, 0.5, 3.0, at, 0, tokens_in, tokens_in // 4, 0, tokens_out, tokens_out // 10,
        False, "usd", "", level * (tokens_in * 1_000 + tokens_out * 5_000), "", "", "", "",
    )  # fmt: skip


def _id(chance: random.Random, at: datetime) -> uuid.UUID:
    """As the product makes them: ordered by time."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62
    return uuid.UUID(int=value | chance.getrandbits(62))


def load(people: Sequence[Person], count: int) -> None:
    """COPY into PostgreSQL, batches of many rows into SQLite."""
    from django.db import connection

    now = datetime.now(UTC)
    write = _copy if connection.vendor == "postgresql" else _execute_many
    batch: list[Row] = []
    calls: list[Row] = []
    for trip, legs in rows(people, count, now):
        batch.append(trip)
        calls += legs
        if len(batch) == 20_000:
            write("orchestrator_trip", TRIP_COLUMNS, batch)
            write("orchestrator_leg", LEG_COLUMNS, calls)
            batch, calls = [], []
    write("orchestrator_trip", TRIP_COLUMNS, batch)
    write("orchestrator_leg", LEG_COLUMNS, calls)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(table: str, columns: Sequence[str], found: Iterable[Row]) -> None:
    from django.db import connection

    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in found:
            copy.write_row(row)


def _execute_many(table: str, columns: Sequence[str], found: Iterable[Row]) -> None:
    from django.db import connection, transaction

    places = ", ".join(["%s"] * len(columns))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})",
            [tuple(_plain(value) for value in row) for row in found],
        )


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
