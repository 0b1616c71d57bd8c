"""Pages that vanish, come back, freeze and look on from elsewhere, with real sockets."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults import chats, rows, swarms
from tests.faults.conftest import Rig
from tests.faults.tabs import Frame, Tab
from tests.faults.vendor import Vendor
from tests.process.served import ServedHome

pytestmark = pytest.mark.process
FROZEN = 5
# Five MiB each, and what reading the whole answer once more leaves behind.
MOST_KIB = (5 * FROZEN + 16) * 1024
SMALL_BUFFER_BYTES = 4_096
SEED = 20261121
CUTS = 50


def watch(rig: Rig, trip: str, after: int = 0) -> list[Frame]:
    with Tab(rig.home, rig.page) as tab:
        tab.follow(trip, after)
        return tab.read_until_over(after)


def watch_with_cuts(rig: Rig, trip: str, moments: random.Random) -> tuple[list[Frame], int]:
    """Everything that a page saw which lost its connection again and again."""
    frames: list[Frame] = []
    cuts = 0
    while True:
        with Tab(rig.home, rig.page) as tab:
            tab.follow(trip, frames[-1]["seq"] if frames else 0)
            for _ in range(moments.randint(1, 6)):
                frames.append(tab.read())
                if frames[-1]["kind"] == "over":
                    return frames, cuts
            tab.vanish()
            cuts += 1


@pytest.mark.fault("a page vanishes")
def test_a_page_that_keeps_vanishing_is_told_every_word_once(rig: Rig, wire: Vendor) -> None:
    wire.tell_only(20)
    trip = chats.ask(rig.page, "tell me")
    with ThreadPoolExecutor(2) as pool:
        looking_on = pool.submit(watch, rig, trip)
        cut_off = pool.submit(watch_with_cuts, rig, trip, random.Random(SEED))
        wire.wait(lambda: wire.told["tell me"] == 20, "it has begun")
        wire.answer_all()
        frames, cuts = cut_off.result()
        assert frames == looking_on.result()
    assert cuts >= CUTS
    assert [frame["seq"] for frame in frames[:-1]] == [*range(1, len(frames))]
    assert [frame["kind"] for frame in frames[-2:]] == ["trip_finished", "over"]
    answer = chats.kept_answer(rig.home)
    assert answer == chats.whole_answer() + "done with tell me"
    assert sum(frame.get("chars", 0) for frame in frames if frame["kind"] == "text") == len(answer)
    assert swarms.breaches(rig.home) == []


@pytest.mark.fault("a page comes back late")
def test_a_page_that_comes_back_after_the_end_or_a_restart_is_told_the_rest(
    rig: Rig, wire: Vendor
) -> None:
    wire.tell_only(40)
    trip = chats.ask(rig.page, "tell on")
    with Tab(rig.home, rig.page) as tab:
        tab.follow(trip)
        seen = [tab.read() for _ in range(10)]
        tab.vanish()
    wire.answer_all()
    rows.until_state(rig.home, "done")
    whole = watch(rig, trip)
    assert whole[:10] == seen
    assert watch(rig, trip, after=10) == whole[10:]
    rig.home.stop()
    rig.home.start()
    assert watch(rig, trip, after=10) == whole[10:]
    assert watch(rig, trip, after=len(whole) - 1) == whole[-1:]
    rest = rig.page.get(f"/trips/{trip}/events/", headers={"Last-Event-ID": "10"})
    assert (rest.status_code, rest.text[:7]) == (200, "id: 11\n")
    assert rest.text.count("event: trip_finished") == 1


def resident_kib(home: ServedHome) -> int:
    assert home.process is not None
    status = Path(f"/proc/{home.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.fault("a page stops reading")
def test_pages_that_stop_reading_cost_little_memory_and_get_everything_later(
    rig: Rig, wire: Vendor
) -> None:
    trip = chats.ask(rig.page, "flood")
    rows.until_state(rig.home, "failed")
    whole = watch(rig, trip)
    before_kib = resident_kib(rig.home)
    with ExitStack() as open_tabs:
        frozen = [
            open_tabs.enter_context(Tab(rig.home, rig.page, SMALL_BUFFER_BYTES))
            for _ in range(FROZEN)
        ]
        for tab in frozen:
            tab.follow(trip)
        # as long as one page needs to read all of it, and the server answers others meanwhile
        assert watch(rig, trip) == whole
        assert rig.page.get("/healthz").status_code == 200
        assert resident_kib(rig.home) - before_kib < MOST_KIB
        assert [tab.read_until_over() for tab in frozen] == [whole] * FROZEN
    assert sum(frame.get("chars", 0) for frame in whole) == 8 * 1024 * 1024
    assert swarms.breaches(rig.home) == []
