"""Every page of teams and people, asked by everybody: what is not theirs is not there."""

import pytest

from orchestrator.models import Membership, Team
from orchestrator.services.people import invitations
from orchestrator.services.people.invitations import Wish
from tests.services.people.crew import Crew

from .conftest import Browser

GET, POST = "get", "post"
# method, address, form, and the status for: boss, owner, admin, member, viewer, stranger
VIEWS: list[tuple[str, str, dict[str, object], tuple[int, ...]]] = [
    (GET, "/teams/", {}, (200, 200, 200, 200, 200, 200)),
    (POST, "/teams/", {"name": "New"}, (302, 422, 422, 422, 403, 422)),
    (GET, "/teams/{team}/", {}, (200, 200, 200, 200, 200, 404)),
    (POST, "/teams/{team}/rename/", {"name": "New"}, (302, 302, 302, 403, 403, 404)),
    (
        POST,
        "/teams/{team}/invite/",
        {"role": "member", "uses": 1, "days": 1},
        (200, 200, 200, 403, 403, 404),
    ),
    (POST, "/teams/{team}/invitations/{invitation}/revoke/", {}, (302, 302, 302, 403, 403, 404)),
    (
        POST,
        "/teams/{team}/members/{member}/role/",
        {"role": "viewer"},
        (302, 302, 302, 403, 403, 404),
    ),
    (
        POST,
        "/teams/{team}/members/{owner}/role/",
        {"role": "viewer"},
        (422, 422, 422, 403, 403, 404),
    ),
    (
        POST,
        "/teams/{team}/members/{stranger}/role/",
        {"role": "owner"},
        (404, 404, 404, 403, 403, 404),
    ),
    (POST, "/teams/{team}/members/{member}/remove/", {}, (200, 200, 200, 403, 403, 404)),
    (POST, "/teams/{team}/members/restore/", {"undo": "forged"}, (404, 404, 404, 403, 403, 404)),
    (POST, "/teams/{team}/hand-over/", {"to": "{member}"}, (422, 302, 422, 403, 403, 404)),
    (POST, "/teams/{team}/leave/", {}, (422, 422, 302, 302, 302, 404)),
    (POST, "/teams/{team}/view-as/", {}, (302, 302, 302, 403, 403, 404)),
    (POST, "/teams/{team}/view-as/", {"role": "owner"}, (404, 404, 404, 403, 403, 404)),
    (POST, "/teams/switch/", {"team": "{team}"}, (302, 302, 302, 302, 302, 404)),
    (POST, "/teams/switch/", {"team": "0"}, (302, 422, 422, 422, 422, 422)),
    (POST, "/teams/switch/", {"team": "1e9"}, (404, 404, 404, 404, 404, 404)),
    (POST, "/teams/view-as/end/", {}, (302, 302, 302, 302, 302, 302)),
    (GET, "/people/", {}, (200, 404, 404, 404, 404, 404)),
    (POST, "/people/{member}/deactivate/", {}, (302, 302, 302, 403, 403, 404)),
    (POST, "/people/{owner}/deactivate/", {}, (302, 403, 403, 403, 403, 404)),
    (POST, "/people/{stranger}/deactivate/", {}, (302, 404, 404, 404, 403, 404)),
    (POST, "/people/{member}/activate/", {}, (302, 302, 302, 403, 403, 404)),
    (POST, "/people/{member}/link/", {}, (200, 404, 404, 404, 403, 404)),
    (GET, "/audit/", {}, (200, 200, 200, 404, 404, 404)),
    (GET, "/audit/export/", {}, (200, 200, 200, 404, 404, 404)),
    (GET, "/join/{token}/", {}, (200, 200, 200, 200, 200, 200)),
    (POST, "/join/{token}/", {}, (302, 422, 422, 422, 422, 302)),
    (GET, "/join/made-up/", {}, (404, 404, 404, 404, 404, 404)),
    (GET, "/account/", {}, (200, 200, 200, 200, 200, 200)),
    (GET, "/account/second-factor/", {}, (200, 200, 200, 200, 200, 200)),
    (POST, "/account/sessions/999/end/", {}, (404, 404, 404, 404, 404, 404)),
    (POST, "/account/identities/999/remove/", {}, (404, 404, 404, 404, 404, 404)),
    (POST, "/account/second-factor/off/", {"code": "1"}, (422, 422, 422, 422, 422, 422)),
]
WHO = ("boss", "owner", "admin", "member", "viewer", "stranger")
CASES = [
    (method, address, form, who, status)
    for method, address, form, statuses in VIEWS
    for who, status in zip(WHO, statuses, strict=True)
]


@pytest.mark.parametrize(
    ("method", "address", "form", "who", "status"), CASES, ids=lambda case: str(case)[:60]
)
def test_who_may_do_what(
    crew: Crew,
    browser: Browser,
    method: str,
    address: str,
    form: dict[str, object],
    who: str,
    status: int,
) -> None:
    made = invitations.make(crew.team, "owner", crew.owner, Wish("member"), "http://x")
    ids = {name: user.pk for name, user in crew.everybody().items()}
    ids |= {"team": crew.team.pk, "invitation": made.invitation.pk}
    ids["token"] = made.url.split("/")[-2]
    filled = {name: str(value).format(**ids) for name, value in form.items()}
    if address == "/people/{owner}/deactivate/" and who == "boss":
        crew.team.memberships.filter(user=crew.admin).update(role="owner")
    answer = getattr(browser(who), method)(address.format(**ids), filled)
    assert answer.status_code == status


CHANGES = [
    "/chat/send/",
    "/prompts/new/",
    "/settings/tokens/",
    "/setup/keys/",
    "/attachments/",
    "/runs/start/",
    "/health/try-again/",
]


@pytest.mark.parametrize("address", CHANGES)
def test_a_viewer_changes_and_sends_nothing(crew: Crew, browser: Browser, address: str) -> None:
    answer = browser("viewer").post(address, {"text": "Hello", "name": "x"})
    assert answer.status_code == 403
    assert b"You are a viewer of the team Engineers" in answer.content
    told = browser("viewer").post(address, {}, headers={"accept": "application/json"})
    assert "You are a viewer" in told.json()["error"]


PAGES = ["/chat/", "/", "/trips/", "/prompts/", "/rules/", "/health/", "/settings/", "/teams/"]


@pytest.mark.parametrize("address", PAGES)
def test_a_viewer_looks_at_everything_and_is_told_what_they_are(
    browser: Browser, address: str
) -> None:
    answer = browser("viewer").get(address)
    assert answer.status_code == 200
    assert b"You are a viewer of Engineers" in answer.content
    assert b"You are a viewer of" not in browser("member").get(address).content


def test_a_viewer_of_one_team_works_in_another(crew: Crew, browser: Browser) -> None:
    client = browser("viewer")
    assert client.post("/prompts/new/", {"title": "A", "text": "B"}).status_code == 403
    second = Team.objects.create(name="Second")
    Membership.objects.create(user=crew.viewer, team=second, role="member")
    client.post("/teams/switch/", {"team": second.pk})
    assert client.post("/prompts/new/", {"title": "A", "text": "B"}).status_code == 302
