"""The profile pages: kept, explained, shared, imported; strangers and viewers; two at once."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orchestrator.models import Conversation, DefaultProfile, Membership, Profile, Team, Trip, User
from orchestrator.services.profiles import library
from orchestrator.services.profiles.fields import Fields
from orchestrator.services.upkeep import startup

from .conftest import ATTACK, signed_in

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {
    "title": "Night shift",
    "policy": "own",
    "slider": "30",
    "max_level": "3",
    "min_throttle": "10",
    "max_throttle": "60",
    "instructions": "Be brief.",
    "default_tags": "night, work",
    "budget_share": "25",
}


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Acme")


@pytest.fixture
def mine(ada: User) -> Profile:
    return library.create(ada, "mine", Fields(title="Mine", max_level=2))


def test_a_profile_is_kept_and_says_what_counts(page: Client, ada: User) -> None:
    made = page.post("/profiles/create/", GOOD)
    profile = Profile.objects.get(user=ada)
    assert made.headers["Location"] == f"/profiles/{profile.pk}/"
    assert (profile.name, profile.policy, profile.default_tags) == (
        "night-shift",
        "30",
        ["night", "work"],
    )
    html = page.get(f"/profiles/{profile.pk}/").content.decode()
    assert "up to G3" in html
    assert "profile night-shift" in html
    assert "25 % of the day" in html


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_level", "9"),
        ("max_level", "NaN"),
        ("min_throttle", "-1"),
        ("min_throttle", "90"),
        ("max_throttle", "101"),
        ("slider", "500"),
        ("policy", "best"),
        ("budget_share", "0"),
        ("budget_share", "inf"),
        ("title", "!!!"),
        ("title", "none"),
        ("allowed_gears", "ghost"),
        ("allowed_patterns", "loop"),
        ("instructions", "x" * 20_001),
    ],
)
def test_wrong_fields_come_back_with_the_reason(page: Client, field: str, value: str) -> None:
    refused = page.post("/profiles/create/", {**GOOD, field: value})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert not Profile.objects.exclude(user=None).exists()


def test_two_who_edit_at_once_both_see_what_the_other_wrote(page: Client, mine: Profile) -> None:
    address = f"/profiles/{mine.pk}/edit/"
    assert page.post(address, {**GOOD, "revision": "1"}).status_code == 302
    late = page.post(address, {**GOOD, "instructions": "Mine instead.", "revision": "1"})
    html = late.content.decode()
    assert late.status_code == 409
    assert "Be brief." in html
    assert "Mine instead." in html
    mine.refresh_from_db()
    assert mine.instructions == "Be brief."


def test_strangers_find_nothing(stranger: Client, mine: Profile, team: Team) -> None:
    assert "Mine" not in stranger.get("/profiles/").content.decode()
    for what in ("", "export/"):
        assert stranger.get(f"/profiles/{mine.pk}/{what}").status_code == 404
    for what in ("edit", "copy", "share", "delete"):
        assert stranger.post(f"/profiles/{mine.pk}/{what}/", GOOD).status_code == 404
    for address in ("default", "team-default"):
        form = {"profile": mine.pk, "team": team.pk}
        assert stranger.post(f"/profiles/{address}/", form).status_code == 404
    assert not DefaultProfile.objects.exists()


def test_members_read_a_shared_copy_and_viewers_share_nothing(
    page: Client, ada: User, eve: User, mine: Profile, team: Team
) -> None:
    Membership.objects.create(user=ada, team=team, role="admin")
    Membership.objects.create(user=eve, team=team, role="viewer")
    assert page.post(f"/profiles/{mine.pk}/share/", {"team": team.pk}).status_code == 302
    copy = Profile.objects.get(team=team)
    viewer = signed_in(eve)
    assert "only to read" in viewer.get(f"/profiles/{copy.pk}/").content.decode()
    assert viewer.post(f"/profiles/{copy.pk}/edit/", GOOD).status_code == 403
    assert viewer.post(f"/profiles/{copy.pk}/delete/").status_code == 403
    form = {"team": team.pk, "profile": copy.pk}
    assert viewer.post("/profiles/team-default/", form).status_code == 403
    hers = library.create(eve, "hers", Fields())
    assert viewer.post(f"/profiles/{hers.pk}/share/", {"team": team.pk}).status_code == 403
    assert page.post("/profiles/team-default/", form).status_code == 302
    assert "team’s default, mine" in viewer.get("/profiles/").content.decode()
    assert page.post(f"/profiles/{copy.pk}/delete/").status_code == 302
    assert not DefaultProfile.objects.exists()


def test_another_team_s_copy_does_not_exist_for_me(
    stranger: Client, ada: User, mine: Profile, team: Team
) -> None:
    Membership.objects.create(user=ada, team=team)
    copy = library.share(ada, mine, team)
    assert stranger.get(f"/profiles/{copy.pk}/").status_code == 404
    assert stranger.post(f"/profiles/{copy.pk}/copy/").status_code == 404


def test_a_file_and_a_pasted_text_are_imported(page: Client, ada: User, mine: Profile) -> None:
    text = page.get(f"/profiles/{mine.pk}/export/").content.decode()
    assert 'name = "mine"' in text
    file = SimpleUploadedFile("x.toml", text.replace('"mine"', '"other"').encode())
    assert page.post("/profiles/import/", {"file": file}).status_code == 302
    assert Profile.objects.filter(user=ada).count() == 2
    for bad in (b"\xff\xfe", b"name = ", b"#" * 100_000):
        broken = SimpleUploadedFile("x.toml", bad)
        assert page.post("/profiles/import/", {"file": broken}).status_code == 422
    assert page.post("/profiles/import/", {"text": "name = '!'"}).status_code == 422
    assert Profile.objects.filter(user=ada).count() == 2


def test_nothing_in_a_profile_becomes_html(page: Client, ada: User) -> None:
    made = library.create(ada, "x", Fields(title=ATTACK, instructions=ATTACK))
    library.set_own_default(ada, made)
    for address in ("/profiles/", f"/profiles/{made.pk}/", "/chat/"):
        assert ATTACK not in page.get(address).content.decode()


def test_the_composer_keeps_the_profile_with_the_chat(page: Client, ada: User) -> None:
    startup.prepare()
    library.create(ada, "night", Fields(title="Night", default_tags=("night",), max_level=1))
    sent = page.post("/chat/send/", {"text": "Hello", "profile": "night"}).json()
    chat = Conversation.objects.get(pk=sent["chat"])
    assert chat.overrides == {"profile": "night"}
    assert list(chat.tags.values_list("name", flat=True)) == ["night"]
    html = page.get(f"/chat/{chat.pk}/").content.decode()
    assert '<option value="night" selected>' in html
    assert "data-pinned" not in html
    assert Trip.objects.get().payload.request["profile"] == "night"
    assert page.post(f"/chat/{chat.pk}/profile/", {"profile": "sport"}).status_code == 204
    assert page.post(f"/chat/{chat.pk}/profile/", {"profile": "ghost"}).status_code == 422
    chat.refresh_from_db()
    assert chat.overrides == {"profile": "sport"}


def test_a_stranger_s_chat_gets_no_profile(stranger: Client, ada: User) -> None:
    chat = Conversation.objects.create(user=ada)
    assert stranger.post(f"/chat/{chat.pk}/profile/", {"profile": ""}).status_code == 404


def test_a_member_is_offered_the_models_of_the_team_s_profile(
    page: Client, ada: User, team: Team
) -> None:
    startup.prepare()
    Membership.objects.create(user=ada, team=team, role="member")
    User.objects.filter(pk=ada.pk).update(current_team=team)
    assert 'value="demo-4"' in page.get("/chat/").content.decode()
    shared = Profile.objects.create(
        name="start", team=team, allowed_gears=["demo-1", "demo-4"], max_level=3
    )
    library.set_team_default(team, shared)
    html = page.get("/chat/").content.decode()
    assert 'value="demo-1"' in html
    assert 'value="demo-2"' not in html
    assert 'value="demo-4"' not in html
    found = page.get("/palette/?q=demo").content.decode()
    assert "G1 Demo" in found
    assert "G2 Demo" not in found
