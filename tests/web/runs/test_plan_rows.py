"""A new run's plan as rows: the same plan as its text, changed row by row, told at its row."""

from html.parser import HTMLParser

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings

from orchestrator.patterns import plans
from orchestrator.patterns.plans import RunPlan
from orchestrator.services.upkeep import startup
from orchestrator.web.runs import plan_fields
from orchestrator.web.runs.forms import PATTERNS, Draft
from tests.patterns import plan_cast
from tests.web.conftest import ATTACK

CONVOY = {"steps": [{"name": "a"}, {"name": "b", "sends_back": True}, {"name": "c"}]}


class Fields(HTMLParser):
    """What a browser would send of a form, without its buttons."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sent = QueryDict(mutable=True)
        self._select = self._area = ""
        self._chosen: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "input" and (has.get("type") != "checkbox" or "checked" in has):
            self.sent.appendlist(name, value)
        elif tag == "select":
            self._select, self._chosen = name, None
        elif tag == "option" and (self._chosen is None or "selected" in has):
            self._chosen = value
        elif tag == "textarea":
            self._area = name
            self.sent[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.sent.appendlist(self._select, self._chosen or "")
        elif tag == "textarea":
            self.sent[self._area] = self.sent[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area] += data


# demo-4 is one that plans name and that this person is not offered.
OFFERED = ("demo-1", "demo-2")
GEARS = [{"number": 1, "choices": [{"name": name, "title": name} for name in OFFERED]}]


def rows(pattern: str, document: object) -> QueryDict:
    draft = Draft(None, pattern, "", document)  # type: ignore[arg-type]
    context = {"draft": draft, "levels": GEARS, "gear_names": OFFERED, "patterns": PATTERNS}
    return Fields(render_to_string("runs/plan_box.html", context)).sent


@settings(deadline=None, max_examples=60)
@given(plan_cast.runs)
def test_rows_are_the_same_plan_as_its_document(plan: RunPlan) -> None:
    pattern = plans.pattern_of(plan)
    sent = rows(pattern, plans.to_document(plan))
    assert plans.from_document(pattern, plan_fields.document(sent, pattern)) == plan


def after(deed: str, pattern: str = "convoy", document: object = CONVOY) -> list[str]:
    sent = plan_fields.done(rows(pattern, document), deed)
    found = plan_fields.document(sent, pattern)
    return [each["name"] for each in found[plan_fields.LISTS[pattern]]]


@pytest.mark.parametrize(
    ("deed", "names"),
    [
        ("add p.steps", ["a", "b", "c", "step 4"]),
        ("remove p.steps 2", ["a", "c"]),
        ("up p.steps 3", ["a", "c", "b"]),
        ("up p.steps 1", ["a", "b", "c"]),
        ("down p.steps 1", ["b", "a", "c"]),
        ("down p.steps 3", ["a", "b", "c"]),
        ("put p.steps 3 1", ["c", "a", "b"]),
        ("put p.steps 1 ", ["b", "c", "a"]),
        ("put p.steps 1 9", ["b", "c", "a"]),
        ("remove p.steps 9", ["a", "b", "c"]),
        ("remove csrf 1", ["a", "b", "c"]),
        ("nonsense", ["a", "b", "c"]),
        ("", ["a", "b", "c"]),
    ],
)
def test_each_deed_changes_the_rows_it_names(deed: str, names: list[str]) -> None:
    assert after(deed) == names


def test_a_phase_is_added_and_takes_another_pattern_with_its_steps() -> None:
    hybrid = {"phases": [{"name": "only", "pattern": "convoy", **CONVOY}]}
    sent = plan_fields.done(rows("hybrid", hybrid), "add p.phases")
    found = plan_fields.document(sent, "hybrid")
    assert [phase["name"] for phase in found["phases"]] == ["only", "phase 2"]
    plans.from_document("hybrid", found)
    sent["p.phases.1.pattern"] = "team"
    first = plan_fields.document(sent, "hybrid")["phases"][0]
    assert [role["name"] for role in first["roles"]] == ["a", "b", "c"]
    plans.from_document("hybrid", plan_fields.document(sent, "hybrid"))


@pytest.fixture
def fleet_of_demos(transactional_db: None) -> None:
    startup.prepare()


def edit(page: Client, sent: QueryDict, deed: str, *, whole: bool = False) -> tuple[int, str]:
    header = {} if whole else {"HX-Request": "true"}
    data = {name: sent.getlist(name) for name in sent} | {"deed": deed}
    form = {"task": "Do it", "pattern": "convoy", **data}
    answer = page.post(reverse("edit-plan"), form, headers=header)
    return answer.status_code, answer.content.decode()


@pytest.mark.usefixtures("fleet_of_demos")
def test_rows_become_text_and_text_rows(page: Client) -> None:
    status, text = edit(page, rows("convoy", CONVOY), "text")
    written = Fields(text).sent["plan"]
    assert (status, 'name = "b"' in written, "sends_back = true" in written) == (200, True, True)
    status, shown = edit(page, Fields(text).sent, "rows")
    found = plan_fields.document(Fields(shown).sent, "convoy")
    assert (status, found) == (200, CONVOY)


@pytest.mark.usefixtures("fleet_of_demos")
def test_a_text_that_is_no_plan_stays_as_it_was_written(page: Client) -> None:
    sent = QueryDict(mutable=True)
    sent.update({"shown": "text", "plan": "[[steps]]\nname = "})
    status, shown = edit(page, sent, "rows")
    assert (status, "not TOML" in shown) == (422, True)
    assert Fields(shown).sent["plan"].strip() == "[[steps]]\nname ="


@pytest.mark.usefixtures("fleet_of_demos")
def test_without_scripts_the_whole_page_comes_back_with_all_that_was_filled_in(
    page: Client,
) -> None:
    sent = rows("convoy", {"steps": [{"name": "a", "instructions": "Use {{tone|calm}}"}]})
    sent.update({"items": "one\ntwo", "cap": "3", "place-tone": ATTACK})
    status, shown = edit(page, sent, "add p.steps", whole=True)
    back = Fields(shown).sent
    assert status == 200
    assert (back["task"], back["items"], back["cap"]) == ("Do it", "one\ntwo", "3")
    assert back["place-tone"] == ATTACK
    assert ATTACK not in shown
    assert back.getlist("p.steps") == ["1", "2"]


@pytest.mark.usefixtures("fleet_of_demos")
def test_what_is_wrong_with_a_row_is_said_at_it_and_nothing_is_lost(page: Client) -> None:
    sent = rows("convoy", CONVOY)
    sent["p.steps.2.throttle"] = "a lot"
    _, shown = edit(page, sent, "look")
    assert "The throttle of b is a whole number" in shown
    assert Fields(shown).sent["p.steps.2.throttle"] == "a lot"
    data = {name: sent.getlist(name) for name in sent}
    refused = page.post(reverse("start-run"), {"task": "x", "pattern": "convoy", **data})
    assert refused.status_code == 400
    assert Fields(refused.content.decode()).sent["p.steps.2.throttle"] == "a lot"


@pytest.mark.usefixtures("fleet_of_demos")
def test_a_stranger_may_change_only_a_page_of_their_own(client: Client) -> None:
    status, _ = edit(client, rows("convoy", CONVOY), "look")
    assert status in (302, 401, 403)
