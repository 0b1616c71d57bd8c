"""People of one team in every role, one outside of it, and drafts of prompts."""

import pytest

from orchestrator.models import Membership, Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(db: None) -> Team:
    return Team.objects.create(name="Crew")


def joined(name: str, team: Team, role: str) -> User:
    user = User.objects.create_user(name)
    Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.fixture
def ada(crew: Team) -> User:
    return joined("ada", crew, "member")


@pytest.fixture
def bob(crew: Team) -> User:
    return joined("bob", crew, "member")


@pytest.fixture
def chief(crew: Team) -> User:
    return joined("chief", crew, "admin")


@pytest.fixture
def guest(crew: Team) -> User:
    return joined("guest", crew, "viewer")


@pytest.fixture
def eve(db: None) -> User:
    return User.objects.create_user("eve")


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root")
