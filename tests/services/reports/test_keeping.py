"""Saved reports and links: named, limited, ended, and never wider than what their maker may see."""

from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from orchestrator.models import ReportShare, SavedReport, Team, User
from orchestrator.services.reports import keeping, questions, reading
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.refusals import OutOfSight, ReportRefused

from .conftest import NOON, MakeTrip

pytestmark = pytest.mark.django_db


def ask(user: User, text: str = "") -> Question:
    return questions.read(user, parse_qs(f"currency=usd&{text}"), NOON.date())


def test_saving_under_a_name_again_replaces_it(ada: User) -> None:
    keeping.save(ada, " by\r\nroad ", ask(ada, "group=road"))
    keeping.save(ada, "by road", ask(ada, "group=gear"))
    saved = SavedReport.objects.get()
    assert saved.name == "by road"
    assert "group=gear" in saved.query


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_report_needs_a_name(ada: User, name: str) -> None:
    with pytest.raises(ReportRefused, match="name of 1 to 80"):
        keeping.save(ada, name, ask(ada))


def test_a_link_shows_the_same_figures_until_it_ends(
    make_trip: MakeTrip, ada: User, team: Team
) -> None:
    make_trip(team=team)
    made, secret = keeping.share(ada, "November", ask(ada), 7, NOON)
    later = NOON + timedelta(days=6)
    _, question = keeping.opened(secret, later)
    assert question.scope.team_id == team.pk
    assert (question.span, reading.answer(question).totals.trips) == (ask(ada).span, 1)
    assert secret not in str(ReportShare.objects.values())
    for moment, pretended in ((NOON + timedelta(days=8), secret), (later, "other")):
        with pytest.raises(OutOfSight):
            keeping.opened(pretended, moment)
    assert keeping.revoke(ada, made.pk, NOON)
    with pytest.raises(OutOfSight):
        keeping.opened(secret, later)


def test_a_link_dies_with_the_right_of_its_maker(ada: User, team: Team) -> None:
    _, secret = keeping.share(ada, "x", ask(ada), 7, NOON)
    ada.memberships.all().delete()
    with pytest.raises(OutOfSight):
        keeping.opened(secret, NOON)
    _, mine = keeping.share(ada, "y", ask(ada), 7, NOON)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(OutOfSight):
        keeping.opened(mine, NOON)


@pytest.mark.parametrize("days", [0, -1, 91, 10**9])
def test_a_link_has_an_end_that_makes_sense(ada: User, days: int) -> None:
    with pytest.raises(ReportRefused, match="lasts 1 to 90 days"):
        keeping.share(ada, "x", ask(ada), days, NOON)


def test_nobody_revokes_the_link_of_another(ada: User, bob: User) -> None:
    made, _ = keeping.share(ada, "x", ask(ada), 7, NOON)
    assert not keeping.revoke(bob, made.pk, NOON)
