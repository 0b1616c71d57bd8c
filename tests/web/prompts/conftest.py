"""A team with a prompt of its own, and a prompt that is Ada's alone."""

import pytest
from django.test import Client

from orchestrator.models import Membership, Prompt, Team, User
from orchestrator.services.prompts import library
from orchestrator.services.prompts.access import Owner
from orchestrator.services.prompts.library import Draft
from tests.web.conftest import signed_in


@pytest.fixture
def mine(ada: User) -> Prompt:
    return library.create(ada, Draft("Review code", "Review {{code:multiline}}"))


@pytest.fixture
def crew(ada: User) -> Team:
    team = Team.objects.create(name="Crew")
    Membership.objects.create(user=ada, team=team, role="owner")
    return team


@pytest.fixture
def shared(ada: User, crew: Team) -> Prompt:
    return library.create(ada, Draft("Greet", "Hello {{name}}"), Owner(team=crew))


@pytest.fixture
def bob(crew: Team) -> User:
    user = User.objects.create_user("bob")
    Membership.objects.create(user=user, team=crew, role="member")
    return user


@pytest.fixture
def member(bob: User) -> Client:
    """A browser in which a member of Ada's team is signed in."""
    return signed_in(bob)


@pytest.fixture
def viewer(crew: Team) -> Client:
    user = User.objects.create_user("guest")
    Membership.objects.create(user=user, team=crew, role="viewer")
    return signed_in(user)


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]
