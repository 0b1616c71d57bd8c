"""Servers and drivers that end, are killed or die by themselves while people wait for answers."""

import signal

import httpx
import pytest

from tests.faults import chats, rows, swarms
from tests.faults.conftest import Rig
from tests.faults.embedded import Embedded, serving_with
from tests.faults.tabs import Closed, Tab
from tests.faults.vendor import Vendor

pytestmark = pytest.mark.process
TOLD = 21
ANSWERS = [f"tell {number}" for number in range(10)]
MINE = f"(SELECT id FROM orchestrator_trip ORDER BY id DESC LIMIT {len(ANSWERS)})"
WRITTEN = f"SELECT COUNT(*) FROM orchestrator_tripevent WHERE kind = 'text' AND trip_id IN {MINE}"
ENDS = (
    "SELECT DISTINCT t.state, t.error_code, p.answer FROM orchestrator_trip t "
    f"JOIN orchestrator_trippayload p ON p.trip_id = t.id WHERE t.id IN {MINE}"
)
OPEN = "SELECT COUNT(*) FROM orchestrator_trip WHERE state IN ('queued', 'driving')"
BOOKED = (
    "SELECT r.state, r.actual_nano - r.amount_nano, COUNT(*) FROM orchestrator_reservation r "
    f"JOIN orchestrator_leg l ON l.id = r.leg_id WHERE l.trip_id IN {MINE} GROUP BY 1, 2"
)
CALLS = (
    "SELECT l.state, r.state, r.actual_nano FROM orchestrator_leg l "
    "JOIN orchestrator_reservation r ON r.leg_id = l.id WHERE l.trip_id = {run} ORDER BY l.id"
)
SETTLED_S = 30
ANNOUNCED_S = 10
# What a server that restarts says to its sockets.
GOING_AWAY = 1012


@pytest.mark.fault("a driver is killed in an answer")
@pytest.mark.fault("a driver dies with money held")
def test_answers_whose_driver_is_killed_keep_every_word_and_are_settled_once(
    rig: Rig, wire: Vendor
) -> None:
    wire.tell_only(TOLD)
    for text in ANSWERS:
        chats.ask(rig.page, text)
    said = len(ANSWERS) * (TOLD // 2)
    rows.until(lambda: rows.one(rig.home, WRITTEN) == said, "all of it is written down")
    rig.kill_driver()
    rig.start_driver()
    assert rows.until(lambda: rows.one(rig.home, OPEN) == 0, "all have ended") < SETTLED_S
    assert rows.rows(rig.home, ENDS) == [("stalled", "interrupted", chats.whole_answer(TOLD))]
    # nobody knows what a call cost that was cut, so all that was held for it is booked
    assert rows.rows(rig.home, BOOKED) == [("settled", 0, len(ANSWERS))]
    assert wire.asked == dict.fromkeys(ANSWERS, 1)
    assert swarms.breaches(rig.home) == []


@pytest.mark.fault("a server is ended")
def test_a_server_that_is_ended_tells_its_pages_and_they_go_on_where_they_were(
    rig: Rig, wire: Vendor
) -> None:
    wire.tell_only(TOLD)
    trip = chats.ask(rig.page, "tell me")
    with Tab(rig.home, rig.page) as tab:
        tab.follow(trip)
        frames = [tab.read() for _ in range(TOLD)]
        rig.home.end()
        with pytest.raises(Closed) as closed:
            frames.extend(iter(tab.read, None))
    assert closed.value.code == GOING_AWAY
    with pytest.raises(httpx.TransportError):
        rig.page.get("/chat/")
    assert rig.home.wait() == -signal.SIGTERM  # which uvicorn passes on when all is done
    wire.answer_all()
    rig.home.start()
    with Tab(rig.home, rig.page) as tab:
        tab.follow(trip, frames[-1]["seq"])
        frames += tab.read_until_over(frames[-1]["seq"])
    assert [frame["seq"] for frame in frames[:-1]] == [*range(1, len(frames))]
    ended = rows.state(rig.home)
    # where a worker drives, the end of a web process interrupts nothing
    assert ended == ("stalled" if isinstance(rig, Embedded) else "done")
    told = sum(frame.get("chars", 0) for frame in frames if frame["kind"] == "text")
    assert told == len(chats.kept_answer(rig.home))
    assert wire.asked == {"tell me": 1}
    assert swarms.breaches(rig.home) == []


@pytest.mark.fault("a driver dies with money held")
def test_a_driver_that_dies_before_it_sends_costs_nothing_and_is_followed_by_another(
    rig: Rig, wire: Vendor
) -> None:
    rig.replace_driver("dies_before_it_sends")
    chats.ask(rig.page, "Say one thing")
    rig.wait_for_death()
    assert wire.asked.total() == 0
    rig.start_driver()
    rows.until_state(rig.home, "done")
    released, settled = rows.rows(rig.home, CALLS)
    assert released[:2] == ("failed", "released")
    assert settled[:2] == ("done", "settled")
    assert wire.asked == {"Say one thing": 1}
    assert swarms.breaches(rig.home) == []


@pytest.mark.fault("a server dies before it announces")
def test_a_server_that_dies_before_it_tells_the_workers_loses_no_question(
    rig: Rig, wire: Vendor
) -> None:
    form = chats.form(rig.page, "Say another thing")
    with serving_with(rig.home, "dies_before_it_announces"):
        with pytest.raises(httpx.TransportError):
            rig.page.post("/chat/send/", data=form)
        assert rig.home.wait() == -signal.SIGKILL
        assert rows.state(rig.home) == "queued"
    assert rows.until_state(rig.home, "done") < ANNOUNCED_S
    assert wire.asked == {"Say another thing": 1}
    assert swarms.breaches(rig.home) == []
