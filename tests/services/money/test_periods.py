"""Days and months of budgets in any zone, over clock changes and leap days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from orchestrator.services.money import periods

ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "America/Santiago",  # clocks change at midnight
    "America/Havana",  # midnight happens twice in autumn
    "Asia/Beirut",  # midnight is skipped in spring
    "Pacific/Apia",  # a whole day was skipped in 2011
    "Australia/Lord_Howe",  # clocks change by half an hour
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "moment", "zone", "name", "refills"),
    [
        ("day", "2026-11-20T12:00", "UTC", "2026-11-20", "2026-11-21T00:00"),
        ("day", "2026-11-20T23:30", "Europe/Berlin", "2026-11-21", "2026-11-21T23:00"),
        ("day", "2026-11-20T18:14", "Asia/Kathmandu", "2026-11-20", "2026-11-20T18:15"),
        ("day", "2026-11-20T18:15", "Asia/Kathmandu", "2026-11-21", "2026-11-21T18:15"),
        ("month", "2026-11-20T12:00", "UTC", "2026-11", "2026-12-01T00:00"),
        ("month", "2026-12-31T23:30", "UTC", "2026-12", "2027-01-01T00:00"),
        ("month", "2026-12-31T23:30", "Europe/Berlin", "2027-01", "2027-01-31T23:00"),
        ("month", "2026-01-31T12:00", "UTC", "2026-01", "2026-02-01T00:00"),
        ("day", "2028-02-28T12:00", "UTC", "2028-02-28", "2028-02-29T00:00"),
        ("day", "2028-02-29T12:00", "UTC", "2028-02-29", "2028-03-01T00:00"),
        # Spring in Berlin: the day has 23 hours; autumn: 25.
        ("day", "2026-03-29T00:30", "Europe/Berlin", "2026-03-29", "2026-03-29T22:00"),
        ("day", "2026-10-25T00:30", "Europe/Berlin", "2026-10-25", "2026-10-25T23:00"),
        # Beirut goes from 00:00 to 01:00: the day begins at what its clocks call one.
        ("day", "2026-03-28T12:00", "Asia/Beirut", "2026-03-28", "2026-03-28T22:00"),
        # Havana goes from 01:00 back to 00:00: the day begins at the first midnight.
        ("day", "2026-10-31T12:00", "America/Havana", "2026-10-31", "2026-11-01T04:00"),
        ("day", "2011-12-30T09:00", "Pacific/Apia", "2011-12-29", "2011-12-30T10:00"),
    ],
)
def test_a_moment_has_one_key_and_one_refill(
    period: str, moment: str, zone: str, name: str, refills: str
) -> None:
    assert periods.key(period, utc(moment), zone) == f"{name}@{zone}"
    assert periods.refills_at(period, utc(moment), zone) == utc(refills)


@given(
    st.integers(1_100_000_000, 2_200_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    st.sampled_from(ZONES),
    st.sampled_from(["day", "month"]),
)
def test_the_key_changes_exactly_at_the_refill(moment: datetime, zone: str, period: str) -> None:
    key, refill = periods.key(period, moment, zone), periods.refills_at(period, moment, zone)
    assert refill > moment
    assert periods.key(period, refill - timedelta(microseconds=1), zone) == key
    assert periods.key(period, refill, zone) != key


def test_the_zone_of_a_moment_does_not_matter() -> None:
    moment = utc("2026-11-20T23:30")
    elsewhere = moment.astimezone(ZoneInfo("Asia/Tokyo"))
    assert periods.key("day", elsewhere, "UTC") == periods.key("day", moment, "UTC")


def test_the_installations_zone_is_the_default(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    assert periods.key("day", utc("2026-11-20T18:15")) == "2026-11-21@Asia/Kathmandu"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        periods.key("day", utc("2026-11-20").replace(tzinfo=None))


def test_an_unknown_period_is_refused() -> None:
    with pytest.raises(ValueError, match="week"):
        periods.key("week", utc("2026-11-20T12:00"))


def test_people_read_a_moment_in_the_installations_zone() -> None:
    refill = periods.refills_at("month", utc("2026-11-20T12:00"), "Europe/Berlin")
    assert periods.show(refill, "Europe/Berlin") == "1 December 2026, 00:00 (Europe/Berlin)"
