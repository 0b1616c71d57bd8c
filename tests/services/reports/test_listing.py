"""The log's queries find their rows by an index, also where there are none to find."""

import pytest

from orchestrator.services.reports import listing
from orchestrator.services.reports.listing import Filters
from orchestrator.services.reports.scopes import ALL, Scope

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("exact", "index"),
    [
        ({}, "trip_newest"),
        ({"gear": "a"}, "trip_newest_of_gear"),
        ({"road": "a"}, "trip_newest_of_road"),
        ({"gear": "a", "road": "b"}, "trip_newest_of_pair"),
        ({"gear": "a", "road": "b", "state": "failed"}, "trip_newest_of_pair"),
    ],
)
def test_no_page_walks_through_all_trips(exact: dict[str, str], index: str) -> None:
    found = listing.filtered(listing.within(Scope(ALL, "Everybody")), Filters(exact))
    plan = found.order_by("-created_at", "-pk")[:51].explain()
    assert f"USING INDEX {index}" in plan
    assert "TEMP B-TREE" not in plan
