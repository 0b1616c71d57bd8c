"""Exports: the same figures to the last nano-dollar, harmless cells, memory that does not grow."""

import csv
import io
import tracemalloc
import zipfile
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from orchestrator.models import Team, Trip, User
from orchestrator.services.reports import drilling, exporting, questions, reading
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.refusals import ReportRefused

from .conftest import NOON, MakeTrip

pytestmark = pytest.mark.django_db
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"


def ask(user: User, text: str = "") -> Question:
    return questions.read(user, parse_qs(f"currency=usd&{text}"), NOON.date())


def csv_rows(question: Question, what: str) -> list[dict[str, str]]:
    text = "".join(exporting.as_csv(exporting.table(question, what)))
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def sheet(question: Question, what: str) -> Any:
    with exporting.as_spreadsheet(exporting.table(question, what)) as file:
        book = zipfile.ZipFile(file)
        return ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))


def test_the_trips_behind_a_figure_add_up_to_it(make_trip: MakeTrip, ada: User) -> None:
    make_trip(legs=({"cost_nano": 3}, {"cost_nano": 4, "gear": "g2", "provider": "p2"}))
    make_trip(legs=({"cost_nano": 50, "gear": "g2", "provider": "p2"},), gear="g2")
    make_trip(legs=(), state="failed", gear="")
    make_trip(currency="demo")
    for query in ("", "gear=g2", "provider=p2", "gear=g1", "provider=-", "road=lane", "gear=-"):
        question = ask(ada, query)
        report = reading.answer(question)
        found = csv_rows(question, "trips")
        told = sum((Decimal(row["Cost in $"]) for row in found), Decimal(0))
        assert told == Decimal(report.totals.cost_nano).scaleb(-9), query
        if not {"gear", "provider"} & set(question.filters):
            assert len(found) == report.totals.trips


def test_every_trip_is_exported_once_however_many_pages(
    make_trip: MakeTrip, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drilling, "PAGE", 3)
    made = {str(make_trip().pk) for _ in range(10)}
    found = [row["Trip"] for row in csv_rows(ask(ada), "trips")]
    assert (set(found), len(found)) == (made, 10)


def test_groups_and_days_end_with_what_the_page_shows(make_trip: MakeTrip, ada: User) -> None:
    make_trip()
    make_trip(gear="g2", legs=({"cost_nano": 123_456_789_012},))
    groups, days = (csv_rows(ask(ada), what) for what in ("groups", "days"))
    assert groups[0]["Gear · model"] == "g2"
    assert groups[-1]["Cost in $"] == "123.456790012"
    assert sum(Decimal(row["Cost in $"]) for row in days) == Decimal("123.456790012")
    values = [cell.findtext("{*}v") for cell in sheet(ask(ada), "groups").iter(CELL)]
    assert "123.456790012" in values


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1"])
def test_no_cell_is_run_as_a_formula(make_trip: MakeTrip, ada: User, team: Team, name: str) -> None:
    make_trip(team=team, road=name, profile="a\r\nb,c", error_code=name)
    question = ask(ada, "group=road")
    for what in ("groups", "trips"):
        (row, *_) = csv_rows(question, what)
        cells = [value for value in row.values() if name.strip() in value]
        assert cells
        assert all(value.startswith("'") for value in cells)
        assert not list(sheet(question, what).iter(CELL.replace("}c", "}f")))
    assert csv_rows(question, "trips")[0]["Profile"] == "a b,c"


def test_who_sees_only_sums_exports_no_trips(bob: User, team: Team) -> None:
    bob.memberships.update(role="viewer")
    with pytest.raises(ReportRefused, match="not its trips"):
        exporting.table(ask(bob, f"scope=team:{team.pk}"), "trips")
    with pytest.raises(ReportRefused, match="cannot be exported"):
        exporting.table(ask(bob), "passwords")


def test_an_export_takes_no_more_memory_for_ten_times_the_trips(ada: User) -> None:
    def peak_after(count: int) -> int:
        Trip.objects.bulk_create(
            Trip(user=ada, source="page", state="done", deadline_at=NOON, created_at=NOON)
            for _ in range(count)
        )
        tracemalloc.start()
        for form in (exporting.as_csv, lambda found: exporting.pieces(spread(found))):
            for _ in form(exporting.table(ask(ada), "trips")):
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    spread = exporting.as_spreadsheet
    few = peak_after(2 * drilling.PAGE)
    many = peak_after(10 * drilling.PAGE)
    assert many < 1.3 * few
