"""Runs at the command line: priced, capped, driven, paused, gone on with, downloaded."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Clutch


@pytest.fixture
def things(tmp_path: Path) -> Path:
    file = tmp_path / "things.txt"
    file.write_text("apple\nbread\ncheese\n")
    return file


def test_a_swarm_answers_each_line_of_a_file(clutch: Clutch, things: Path, tmp_path: Path) -> None:
    into = tmp_path / "out.csv"
    done = clutch("swarm", things, "Say what it is", "--yes", "--output", into)
    rows = list(csv.DictReader(into.read_text("utf-8-sig").splitlines()))
    assert done.status == 0
    assert "3 calls" in done.err
    assert [(row["item"], row["state"]) for row in rows] == [
        ("apple", "done"),
        ("bread", "done"),
        ("cheese", "done"),
    ]


def test_in_json_a_swarm_is_one_document_with_its_results(clutch: Clutch, things: Path) -> None:
    done = clutch("swarm", things, "Say it", "--combine", "table", "--json")
    document = json.loads(done.out)
    assert (document["state"], document["total"], document["done"]) == ("done", 3, 3)
    assert [each["item"] for each in document["results"]] == ["apple", "bread", "cheese"]
    assert document["spent_nano"] > 0


def test_at_its_cap_a_run_pauses_and_is_gone_on_with(clutch: Clutch, things: Path) -> None:
    paused = clutch("swarm", things, "Say it", "--cap", "0.0001")
    assert paused.status == 3
    assert "clutch runs resume" in paused.err
    shown = json.loads(clutch("runs", "show", "last", "--json").out)
    assert (shown["state"], shown["error_code"]) == ("paused", "cap")
    done = json.loads(clutch("runs", "resume", "last", "--cap", "1", "--json").out)
    assert (done["state"], done["done"]) == ("done", 3)


def test_a_plan_by_name_is_filled_and_driven(clutch: Clutch) -> None:
    done = clutch("run", "--plan", "three-views", "--set", "question=Tea or coffee?", "--json")
    document = json.loads(done.out)
    names = [each["name"] for each in document["places"]]
    assert done.status == 0
    assert names == ["advocate", "sceptic", "practitioner", "weigh"]
    assert document["answer"]


def test_a_plan_of_ones_own_is_a_file(clutch: Clutch, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text('pattern = "convoy"\n[[steps]]\nname = "one"\n[[steps]]\nname = "two"\n')
    done = json.loads(clutch("run", "Do it", "--plan", file, "--json").out)
    assert [each["name"] for each in done["places"]] == ["one", "two"]


def test_a_folder_gives_each_of_its_files(clutch: Clutch, tmp_path: Path) -> None:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "a.py").write_text("one = 1\n")
    (folder / "picture").write_bytes(b"\xff\xfe\x00\xff")
    done = clutch("swarm", folder, "Explain it", "--json")
    assert [each["item"] for each in json.loads(done.out)["results"]] == ["a.py\n\none = 1\n"]
    assert "picture" in done.err


def test_what_patterns_would_cost_is_said_without_starting(clutch: Clutch) -> None:
    found = json.loads(clutch("plan", "Write a poem", "--json").out)
    assert {each["pattern"] for each in found} == {"convoy", "team", "cascade", "hybrid"}
    one = json.loads(clutch("plan", "Write a poem", "--pattern", "team", "--json").out)
    assert [each["name"] for each in one[0]["places"]][-1] == "merge"
    assert json.loads(clutch("runs", "list", "--json").out) == []


def test_a_task_is_parted_into_a_plan_that_can_be_driven(clutch: Clutch, tmp_path: Path) -> None:
    drafted = clutch("plan", "Organise a party", "--steps")
    file = tmp_path / "plan.toml"
    file.write_text(drafted.out)
    assert drafted.status == 0
    assert clutch("run", "--plan", file, "--json").status == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("swarm", "nowhere.txt", "x"), "Cannot read"),
        (("run", "x", "--plan", "nope"), "There is no plan"),
        (("run", "x", "--pattern", "swarm"), "needs items"),
        (("run", "x", "--pattern", "team", "--cap", "NaN"), "dollars"),
        (("run", "x", "--pattern", "team", "--gear", "nope"), "nope"),
        (("runs", "show", "nope"), "not the id"),
        (("runs", "results", "last"), "no run yet"),
    ],
)
def test_slips_are_answered_with_what_to_change(
    clutch: Clutch, words: tuple[str, ...], told: str
) -> None:
    done = clutch(*words)
    assert done.status in (1, 2)
    assert told in done.err
