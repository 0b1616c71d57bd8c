"""Accounts of people: made, named, deactivated and brought back."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from orchestrator.models import (
    ApiToken,
    Invitation,
    Membership,
    SignInLink,
    Team,
    Trip,
    User,
)
from orchestrator.services.driving import stops
from orchestrator.services.people import audit, names, roles, sessions, signin, teams
from orchestrator.services.people.audit import Area
from orchestrator.services.people.roles import Role


class AccountRefused(ValueError):
    """The account stays as it is; the message says why and what to do."""


def create(username: str, password: str | None, *, email: str = "", name: str = "") -> User:
    """Without a password one signs in by link or through the identity provider."""
    made = User(username=clean_username(username), email=email)
    made.first_name = names.clean(name, "a name") if name.strip() else ""
    if password is not None:
        _check_password(password, made)
    made.set_password(password)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            audit.record(Area.PEOPLE, f"Account of {made.username} created", by=made)
    except IntegrityError as error:
        raise AccountRefused(_taken(made.username)) from error
    return made


def are_several() -> bool:
    """Whether anybody but the owner uses this installation."""
    return User.objects.filter(is_owner=False).exists()


def clean_username(text: str) -> str:
    username = names.clean(text, "a name to sign in with", 150)
    try:
        User.username_validator(username)
    except ValidationError as error:
        raise AccountRefused(
            "A name to sign in with has only letters, digits and @ . + - _ in it."
        ) from error
    # “Ada” beside “ada” would be taken for the same person.
    if User.objects.filter(username__iexact=username).exists():
        raise AccountRefused(_taken(username))
    return username


def _taken(username: str) -> str:
    return f"The name {username!r} is taken. Choose another."


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountRefused(" ".join(error.messages)) from error


def set_name(user: User, name: str) -> None:
    user.first_name = names.clean(name, "a name") if name.strip() else ""
    user.save(update_fields=["first_name"])


def set_password(user: User, password: str) -> None:
    """Every other session of the person ends, because it was opened with the old one."""
    _check_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        audit.record(Area.SIGN_IN, f"Password of {user.username} changed")


def make_sign_in_link(person: User, base_url: str, now: datetime) -> str:
    """For who lost password or app: whoever runs the installation lets them in once."""
    with transaction.atomic():
        audit.record(Area.SIGN_IN, f"Sign-in link for {person.username} made")
        return signin.make_link(base_url, person, now)


def why_not_deactivate(actor: User, person: User) -> str:
    """Empty when the actor may. What is true of deactivating is true of bringing back."""
    if person.pk == actor.pk:
        return "You cannot deactivate yourself."
    if person.is_owner:
        return "The owner of this installation cannot be deactivated."
    if teams.is_administrator(actor):
        return ""
    if person.is_staff or person.is_superuser:
        return "An administrator of this installation can only be deactivated by its owner."
    return "" if _is_run_by(actor, person) else ELSEWHERE


ELSEWHERE = "This person is also in a team that you do not run. Remove them from yours."


def _is_run_by(actor: User, person: User) -> bool:
    """Whether the actor runs every team of the person; somebody without a team is nobody's."""
    own = dict(actor.memberships.values_list("team_id", "role"))
    held = list(person.memberships.all())
    return bool(held) and all(roles.may_give(own.get(each.team_id, ""), each.role) for each in held)


def deactivate(person: User) -> None:
    """Sessions, tokens and running trips end at once; chats and costs are kept."""
    now = timezone.now()
    with transaction.atomic():
        held = Membership.objects.filter(user=person, role=Role.OWNER).select_related("team")
        _check_owners(person, [each.team for each in held])
        User.objects.filter(pk=person.pk).update(is_active=False)
        sessions.end_all(person)
        ApiToken.objects.filter(user=person, revoked_at=None).update(revoked_at=now)
        Invitation.objects.filter(made_by=person, revoked_at=None).update(revoked_at=now)
        SignInLink.objects.filter(user=person, used_at=None).delete()
        _record_in_teams(person, "deactivated")
    person.is_active = False
    running = Trip.objects.filter(user=person).exclude(state__in=Trip.FINAL)
    for trip_id in running.values_list("pk", flat=True):
        stops.request(trip_id)


def _check_owners(person: User, owned: Iterable[Team]) -> None:
    for team in owned:
        Team.objects.select_for_update().get(pk=team.pk)
        if not teams.other_owners(team, person.pk).exists():
            raise AccountRefused(
                f"{person.username} is the only owner of the team {team}. "
                "Make somebody else owner first."
            )


def reactivate(person: User) -> None:
    """They sign in anew; tokens that were revoked stay so."""
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(
            is_active=True, session_epoch=F("session_epoch") + 1
        )
        _record_in_teams(person, "brought back")
    person.is_active = True


def _record_in_teams(person: User, what: str) -> None:
    held: list[Team | None] = [each.team for each in person.memberships.select_related("team")]
    for team in held or [None]:
        audit.record(Area.PEOPLE, f"Account of {person.username} {what}", team=team)
