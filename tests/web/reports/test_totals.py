"""Whatever was driven and whatever is asked: page, data, command and files agree."""

import csv
import io
import json
import random
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.models import Leg, Trip, TripPayload, UsageDay, User
from orchestrator.routing import fuel
from orchestrator.services.reports import exporting, questions, reading, rollups
from orchestrator.services.upkeep import startup

from .conftest import AT

pytestmark = pytest.mark.django_db
GEARS = (("g1", "p1"), ("g2", "p1"), ("g3", "p2"))
FILTERS: dict[str, tuple[str, ...]] = {
    "gear": ("g1", "g2", "g3", "-"),
    "provider": ("p1", "p2", "-"),
    "road": ("lane", "-"),
    "pattern": ("swarm",),
    "tag": ("x", "y", "-"),
    "profile": ("careful", "-"),
    "member": ("ada", "bob", "nobody"),
}


def drive(chance: random.Random, user: User) -> None:
    """Money, tokens and states of every kind; some calls go elsewhere than was chosen."""
    gear = chance.choice([*GEARS, ("", "")])
    at = AT - timedelta(hours=chance.randrange(50))
    trip = Trip.objects.create(
        user=user, source="page", state=chance.choice(Trip.FINAL), gear=gear[0],
        road=chance.choice(("lane", "")), pattern=chance.choice(("single", "swarm")),
        profile=chance.choice(("careful", "")), tags=chance.choice(("", "\nx\n", "\nx\ny\n")),
        created_at=at, started_at=at, finished_at=at + timedelta(seconds=chance.random() * 50),
        deadline_at=at, currency=chance.choice(("usd", "usd", "demo")),
        baseline_nano=chance.choice((None, chance.randrange(10**12))),
    )  # fmt: skip
    TripPayload.objects.create(trip=trip, request={})
    for number in range(chance.randrange(4)):
        called = chance.choice(GEARS)
        Leg.objects.create(
            trip=trip, path=str(number), gear=called[0], provider=called[1], level=1, throttle=0,
            model_id="m", state=chance.choice(("done", "failed")), started_at=at,
            cost_nano=chance.randrange(10**12), currency=trip.currency,
            input_tokens=chance.randrange(10**6), output_tokens=chance.randrange(10**6),
        )  # fmt: skip
    trip.cost_nano = sum(leg.cost_nano for leg in trip.legs.all())
    trip.save()


@st.composite
def asked(draw: Callable[..., Any]) -> list[tuple[str, str]]:
    pairs = [("period", "30d"), ("group", draw(st.sampled_from(sorted(FILTERS))))]
    pairs.append(("currency", draw(st.sampled_from(("usd", "demo")))))
    for name in draw(st.lists(st.sampled_from(sorted(FILTERS)), max_size=3, unique=True)):
        many = st.lists(st.sampled_from(FILTERS[name]), min_size=1, max_size=2, unique=True)
        pairs += [(name, value) for value in draw(many)]
    return pairs


def in_file(question: questions.Question, what: str) -> Decimal:
    text = "".join(exporting.as_csv(exporting.table(question, what)))[1:]
    found = list(csv.DictReader(io.StringIO(text)))
    rows = found[-1:] if what == "groups" else found
    return sum((Decimal(row["Cost in $"]) for row in rows), Decimal(0))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), pairs=asked())
def test_all_faces_tell_the_same_to_the_last_nano_dollar(
    db: None, seed: int, pairs: list[tuple[str, str]]
) -> None:
    UsageDay.objects.all().delete()
    Trip.objects.all().delete()
    root = User.objects.filter(username="root").first() or User.objects.create_superuser("root")
    people = [User.objects.get_or_create(username=name)[0] for name in ("ada", "bob")]
    chance = random.Random(seed)
    for _ in range(chance.randrange(12)):
        drive(chance, chance.choice(people))
    client = Client()
    client.force_login(root)
    query = urlencode(pairs)
    by_values: dict[str, list[str]] = {}
    for name, value in pairs:
        by_values.setdefault(name, []).append(value)
    question = questions.read(root, by_values, AT.date())
    totals = reading.answer(question).totals
    told = client.get(f"/reports/data.json?{query}").json()
    assert told["totals"]["cost_nano"] == totals.cost_nano
    assert sum(step["cost_nano"] for step in told["steps"]) == totals.cost_nano
    if question.group != "tag":
        for name in ("cost_nano", "trips", "calls", "baseline_nano", "good", "output_tokens"):
            assert sum(line[name] for line in told["groups"]) == told["totals"][name], name
    page = client.get(f"/reports/?{query}").content.decode()
    shown = f"{fuel.dollars(totals.cost_nano) if totals.cost_nano else '$0'}"
    card = re.search(r"<dt>Spend</dt><dd[^>]*>([^<]*)</dd>", page)
    assert card
    assert card[1].removesuffix(" demo") == shown
    exact = Decimal(totals.cost_nano).scaleb(-9)
    assert [in_file(question, what) for what in ("groups", "days", "trips")] == [exact] * 3
    if not {"gear", "provider"} & set(question.filters):
        rows = list(exporting.table(question, "trips")[1])
        assert len(rows) == totals.trips


def test_the_command_tells_what_the_page_tells(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from orchestrator.cli import main

    startup.prepare()
    owner = User.objects.get(is_owner=True)
    chance = random.Random(3)
    for _ in range(20):
        drive(chance, owner)
    client = Client()
    client.force_login(owner)
    for name in ("CLUTCH_BARE", "CLUTCH_LOG_LEVEL"):
        monkeypatch.setenv(name, "")
    words = ["report", "--period", "30d", "--group", "gear", "--where", "gear=g1", "--demo"]
    monkeypatch.setattr("sys.argv", ["clutch", *words, "--json"])
    with pytest.raises(SystemExit):
        main.command()
    said = json.loads(capsys.readouterr().out)
    told = client.get("/reports/data.json?period=30d&group=gear&gear=g1&currency=demo").json()
    assert said == told
    assert said["totals"]["calls"] > 0
    assert rollups.waiting() == 0
