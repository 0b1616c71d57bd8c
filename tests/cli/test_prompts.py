"""`clutch prompt` through its front door."""

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

from orchestrator.models import Membership, Prompt, PromptTrial, Team, Trip, User
from orchestrator.services.prompts import library
from orchestrator.services.prompts.access import Owner
from orchestrator.services.prompts.library import Draft
from orchestrator.services.reports import labels
from tests.cli.conftest import Clutch


@pytest.fixture
def greet(clutch: Clutch) -> Prompt:
    done = clutch("prompt", "save", "greet", "Hello {{name}}, {{tone:warm|cold}}", "--tag", "mail")
    assert (done.status, done.out) == (0, "Prompt greet is kept.\n")
    return Prompt.objects.get()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_prompts_are_listed_and_searched(clutch: Clutch, greet: Prompt) -> None:
    library.set_starred(greet, User.objects.get(is_owner=True), is_starred=True)
    assert "★ greet" in clutch("prompt", "list").out
    for words, count in ((("hello",), 1), (("zebra",), 0), (("--tag", "mail"), 1)):
        assert len(json.loads(clutch("prompt", "list", *words, "--json").out)) == count
    listed = json.loads(clutch("prompt", "list", "--json").out)[0]
    assert listed == {
        "name": "greet",
        "title": "greet",
        "description": "",
        "scope": "mine",
        "whose": "yours",
        "version": 1,
        "times_used": 0,
        "tags": ["mail"],
    }
    assert json.loads(clutch("prompt", "list", "--scope", "team", "--json").out) == []
    assert "no such prompt" in clutch("prompt", "list", "--archived").out


def test_a_prompt_is_shown_with_its_places(clutch: Clutch, greet: Prompt) -> None:
    assert clutch("prompt", "show", "/greet").out == "Hello {{name}}, {{tone:warm|cold}}\n"
    told = json.loads(clutch("prompt", "show", "greet", "--json").out)
    assert [field["name"] for field in told["fields"]] == ["name", "tone"]
    assert told["version"] == 1


def test_a_prompt_is_filled(
    clutch: Clutch, greet: Prompt, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clutch("prompt", "use", "greet", "name=Ada=1").out == "Hello Ada=1, warm\n"
    (here / "who.txt").write_text("Bob\n")
    assert clutch("prompt", "use", "greet", "name=@who.txt", "tone=cold").out == "Hello Bob, cold\n"
    pipe(monkeypatch, "Eve\n")
    told = json.loads(clutch("prompt", "use", "greet", "name=-", "--json").out)
    assert told == {"prompt": "greet", "version": 1, "text": "Hello Eve, warm"}
    greet.refresh_from_db()
    assert greet.times_used == 3


def test_a_filled_prompt_is_driven_at_once(clutch: Clutch, greet: Prompt) -> None:
    done = clutch("prompt", "use", "greet", "name=Ada", "--run", "--gear", "demo-1", "--json")
    told = json.loads(done.out)
    assert (told["state"], told["gear"], told["headline"]) == ("done", "demo-1", "Hello Ada, warm")
    trip = Trip.objects.get()
    assert trip.prompt == greet
    assert labels.prompt_of(trip) == greet.live
    clutch("run", "Hello without a prompt", "--gear", "demo-1")
    report = json.loads(clutch("report", "--group", "prompt", "--demo", "--json").out)
    assert {row["label"]: row["trips"] for row in report["groups"]} == {"greet": 1, "no prompt": 1}


def test_versions_are_saved_compared_and_rolled_back(
    clutch: Clutch, greet: Prompt, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "new.md").write_text("Hi {{name}}\nBye\n")
    saved = clutch("prompt", "save", "greet", "--file", "new.md", "--note", "shorter", "--json")
    assert json.loads(saved.out) == {"prompt": "greet", "version": 2, "outcome": "saved"}
    pipe(monkeypatch, "Hi {{name}}\nBye\n")
    assert "says this already: version 2" in clutch("prompt", "save", "greet", "-").out
    assert clutch("prompt", "diff", "greet", 1, 2).out == (
        "- Hello {{name}}, {{tone:warm|cold}}\n+ Hi {{name}}\n+ Bye\n"
    )
    lines = json.loads(clutch("prompt", "diff", "greet", 1, 2, "--json").out)["lines"]
    assert lines[1] == {"kind": "added", "text": "Hi {{name}}"}
    assert "it is version 3 now" in clutch("prompt", "rollback", "greet", 1).out
    listed = json.loads(clutch("prompt", "versions", "greet", "--json").out)
    assert [(row["number"], row["is_live"], row["note"]) for row in listed] == [
        (3, True, "back to version 1"),
        (2, False, "shorter"),
        (1, False, ""),
    ]
    assert "shorter" in clutch("prompt", "versions", "greet").out


def test_saving_on_an_older_version_than_the_one_in_use_saves_nothing(
    clutch: Clutch, greet: Prompt
) -> None:
    clutch("prompt", "save", "greet", "Theirs", "--seen", 1)
    done = clutch("prompt", "save", "greet", "Mine", "--seen", 1)
    assert done.status == 1
    assert "while you were writing" in done.err
    assert "clutch prompt diff greet 1 2" in done.err
    greet.refresh_from_db()
    assert greet.text == "Theirs"


def test_what_is_another_s_is_suggested_or_refused(clutch: Clutch) -> None:
    clutch("prompt", "list")
    me, chief = User.objects.get(is_owner=True), User.objects.create_user("chief")
    User.objects.filter(pk=me.pk).update(is_staff=False)
    crew, guests = Team.objects.create(name="Crew"), Team.objects.create(name="Guests")
    Membership.objects.create(user=me, team=crew, role="member")
    Membership.objects.create(user=me, team=guests, role="viewer")
    library.create(chief, Draft("Greet", "Hello"), Owner(team=crew))
    library.create(chief, Draft("Closed", "Hello"), Owner(team=guests))
    told = json.loads(clutch("prompt", "save", "greet", "Hi", "--json").out)
    assert told == {"prompt": "greet", "version": 2, "outcome": "suggested"}
    for words in (("save", "closed", "Hi"), ("rollback", "closed", 1)):
        done = clutch("prompt", *words)
        assert (done.status, "not yours to change" in done.err) == (3, True)
    mine = clutch("prompt", "save", "ours", "Text", "--team", "Crew")
    assert mine.status == 0
    assert Prompt.objects.get(name="ours").team == crew
    refused = clutch("prompt", "save", "x", "Text", "--team", "Guests")
    assert (refused.status, "Yours: Crew" in refused.err) == (2, True)


def test_prompts_go_out_and_come_in(clutch: Clutch, greet: Prompt, here: Path) -> None:
    clutch("prompt", "save", "other", "Text")
    assert clutch("prompt", "export", "greet").out.startswith("---\nname: greet\n")
    told = json.loads(clutch("prompt", "export", "--out", "all.zip", "--json").out)
    assert told == {"file": "all.zip", "prompts": 2}
    assert len(zipfile.ZipFile(here / "all.zip").namelist()) == 2
    (here / "all.json").write_text(clutch("prompt", "export", "--form", "json").out)
    library.save(greet, User.objects.get(is_owner=True), "Changed")
    for file in ("all.zip", "all.json"):
        dry = json.loads(clutch("prompt", "import", file, "--dry-run", "--json").out)
        assert dry["counts"] == {
            "new": 0,
            "changed": 1,
            "the same already": 1,
            "skipped": 0,
        }
    assert "1 changed · 1 the same already." in clutch("prompt", "import", "all.zip").out
    assert "2 new" in clutch("prompt", "import", "all.zip", "--everyone").out
    assert Prompt.objects.filter(user=None, team=None).count() == 2
    assert "no team named 'Red'" in clutch("prompt", "import", "all.zip", "--team", "Red").err
    assert clutch("prompt", "import", "all.zip", "--team", "Red", "--everyone").status == 2
    greet.refresh_from_db()
    assert greet.text.startswith("Hello")


INPUTS = '[{"name": "Ada"}, {"name": "Bob", "tone": "cold"}]'
TEST = ("prompt", "test", "greet", "--inputs", "in.json", "-g", "demo-1", "-g", "demo-2")


def test_a_test_drive_is_priced_before_it_is_driven(
    clutch: Clutch, greet: Prompt, here: Path
) -> None:
    (here / "in.json").write_text(INPUTS)
    priced = json.loads(clutch(*TEST, "--json").out)
    assert (priced["calls"], priced["is_driven"]) == (4, False)
    assert priced["expected_nano"]["demo"] == sum(cell["cost_nano"] for cell in priced["cells"])
    assert "Nothing was sent" in clutch(*TEST).out
    assert not Trip.objects.exists()


def test_a_test_drive_is_kept_and_driven_again(clutch: Clutch, greet: Prompt, here: Path) -> None:
    (here / "in.json").write_text(INPUTS)
    first = json.loads(clutch(*TEST, "--yes", "--keep", "--json").out)
    results = [each for row in first["inputs"] for each in row["results"]]
    assert [each["state"] for each in results] == ["done"] * 4
    assert first["cost_nano"] == {"demo": sum(each["cost_nano"] for each in results)}
    assert PromptTrial.objects.get().is_baseline
    clutch("prompt", "save", "greet", "Good day {{name}}")
    again = json.loads(clutch("prompt", "test", "greet", "--rerun", "--yes", "--json").out)
    assert (again["version"], again["baseline_version"]) == (2, 1)
    assert again["inputs"][1]["values"] == {"name": "Bob"}
    told = clutch("prompt", "test", "greet", "name=Eve", "-g", "demo-1", "--version", 1, "--yes")
    assert "Input 1: name='Eve'" in told.out
    assert "── demo-1 · done · $" in told.out
    assert "1/1 input 1 on demo-1" in told.err


def test_a_test_drive_that_nobody_answers_ends_with_a_status(clutch: Clutch) -> None:
    clutch("prompt", "save", "broken", "/demo auth")
    done = clutch("prompt", "test", "broken", "-g", "demo-1", "--yes", "--json")
    assert (done.status, "None of these gears answered" in done.err) == (1, True)
    assert json.loads(done.out)["inputs"][0]["results"][0]["state"] == "failed"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("show", "gret"), 2, "Did you mean greet?"),
        (("show", "greet", "--version", "9"), 2, "greet has no version 9"),
        (("use", "greet"), 2, "Fill in “name”"),
        (("use", "greet", "nme=x"), 2, "no place 'nme'. It has: name, tone."),
        (("use", "greet", "Ada"), 2, "'Ada' is no name=value"),
        (("use", "greet", "name=x", "tone=mild"), 2, "is one of: warm, cold"),
        (("use", "greet", "name=@no.txt"), 2, "Cannot read no.txt"),
        (("save", "greet", ""), 2, "The prompt is empty"),
        (("save", "No Name", "x"), 2, "Name: Use 1 to 63"),
        (("save", "x", "--file", "no.md"), 2, "Cannot read no.md"),
        (("diff", "greet", "1", "7"), 2, "no version 7"),
        (("rollback", "greet", "7"), 2, "no version 7"),
        (("list", "--scope", "ours"), 2, "Use one of: mine, team, everyone"),
        (("export", "--form", "pdf"), 2, "Use one of: markdown, json, zip"),
        (("export", "--out", "no/x.zip"), 1, "Cannot write no/x.zip"),
        (("import", "no.md"), 2, "Cannot read no.md"),
        (("import", "broken.json"), 1, "no JSON"),
        (("import", "huge.md"), 1, "larger than 2 MB"),
        (("test", "greet", "name=x"), 2, "Choose at least one gear"),
        (("test", "greet", "name=x", "-g", "none"), 2, "no gear named 'none'"),
        (("test", "greet", "-g", "demo-1"), 2, "Input 1: Fill in “name”"),
        (("test", "greet", "--inputs", "broken.json"), 2, "is no JSON"),
        (("test", "greet", "--inputs", "words.json"), 2, "no list of objects"),
        (("test", "greet", "--rerun"), 2, "no baseline yet"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_status(
    clutch: Clutch,
    greet: Prompt,
    here: Path,
    words: tuple[str, ...],
    status: int,
    told: str,
) -> None:
    (here / "broken.json").write_text("{")
    (here / "words.json").write_text('["a"]')
    (here / "huge.md").write_text("a" * 4_000_000)
    done = clutch("prompt", *words)
    assert (done.status, done.out) == (status, "")
    assert told in done.err


def test_other_people_s_prompts_are_not_there(clutch: Clutch) -> None:
    eve = User.objects.create_user("eve")
    library.create(eve, Draft("Hers", "Secret"))
    assert clutch("prompt", "show", "hers").status == 2
    assert "Secret" not in clutch("prompt", "list", "--json").out
    assert "no prompts to export" in clutch("prompt", "export").err
