"""Rules written as a Markdown table: read by the names of columns, applied whole or not at all."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.models import FleetVersion, Rule, User
from orchestrator.routing.types import Overrides
from orchestrator.services.driving import planning
from orchestrator.services.driving.requests import from_text
from orchestrator.services.people import signin
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import rule_imports, rule_tables
from orchestrator.services.setup.rule_tables import InvalidTable

TABLE = """
# Our routes

Some words about them.

| Name   | When                                       | Gear     | Throttle | Reason      |
|--------|:-------------------------------------------|:--------:|---------:|-------------|
| bills  | keywords: invoice, "tax return"; tools: no | `demo-2` | 40 %     | cheap works |
|        | country-road, hard                         | demo-3   | -        |             |

And more words.
"""


def only(header: str, row: str) -> rule_tables.Draft:
    ruler = "|".join("---" for _ in header.split("|"))
    (draft,) = rule_tables.read(f"| {header} |\n|{ruler}|\n| {row} |\n")
    return draft


def test_a_row_is_a_rule_and_its_place_its_order() -> None:
    bills, hard = rule_tables.read(TABLE)
    assert (bills.line, bills.name, bills.order) == (8, "bills", 100)
    assert bills.when == {"keywords": ["invoice", "tax return"], "has_tools": False}
    assert bills.then == {"use_gear": "demo-2", "throttle": 40}
    assert bills.reason == "cheap works"
    assert (hard.name, hard.order) == ("country-road-hard", 101)
    assert hard.when == {"roads": ["country-road", "hard"]}
    assert hard.then == {"use_gear": "demo-3"}


@pytest.mark.parametrize(
    ("header", "cell", "when"),
    [
        ("Road", "country-road", {"roads": ["country-road"]}),
        ("keywords", "a \\| b, c", {"keywords": ["a | b", "c"]}),
        ("PURPOSES", "coding,  maths", {"purposes": ["coding", "maths"]}),
        ("language", "de", {"languages": ["de"]}),
        ("has_images", "Yes", {"has_images": True}),
        ("**min context tokens**", "32,000", {"min_context_tokens": 32_000}),
        ("max difficulty", "0.5", {"max_difficulty": 0.5}),
        ("offline provider", "anthropic", {"offline_provider": "anthropic"}),
        ("when", "min difficulty: 0.7; language: de", {"min_difficulty": 0.7, "languages": ["de"]}),
        ("when", "any", {}),
    ],
)
def test_conditions_by_column_or_in_one_cell(header: str, cell: str, when: dict[str, Any]) -> None:
    assert only(f"{header} | gear", f"{cell} | demo-1").when == when


@pytest.mark.parametrize(
    ("header", "cell", "then"),
    [
        ("gear", "demo-1", {"use_gear": "demo-1"}),
        ("throttle", "75%", {"throttle": 75}),
        ("min level", "G3", {"min_level": 3}),
        ("max_level", "2", {"max_level": 2}),
        ("pattern", "convoy", {"pattern": "convoy"}),
        ("forbid gears", "demo-4, demo-5", {"forbid_gears": ["demo-4", "demo-5"]}),
    ],
)
def test_actions_by_column(header: str, cell: str, then: dict[str, Any]) -> None:
    assert only(f"road | {header}", f"hard | {cell}").then == then


def test_an_end_and_an_order_can_be_said() -> None:
    draft = only("road | gear | ends at | order", "hard | demo-1 | 2026-12-31 | 7")
    assert (draft.ends_at, draft.order) == (datetime(2026, 12, 31, tzinfo=UTC), 7)


ROW = "| road | gear |\n|---|---|\n| hard | demo-1 |\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "There is no table"),
        ("| road | gear |\n| hard | demo-1 |", "There is no table"),
        ("| road | gear |\n|---|---|\n", "line 2: the table has no rows"),
        (f"{ROW}\n{ROW}", "line 5: a second table"),
        ("a\n| road | geer |\n|---|---|\n| x | y |", "line 2: there is no column 'geer'"),
        ("| road | Roads |\n|---|---|\n| x | y |", "line 1: the column 'Roads' is there twice"),
        ("| road | gear |\n|---|---|\n| a | b | c |", "line 3: 3 cells"),
        ("| when |\n|---|\n| colour: red |", "line 3: 'colour' is no condition"),
        ("| when | road |\n|---|---|\n| hard | easy |", "line 3: roads is said twice"),
        ("| road | ends at |\n|---|---|\n| hard | soon |", "line 3: ends at is a date"),
        ("| road | order |\n|---|---|\n| hard | first |", "line 3: order is a whole number"),
        ("| road | gear |\n|--|--|\n" + "| a | b |\n" * 501, "501 rows"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(InvalidTable, match=told.replace("|", "\\|")):
        rule_tables.read(text)


@given(st.text() | st.text(alphabet="|-: \nagnr,;%1é"))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    with suppress(InvalidTable):
        drafts = rule_tables.read(text)
        assert len({draft.line for draft in drafts}) == len(drafts) > 0


@pytest.fixture
def owner(caller: Caller) -> User:
    return signin.ensure_owner()


def rows() -> list[tuple[str, Any, Any, int, str]]:
    return list(Rule.objects.values_list("name", "when", "then", "order", "origin"))


@pytest.mark.django_db
def test_an_import_makes_rules_that_decide(owner: User, caller: Caller) -> None:
    changes = rule_imports.import_table(TABLE, owner)
    assert changes.created == ["rules bills", "rules country-road-hard"]
    assert {row[4] for row in rows()} == {"import"}
    receipt = planning.preview(caller, from_text("Check this invoice", overrides=Overrides()))
    assert (receipt["rule"], receipt["gear"], receipt["throttle"]) == ("bills", "demo-2", 40)


@pytest.mark.django_db
def test_the_same_table_again_changes_nothing_and_another_one_only_its_rows(owner: User) -> None:
    rule_imports.import_table(TABLE, owner)
    version = FleetVersion.objects.get().number
    again = rule_imports.import_table(TABLE, owner)
    assert (again.created, again.changed, again.unchanged) == ([], [], 2)
    assert FleetVersion.objects.get().number == version
    changed = rule_imports.import_table(TABLE.replace("40 %", "50 %"), owner)
    assert (changed.created, changed.changed, changed.unchanged) == ([], ["rules bills"], 1)


@pytest.mark.django_db
def test_a_dry_run_says_what_would_change_and_writes_nothing(owner: User) -> None:
    version = FleetVersion.objects.get().number
    assert len(rule_imports.import_table(TABLE, owner, dry_run=True).created) == 2
    assert rows() == []
    assert FleetVersion.objects.get().number == version


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("| bad | hard | nobody | 50 | |", "line 10: There is no gear named 'nobody'"),
        ("| bad | nowhere | demo-1 | 50 | |", "line 10: There is no road named 'nowhere'"),
        ("| bad | hard | demo-1 | 500 | |", "line 10: throttle is a number from 0 to 100"),
        ("| bad | hard | demo-1 | much | |", "line 10: throttle is a number"),
        ("| bad | tools: maybe | demo-1 | | |", "line 10: has_tools is true or false"),
        ("| bad | | demo-1 | | |", "line 10: A rule needs at least one condition"),
        ("| bad | hard | | | |", "line 10: A rule needs at least one action"),
        ("| Bad Name | hard | demo-1 | | |", "line 10: Use 1 to 63 small letters"),
        ("| bills | hard | demo-1 | | |", "line 10: the name 'bills' is in line 8 already"),
    ],
)
def test_one_wrong_row_keeps_all_out(owner: User, row: str, told: str) -> None:
    lines = TABLE.splitlines()
    text = "\n".join([*lines[:9], row, *lines[9:]])
    with pytest.raises(InvalidTable, match=told):
        rule_imports.import_table(text, owner)
    assert rows() == []


@pytest.mark.django_db
def test_all_wrong_rows_are_named(owner: User) -> None:
    text = TABLE.replace("demo-2", "nobody").replace("demo-3", "nothing")
    with pytest.raises(InvalidTable) as refused:
        rule_imports.import_table(text, owner)
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == ["line 8", "line 9"]
