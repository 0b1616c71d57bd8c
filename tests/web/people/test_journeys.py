"""Inviting, joining, viewing as a member, deactivating: as people do it, page after page."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from orchestrator.models import AuditEntry, Invitation, Membership, Message, Team, User
from orchestrator.services.people import tokens
from tests.services.people.crew import Crew, role_of

from .conftest import Browser

INVITE = {"role": "member", "uses": "1", "days": "7"}


def link_of(html: str) -> str:
    found = re.search(r"http://testserver(/join/[\w-]+/)", html)
    assert found is not None
    return found[1]


def test_a_newcomer_joins_by_link_and_sees_the_models(crew: Crew, browser: Browser) -> None:
    owner = browser("owner")
    page = owner.post(f"/teams/{crew.team.pk}/invite/", INVITE).content.decode()
    link = link_of(page)
    assert link not in owner.get(f"/teams/{crew.team.pk}/").content.decode()
    newcomer = Client()
    html = newcomer.get(link).content.decode()
    assert "Join Engineers" in html
    assert re.search(r"You will have [1-9]\d* models?:", html)
    form = {"username": "nora", "password": "correct horse battery"}
    answer = newcomer.post(link, form)
    assert answer.headers["Location"] == f"/teams/{crew.team.pk}/"
    assert role_of(crew.team, User.objects.get(username="nora")) == "member"
    chat = newcomer.get("/chat/").content.decode()
    assert "demo-1" in chat
    assert newcomer.post("/prompts/new/", {"title": "A", "text": "B"}).status_code == 302
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"username": "t-owner", "password": "correct horse battery"}, "is taken"),
        ({"username": "T-OWNER", "password": "correct horse battery"}, "is taken"),
        ({"username": "a b", "password": "correct horse battery"}, "only letters"),
        ({"username": "nora", "password": "short"}, "at least 12"),
        ({"username": "", "password": ""}, "required"),
    ],
)
def test_joining_with_a_bad_name_or_password_uses_nothing_up(
    crew: Crew, browser: Browser, form: dict[str, str], told: str
) -> None:
    page = browser("owner").post(f"/teams/{crew.team.pk}/invite/", INVITE).content.decode()
    answer = Client().post(link_of(page), form)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Invitation.objects.get().uses == 0


def test_without_a_mail_server_the_link_is_shown_and_that_is_said(
    crew: Crew, browser: Browser, settings: Settings
) -> None:
    form = {**INVITE, "email": "new@example.com"}
    page = browser("owner").post(f"/teams/{crew.team.pk}/invite/", form).content.decode()
    assert "No mail server is set up, so nothing was sent" in page
    link_of(page)
    assert mail.outbox == []
    settings.EMAIL_HOST = "mail.example.com"
    page = browser("owner").post(f"/teams/{crew.team.pk}/invite/", form).content.decode()
    assert "It was sent to new@example.com" in page
    assert link_of(page) in mail.outbox[0].body


def test_a_mail_server_that_is_away_leaves_the_link(
    crew: Crew, browser: Browser, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    form = {**INVITE, "email": "new@example.com"}
    page = browser("owner").post(f"/teams/{crew.team.pk}/invite/", form).content.decode()
    assert "did not take the e-mail" in page
    link_of(page)


@pytest.mark.parametrize(
    "form",
    [
        {**INVITE, "uses": "-1"},
        {**INVITE, "days": "1e9"},
        {**INVITE, "days": "NaN"},
        {**INVITE, "role": "king"},
        {**INVITE, "email": "x@y\nBcc: z@y.example"},
        {},
    ],
    ids=str,
)
def test_an_absurd_invitation_is_not_made(
    crew: Crew, browser: Browser, form: dict[str, str]
) -> None:
    assert browser("owner").post(f"/teams/{crew.team.pk}/invite/", form).status_code == 422
    assert not Invitation.objects.exists()


def test_an_administrator_cannot_invite_an_owner(crew: Crew, browser: Browser) -> None:
    form = {**INVITE, "role": "owner"}
    assert browser("admin").post(f"/teams/{crew.team.pk}/invite/", form).status_code == 422


def test_removed_and_brought_back_by_one_click(crew: Crew, browser: Browser) -> None:
    owner = browser("owner")
    base = f"/teams/{crew.team.pk}/members"
    page = owner.post(f"{base}/{crew.member.pk}/remove/").content.decode()
    assert role_of(crew.team, crew.member) == ""
    proof = re.search(r'name="undo" value="([^"]+)"', page)
    assert proof is not None
    other = Team.objects.create(name="Other")
    Membership.objects.create(user=crew.admin, team=other, role="owner")
    foreign = browser("admin").post(f"/teams/{other.pk}/members/restore/", {"undo": proof[1]})
    assert foreign.status_code == 404
    assert owner.post(f"{base}/restore/", {"undo": proof[1]}).status_code == 302
    assert role_of(crew.team, crew.member) == "member"


def test_viewing_as_a_member_shows_theirs_and_changes_nothing(browser: Browser) -> None:
    boss = browser("boss")
    team = Team.objects.get()
    assert boss.get("/people/").status_code == 200
    boss.post(f"/teams/{team.pk}/view-as/", {"role": "member"})
    html = boss.get("/settings/").content.decode()
    assert "You see what a <strong>member</strong> of Engineers sees" in html
    assert "Provider keys" not in html
    for hidden in ("/people/", "/audit/", "/admin/"):
        assert boss.get(hidden).status_code in (302, 403, 404)
    assert "Invite" not in boss.get(f"/teams/{team.pk}/").content.decode()
    for address in ("/teams/", "/prompts/new/", "/settings/tokens/", "/account/name/"):
        answer = boss.post(address, {"name": "x", "title": "x", "text": "x"})
        assert answer.status_code == 403
        assert b"You only look as somebody else" in answer.content
    boss.post("/teams/view-as/end/")
    assert boss.get("/people/").status_code == 200
    owner = User.objects.get(is_owner=True)
    assert owner.is_superuser
    assert owner.is_staff


def test_viewing_ends_with_the_right_to_it(crew: Crew, browser: Browser) -> None:
    admin = browser("admin")
    admin.post(f"/teams/{crew.team.pk}/view-as/", {"role": "viewer"})
    assert b"You see what a" in admin.get("/settings/").content
    Membership.objects.filter(user=crew.admin).update(role="member")
    assert b"You see what a" not in admin.get("/settings/").content


def test_a_leaver_is_out_with_the_next_click(crew: Crew, browser: Browser) -> None:
    member, boss = browser("member"), browser("boss")
    token = tokens.create(crew.member, "laptop")
    assert member.get("/chat/").status_code == 200
    assert boss.post(f"/people/{crew.member.pk}/deactivate/").status_code == 302
    assert member.get("/chat/").status_code == 302
    assert tokens.find(token.value, timezone.now()) is None
    boss.post(f"/people/{crew.member.pk}/activate/")
    assert member.get("/chat/").status_code == 302
    last = AuditEntry.objects.first()
    assert last is not None
    assert (last.what, last.actor_name) == ("Account of t-member brought back", "owner")


def test_a_sign_in_link_lets_somebody_in_again(crew: Crew, browser: Browser) -> None:
    page = browser("boss").post(f"/people/{crew.member.pk}/link/").content.decode()
    found = re.search(r"http://testserver(/sign-in/[\w-]+/)", page)
    assert found is not None
    client = Client()
    client.get(found[1])
    assert client.get("/account/").status_code == 200
    owner = User.objects.get(is_owner=True)
    assert browser("boss").post(f"/people/{owner.pk}/link/").status_code == 404


def test_whoever_is_in_no_team_is_told_so_and_nothing_is_kept(crew: Crew, browser: Browser) -> None:
    chat = "0192f0aa-7e1b-7c3d-9f00-aa11bb22cc33"
    answer = browser("stranger").post("/chat/send/", {"text": "Hello", "chat": chat, "parent": ""})
    assert answer.status_code == 422
    assert "You are in no team" in answer.json()["error"]
    assert not Message.objects.exists()


def test_alone_one_sees_nothing_of_teams(db: None) -> None:
    owner = User.objects.get(is_owner=True)
    client = Client()
    client.force_login(owner)
    html = client.get("/chat/").content.decode()
    assert 'href="/teams/"' not in html
    assert "viewer" not in html


def test_the_audit_page_filters_pages_and_exports(crew: Crew, browser: Browser) -> None:
    owner = browser("owner")
    for number in range(60):
        owner.post(f"/teams/{crew.team.pk}/rename/", {"name": f"Name {number}"})
    first = owner.get("/audit/", {"area": "teams", "person": "t-owner"}).content.decode()
    assert first.count("Name of the team") == 50
    older = re.search(r'href="(\?[^"]*before=[^"]+)"', first)
    assert older is not None
    second = owner.get("/audit/" + older[1].replace("&amp;", "&")).content.decode()
    assert second.count("Name of the team") == 10
    answer = owner.get("/audit/export/", {"area": "teams"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 61
    for absurd in ("before=1", "since=9999-99-99", "team=-1", "area=zz", "person=%00"):
        assert owner.get(f"/audit/?{absurd}").status_code == 200
