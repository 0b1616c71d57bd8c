"""What was tried before is remembered: for the choice of the next gear and for the last word."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from orchestrator.patterns.crew import LegRefused
from orchestrator.patterns.progress import Progress
from orchestrator.providers.errors import Overloaded, ProviderError, Unreachable
from orchestrator.routing.types import Candidate
from tests.patterns.cast import candidate

AWAY = Unreachable("acme could not be reached.")
BUSY = Overloaded("acme is busy.")


def served_by(provider: str, name: str) -> Candidate:
    made = candidate(name)
    return replace(made, gear=replace(made.gear, provider=provider))


ROW = (
    served_by("acme", "small"),
    served_by("acme", "large"),
    served_by("other", "third"),
    served_by("acme", "last"),
)


def after(*failures: ProviderError | LegRefused, row: Sequence[Candidate] = ROW) -> Progress:
    progress = Progress(tuple(row))
    for failure in failures:
        progress.note(failure)
    return progress


@pytest.mark.parametrize(("failure", "expected"), [(AWAY, "third"), (BUSY, "large")])
def test_gears_of_a_provider_that_is_away_are_passed_over(
    failure: ProviderError, expected: str
) -> None:
    progress = after(failure)
    assert progress.has_next
    assert progress.shift() == ("small", expected)


def test_where_all_are_of_the_provider_that_is_away_none_is_next() -> None:
    assert not after(AWAY, row=ROW[:2]).has_next
    progress = after(AWAY)
    progress.shift()
    assert not progress.has_next


def test_another_gear_begins_with_a_fresh_count() -> None:
    progress = after(BUSY)
    progress.begin()
    progress.begin()
    progress.shift()
    assert (progress.attempts, progress.attempts_on_gear) == (2, 0)


@pytest.mark.parametrize(
    ("failures", "account"),
    [
        ([BUSY], "acme is busy."),
        ([BUSY, BUSY, AWAY], "acme could not be reached. small was tried 3 times."),
    ],
)
def test_one_gear_is_told_by_its_last_failure(
    failures: list[ProviderError | LegRefused], account: str
) -> None:
    assert after(*failures).account() == account


def test_several_gears_are_all_named_with_their_reasons() -> None:
    progress = after(AWAY, AWAY)
    progress.shift()
    progress.note(LegRefused("budget", "The budget is used up.", can_shift=True))
    assert progress.account() == (
        "No model could answer. small was tried 2 times: acme could not be reached. "
        "third was tried once: The budget is used up."
    )


@pytest.mark.parametrize(
    ("failures", "is_told"), [([AWAY], True), ([AWAY, AWAY], True), ([AWAY, BUSY], False)]
)
def test_only_a_network_that_is_away_is_blamed(
    failures: list[ProviderError | LegRefused], is_told: bool
) -> None:
    assert ("network" in after(*failures).next_step) is is_told
