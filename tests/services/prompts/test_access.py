"""Who sees a prompt, who changes it, who may suggest a change."""

import pytest

from orchestrator.models import Prompt, Team, User
from orchestrator.services.prompts import access, library
from orchestrator.services.prompts.access import Owner
from orchestrator.services.prompts.library import Draft

CAST = ("ada", "bob", "chief", "guest", "eve", "root")
WHO = {
    "mine": {"sees": {"ada"}, "changes": {"ada"}, "suggests": set()},
    "team": {
        "sees": {"ada", "bob", "chief", "guest"},
        "changes": {"ada", "chief"},
        "suggests": {"bob"},
    },
    "everyone": {
        "sees": set(CAST),
        "changes": {"root"},
        "suggests": {"ada", "bob", "chief", "guest", "eve"},
    },
}


@pytest.fixture
def prompt(request: pytest.FixtureRequest, ada: User, crew: Team) -> Prompt:
    owners = {"mine": Owner(user=ada), "team": Owner(team=crew), "everyone": Owner()}
    return library.create(ada, Draft("Greet", "Hello"), owners[request.param])


@pytest.mark.parametrize(("prompt", "who"), WHO.items(), indirect=["prompt"], ids=WHO)
def test_each_of_the_cast_may_do_what_is_theirs(
    request: pytest.FixtureRequest, prompt: Prompt, who: dict[str, set[str]]
) -> None:
    people = {name: request.getfixturevalue(name) for name in CAST}
    seeing = {name for name, user in people.items() if prompt in access.visible_to(user)}
    assert seeing == who["sees"]
    assert {name for name in seeing if access.may_change(prompt, people[name])} == who["changes"]
    assert {name for name in seeing if access.may_suggest(prompt, people[name])} == who["suggests"]


def test_who_left_the_team_no_longer_changes_what_they_wrote_there(ada: User, crew: Team) -> None:
    prompt = library.create(ada, Draft("Greet", "Hello"), Owner(team=crew))
    ada.memberships.all().delete()
    assert not access.may_change(prompt, ada)
    assert prompt not in access.visible_to(ada)


def test_places_to_put_a_prompt_follow_from_roles(
    ada: User, guest: User, root: User, crew: Team
) -> None:
    assert set(access.owners_open_to(ada)) == {"mine", f"team-{crew.pk}"}
    assert set(access.owners_open_to(guest)) == {"mine"}
    assert set(access.owners_open_to(root)) == {"mine", "everyone"}
    assert [str(owner) for owner in access.owners_open_to(ada).values()] == ["Only you", "Crew"]


def test_the_nearest_of_a_name_is_found(ada: User, crew: Team) -> None:
    owners = (Owner(), Owner(team=crew), Owner(user=ada))
    for owner in owners:
        made = library.create(ada, Draft("Greet", "Hello"), owner)
        assert access.by_name(ada, "greet") == made
    assert access.by_name(ada, "nothing") is None


def test_a_version_is_seen_with_its_prompt_only(ada: User, eve: User) -> None:
    prompt = library.create(ada, Draft("Greet", "Hello"))
    assert access.visible_version(ada.pk, prompt.live_id) == prompt.live
    assert access.visible_version(eve.pk, prompt.live_id) is None
    assert access.visible_version(ada.pk, None) is None
    assert access.visible_version(ada.pk, 2**63) is None
