"""The audit log: who, what and where; read by whom it concerns; changed by nobody."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction

from orchestrator.files import cells
from orchestrator.models import AuditEntry, Team
from orchestrator.services.database import in_thread
from orchestrator.services.money import budgets
from orchestrator.services.people import audit, audit_search, signin, tokens
from orchestrator.services.people.audit import Area
from orchestrator.services.people.audit_search import Filter
from orchestrator.services.setup import options
from tests.services.people.crew import Crew, muster

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew() -> Crew:
    return muster()


def test_who_acts_is_said_once_by_the_face(crew: Crew) -> None:
    with audit.acting(lambda: audit.person(crew.admin, "page")):
        audit.record(Area.TEAMS, "Name of the team", before="A", after="B", team=crew.team)
    audit.record(Area.OPTIONS, "Swept")
    inside, outside = AuditEntry.objects.order_by("id")
    assert (inside.actor_id, inside.actor_name, inside.source) == (crew.admin.pk, "t-admin", "page")
    assert (inside.team_name, inside.before, inside.after) == ("Engineers", "A", "B")
    assert (outside.actor_id, outside.actor_name) == (None, "system")


def test_an_entry_is_one_line_and_never_too_long() -> None:
    made = audit.record(Area.KEYS, "a\r\nb\u2028c", before="x" * 900)
    assert made.what == "a  b c"
    assert len(made.before) == 500


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_or_delete_an_entry(change: str) -> None:
    made = audit.record(Area.KEYS, "Key set")
    same = AuditEntry.objects.filter(pk=made.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        same.update(what="nothing") if change == "update" else same.delete()
    assert AuditEntry.objects.get().what == "Key set"


def test_an_entry_outlives_its_team(crew: Crew) -> None:
    audit.record(Area.TEAMS, "Something", team=crew.team)
    Team.objects.all().delete()
    assert AuditEntry.objects.get().team_name == "Engineers"


def test_it_is_read_by_those_it_concerns(crew: Crew) -> None:
    other = Team.objects.create(name="Other")
    audit.record(Area.TEAMS, "ours", team=crew.team)
    audit.record(Area.TEAMS, "theirs", team=other)
    audit.record(Area.OPTIONS, "everybody's")
    seen = {
        name: list(audit_search.entries(user, Filter()).values_list("what", flat=True))
        for name, user in crew.everybody().items()
    }
    nobody: list[str] = []
    assert seen == {
        "owner": ["ours"],
        "admin": ["ours"],
        "member": nobody,
        "viewer": nobody,
        "stranger": nobody,
    }
    assert audit_search.entries(signin.ensure_owner(), Filter()).count() == 3
    foreign = audit_search.entries(crew.admin, Filter(team_id=other.pk))
    assert not foreign.exists()


def test_filters_and_pages(crew: Crew) -> None:
    boss = signin.ensure_owner()
    with audit.acting(lambda: audit.person(crew.admin, "page")):
        for number in range(5):
            audit.record(Area.BUDGETS, f"b{number}")
    audit.record(Area.KEYS, "k")
    assert audit_search.entries(boss, Filter(area="keys")).count() == 1
    assert audit_search.entries(boss, Filter(person="T-ADMIN")).count() == 5
    newest = audit_search.entries(boss, Filter(area="budgets"))[:2]
    older = audit_search.entries(boss, Filter(area="budgets", before=newest[1].pk))
    assert [entry.what for entry in older] == ["b2", "b1", "b0"]
    today = datetime.now(UTC).date()
    assert audit_search.entries(boss, Filter(since=today, until=today)).count() == 6
    assert audit_search.entries(boss, Filter(until=date(2020, 1, 1))).count() == 0


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_the_export_is_a_formula(evil: str) -> None:
    audit.record(Area.KEYS, "set", before=evil, after='a,"b"')
    lines = "".join(audit_search.csv_lines(AuditEntry.objects.all()))
    header, row = csv.reader(io.StringIO(lines))
    assert tuple(header) == audit_search.COLUMNS
    assert [cells.harmless(cell) for cell in row] == row
    assert row[-1] == 'a,"b"'


def test_what_other_services_change_is_written_down() -> None:
    boss = signin.ensure_owner()
    with audit.acting(lambda: audit.person(boss, "terminal")):
        made = tokens.create(boss, "laptop")
        tokens.revoke(boss, made.token.public_id, datetime.now(UTC))
        options.put("policy", "premium")
        options.put("policy", "premium")
        options.reset("policy")
        budget = budgets.set_limit("global", "", "day", 3 * budgets.NANO)
        budgets.grant(budget, budgets.NANO, "more", boss)
    found = AuditEntry.objects.order_by("id").values_list("area", "what", "before", "after")
    assert list(found) == [
        ("tokens", "API token laptop made", "", "call, trips"),
        ("tokens", f"API token {made.token.public_id} revoked", "", ""),
        ("options", "Option policy", "balanced", "premium"),
        ("options", "Option policy", "", "the default"),
        ("budgets", "Set: global budget per day (usd)", "no limit", "$3.00"),
        ("budgets", "Granted: global budget per day (usd)", "", "$1.00"),
    ]
    assert set(AuditEntry.objects.values_list("actor_name", flat=True)) == {"owner"}


async def test_who_acts_is_known_in_the_threads_of_the_database() -> None:
    with audit.acting(lambda: audit.Actor(7, "ada", "page")):
        assert (await in_thread(lambda: audit._actor.get()())).name == "ada"
