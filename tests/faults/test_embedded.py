"""One server process with everything in it: killed, ended, restarted in the middle of a swarm."""

import pytest

from tests.faults import rows, swarms
from tests.faults.swarms import assert_whole, done
from tests.faults.vendor import Vendor
from tests.process.served import ServedHome

pytestmark = pytest.mark.process
RECOVERED_S = 45
ITEMS = swarms.items(60)


def test_a_killed_server_goes_on_and_nothing_done_is_asked_again(
    embedded: ServedHome, wire: Vendor
) -> None:
    wire.answer_only(25)
    with swarms.reader(embedded) as page:
        swarms.start(page, ITEMS, swarms.plan(parallel=10))
    wire.wait(lambda: wire.open_calls == 10 and wire.answered.total() == 25, "ten are under way")
    embedded.kill()
    kept = done(embedded)
    assert len(kept) >= 15
    wire.answer_all()
    embedded.start()
    assert rows.until_state(embedded, "done") < RECOVERED_S
    assert {wire.asked[item] for item in kept} == {1}
    assert max(wire.asked.values()) <= 2
    assert_whole(embedded, wire, ITEMS)
