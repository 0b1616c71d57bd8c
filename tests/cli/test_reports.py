"""`clutch report` and `clutch trips`: the same figures as everywhere, and files that are whole."""

import csv
import json
from decimal import Decimal
from pathlib import Path

from orchestrator.models import Trip

from .conftest import Clutch


def test_a_report_adds_up_with_its_file(clutch: Clutch, tmp_path: Path) -> None:
    for words in ("Explain recursion", "Say hello"):
        clutch("run", words, "--gear", "demo-2")
    told = json.loads(clutch("report", "--demo", "--group", "gear", "--json").out)
    assert told["totals"]["trips"] == 2
    assert told["totals"]["by_hand"] == 2
    assert told["totals"]["cost_nano"] == sum(Trip.objects.values_list("cost_nano", flat=True)) > 0
    for what in ("groups", "days", "trips"):
        file = tmp_path / f"{what}.csv"
        done = clutch("report", "--demo", "--group", "gear", "--what", what, "-o", file)
        assert "Wrote" in done.out
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
        rows = rows[:-1] if what == "groups" else rows
        summed = sum(Decimal(row["Cost in $"]) for row in rows)
        assert summed == Decimal(told["totals"]["cost_nano"]).scaleb(-9)
    sheet = tmp_path / "x.xlsx"
    clutch("report", "--demo", "--output", sheet)
    assert sheet.read_bytes().startswith(b"PK")


def test_a_report_is_drawn_for_a_person(clutch: Clutch) -> None:
    clutch("run", "Say hello", "--gear", "demo-2")
    out = clutch("report", "--demo", "--group", "gear").out
    assert "Everybody" in out
    assert "demo-2" in out


def test_what_cannot_be_asked_is_told_with_what_can(clutch: Clutch, tmp_path: Path) -> None:
    for words in (
        ("--period", "decade"),
        ("--group", "password"),
        ("--where", "user__password=x"),
        ("--where", "gear"),
        ("--scope", "team:999"),
        ("--from", "NaN", "--to", "inf"),
        ("--output", str(tmp_path / "x.exe")),
        ("--what", "passwords", "--output", str(tmp_path / "x.csv")),
    ):
        done = clutch("report", *words)
        assert done.status == 2, words
        assert done.err, words


def test_the_log_goes_on_behind_a_trip(clutch: Clutch) -> None:
    for number in range(3):
        clutch("run", f"Say hello {number}", "--gear", "demo-1")
    first = json.loads(clutch("trips", "--limit", "2", "--json").out)
    assert [trip["headline"] for trip in first["trips"]] == ["Say hello 2", "Say hello 1"]
    rest = json.loads(clutch("trips", "--before", first["older"], "--json").out)
    assert [trip["headline"] for trip in rest["trips"]] == ["Say hello 0"]
    assert clutch("trips", "--state", "failed", "--json").out.count("headline") == 0
    assert "demo-1" in clutch("trips").out
    for words in (("--state", "x"), ("--before", "x"), ("--scope", "team:9")):
        assert clutch("trips", *words).status == 2
