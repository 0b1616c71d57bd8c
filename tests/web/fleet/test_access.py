"""Gears, roads, drafts and keys: for anybody but an editor there is no such page."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from orchestrator.models import FleetChange, Membership, Team, User
from orchestrator.web.fleet.urls import urlpatterns

EXAMPLES = {
    "name": "demo-1",
    "pk": uuid4(),
    "number": 1,
    "how": "retire",
    "group": "roads",
}


def addresses() -> list[str]:
    return [
        reverse(str(each.name), kwargs={key: EXAMPLES[key] for key in each.pattern.converters})
        for each in urlpatterns
    ]


def test_there_are_pages_to_check() -> None:
    assert len(addresses()) > 25


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_and_a_viewer_find_nothing(stranger: Client, eve: User, method: str) -> None:
    team = Team.objects.create(name="Blue")
    for role in (None, Membership.Role.VIEWER, Membership.Role.OWNER):
        if role:
            Membership.objects.update_or_create(user=eve, team=team, defaults={"role": role})
        for address in addresses():
            answer = getattr(stranger, method)(address, {"to": "up", "text": "x"})
            assert answer.status_code in (403, 404, 405), address
    assert not FleetChange.objects.exists()


def test_who_may_not_edit_is_not_led_there(page: Client, editor: Client) -> None:
    assert 'href="/gears/"' not in page.get("/settings/").content.decode()
    assert 'href="/gears/"' in editor.get("/settings/").content.decode()
    for client, is_there in ((page, False), (editor, True)):
        found = client.get("/palette/", {"q": "gears"}).content.decode()
        assert ('href="/gears/"' in found) is is_there


@pytest.mark.parametrize(
    "address",
    [
        "/gears/at/nobody/",
        "/gears/at/nobody/do/retire/",
        "/gears/at/demo-1/do/explode/",
        "/roads/at/nowhere/",
        "/roads/rules/at/nothing/",
        "/draft/roads/nowhere/remove/",
        "/draft/secrets/rally/move/",
        "/draft/history/999/back/",
        "/keys/at/NOBODYS_KEY/remove/",
        "/keys/at/NOBODYS_KEY/try/",
    ],
)
def test_what_is_not_there_is_not_found(editor: Client, address: str) -> None:
    assert editor.post(address, {"to": "up"}).status_code == 404
