"""`clutch team` and `clutch user`: what they change, print and refuse."""

import io
import json

import pytest

from orchestrator.models import AuditEntry, User
from orchestrator.services.people import invitations
from orchestrator.services.people.sessions import is_alive
from tests.cli.conftest import Clutch
from tests.services.people.crew import Crew, muster, role_of


@pytest.fixture
def crew(clutch: Clutch) -> Crew:
    return muster()


def test_a_team_from_its_making_to_a_new_member(clutch: Clutch) -> None:
    assert "no team yet" in clutch("team", "list").out
    assert clutch("team", "create", "Engineers").status == 0
    assert clutch("team", "rename", "engineers", "Builders").status == 0
    assert json.loads(clutch("team", "list", "--json").out)[0]["name"] == "Builders"
    made = json.loads(clutch("team", "invite", "Builders", "--role", "viewer", "--json").out)
    token = made["url"].split("/")[-2]
    nora = User.objects.create_user("nora")
    from django.utils import timezone

    invitations.accept(token, nora, timezone.now())
    rows = json.loads(clutch("team", "members", "Builders", "--json").out)
    assert [(row["person"], row["role"]) for row in rows] == [
        ("nora", "viewer"),
        ("owner", "owner"),
    ]
    assert clutch("team", "role", "Builders", "nora", "admin").status == 0
    assert clutch("team", "remove", "Builders", "nora").status == 0
    sources = set(AuditEntry.objects.values_list("actor_name", "source"))
    assert ("owner", "terminal") in sources


def test_an_invitation_by_mail_without_a_server_says_so(clutch: Clutch, crew: Crew) -> None:
    done = clutch("team", "invite", "Engineers", "--email", "new@example.com")
    assert "/join/" in done.out
    assert "No mail server is set up" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("team", "members", "Nobody"), "no team"),
        (("team", "create", "engineers"), "already"),
        (("team", "create", "a\nb"), "only letters"),
        (("team", "invite", "Engineers", "--uses", "0"), "1 to 100"),
        (("team", "invite", "Engineers", "--days", "9999999"), "1 to 90"),
        (("team", "invite", "Engineers", "--role", "king"), "owner"),
        (("team", "role", "Engineers", "t-owner", "member"), "needs an owner"),
        (("team", "role", "Engineers", "t-stranger", "member"), "not in the team"),
        (("team", "remove", "Engineers", "t-owner"), "needs an owner"),
        (("user", "deactivate", "nobody"), "nobody named"),
        (("user", "deactivate", "owner"), "cannot deactivate yourself"),
        (("user", "deactivate", "t-owner"), "only owner"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    clutch: Clutch, crew: Crew, words: tuple[str, ...], told: str
) -> None:
    done = clutch(*words)
    assert done.status == 2
    assert told in done.err


def test_people_are_listed_deactivated_and_brought_back(clutch: Clutch, crew: Crew) -> None:
    assert clutch("user", "deactivate", "T-Member").status == 0
    assert "deactivated" in clutch("user", "list").out
    crew.member.refresh_from_db()
    assert not crew.member.is_active
    assert not is_alive("x", crew.member.pk)
    assert clutch("user", "activate", "t-member").status == 0
    rows = {row["person"]: row for row in json.loads(clutch("user", "list", "--json").out)}
    assert rows["t-member"]["is_active"]
    assert rows["t-member"]["teams"] == [{"team": "Engineers", "role": "member"}]
    assert role_of(crew.team, crew.member) == "member"


def test_a_password_is_read_and_never_printed(
    clutch: Clutch, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    done = clutch("user", "password", "t-member")
    assert done.status == 0
    assert "horse" not in done.out + done.err
    crew.member.refresh_from_db()
    assert crew.member.check_password("correct horse battery")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert clutch("user", "password", "t-member").status == 2
