"""A conversation: earlier turns are sent along, and nothing a person types ends it by mistake."""

import io
import json
import sys

import pytest

from orchestrator.models import Message, Trip
from orchestrator.services.driving import planning, requests, trips
from tests.cli.conftest import Clutch


def say(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))


def test_earlier_turns_are_kept_and_sent(clutch: Clutch, monkeypatch: pytest.MonkeyPatch) -> None:
    say(monkeypatch, "First question", "Second question")
    done = clutch("chat")
    assert done.status == 0
    assert [message.role for message in Message.objects.order_by("id")] == ["user", "assistant"] * 2
    last = Trip.objects.order_by("-id")[0]
    kept = requests.from_document(last.payload.request)
    sent = planning.complete(trips.caller_of(last), kept).messages
    assert [message.role for message in sent] == ["user", "assistant", "user"]
    assert sent[0].text == "First question"
    assert done.err.count("demo-") >= 2  # the cost of each answer


def test_a_new_conversation_forgets_the_old_one(
    clutch: Clutch, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(monkeypatch, "First question", "/new", "Second question")
    clutch("chat")
    last = Trip.objects.order_by("-id")[0]
    assert len(requests.from_document(last.payload.request).messages) == 1
    assert Trip.objects.values("conversation").distinct().count() == 2


def test_wishes_last_until_they_are_taken_back(
    clutch: Clutch, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(monkeypatch, "/gear demo-1", "/throttle 0", "One", "/gear none", "/throttle none", "Two")
    clutch("chat")
    trips = [(trip.gear, trip.throttle) for trip in Trip.objects.order_by("id")]
    assert trips[0] == ("demo-1", 0)
    assert trips[1][0] != "demo-1"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/throttle 101", "from 0 to 100"),
        ("/throttle ²", "from 0 to 100"),
        ("/why", "Nothing was decided yet"),
        ("/nonsense", "/quit"),
        ("/gear demo-7", "There is no gear named 'demo-7'"),
        ("/profile fast", "There is no profile 'fast'"),
        ("/policy lavish", "There is no policy 'lavish'"),
        ("/", "/quit"),
        ("/cost", "So far: $0.0000"),
    ],
)
def test_a_slip_is_answered_and_the_talk_goes_on(
    clutch: Clutch, monkeypatch: pytest.MonkeyPatch, line: str, told: str
) -> None:
    say(monkeypatch, line, "Hello", "/quit", "never sent")
    done = clutch("chat")
    assert done.status == 0
    assert told in done.err
    assert Trip.objects.count() == 1


def test_a_failed_answer_does_not_end_the_talk(
    clutch: Clutch, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(monkeypatch, "/gear nobody", "/demo fail", "Two", "/why")
    done = clutch("chat")
    assert "There is no gear named 'nobody'" in done.err
    assert Trip.objects.filter(state="failed").count() == 1
    assert "canned demo answer" in done.out
    assert "is the cheapest that is expected" in done.out
    assert Trip.objects.filter(state="done").count() == 1


def test_a_piped_conversation_as_one_document(
    clutch: Clutch, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(monkeypatch, "One", "Two", "/why")
    document = json.loads(clutch("chat", "--json").out)
    assert [turn["state"] for turn in document["turns"]] == ["done", "done"]
    assert document["cost_nano"] == sum(turn["cost_nano"] for turn in document["turns"])
