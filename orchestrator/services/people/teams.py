"""Teams and who is in them. A team always keeps an owner who can sign in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from orchestrator.models import ApiToken, Invitation, Membership, Team, User
from orchestrator.services.people import audit, names, roles
from orchestrator.services.people.audit import Area
from orchestrator.services.people.roles import Role

TEAM_NAME = "a team's name"


class TeamRefused(ValueError):
    """The team stays as it is; the message says why and what to do."""


LAST_OWNER = "A team needs an owner. Make somebody else owner first."
ABOVE = "You cannot change an owner of the team, nor make one. Ask an owner."


def is_administrator(user: User) -> bool:
    """Whoever runs the installation counts as an owner of every team."""
    return user.is_owner or user.is_superuser


def create(user: User, name: str) -> Team:
    """With its maker as owner, who works in it from now on.

    Only for who runs the installation: a team of one's own would lie outside every team's budget.
    """
    if not is_administrator(user):
        raise TeamRefused("Only whoever runs this installation makes teams. Ask them.")
    name = names.clean(name, TEAM_NAME)
    check_is_free(name)
    try:
        with transaction.atomic():
            team = Team.objects.create(name=name)
            Membership.objects.create(user=user, team=team, role=Role.OWNER)
            User.objects.filter(pk=user.pk).update(current_team=team)
            audit.record(Area.TEAMS, "Team created", after=name, team=team)
    except IntegrityError as error:
        raise TeamRefused(_taken(name)) from error
    user.current_team = team
    return team


def rename(team: Team, name: str) -> None:
    name, before = names.clean(name, TEAM_NAME), team.name
    if name == before:
        return
    check_is_free(name, except_pk=team.pk)
    team.name = name
    try:
        with transaction.atomic():
            team.save(update_fields=["name"])
            audit.record(Area.TEAMS, "Name of the team", before=before, after=name, team=team)
    except IntegrityError as error:
        raise TeamRefused(_taken(name)) from error


def check_is_free(name: str, except_pk: int = 0) -> None:
    if Team.objects.filter(name__iexact=name).exclude(pk=except_pk).exists():
        raise TeamRefused(_taken(name))


def _taken(name: str) -> str:
    return f"There is a team named {name!r} already. Choose another name."


def of(user: User) -> list[Membership]:
    if user.viewing is not None:
        team, role = user.viewing
        return [Membership(user=user, team=team, role=role)]
    held = Membership.objects.filter(user=user).select_related("team")
    return sorted(held, key=lambda each: each.team.name.casefold())


def members(team: Team) -> QuerySet[Membership]:
    return team.memberships.select_related("user").order_by("user__username")


def role_in(user: User, team_id: int) -> str:
    """Empty for a stranger to the team."""
    if user.viewing is not None:
        team, role = user.viewing
        return role if team.pk == team_id else ""
    if is_administrator(user):
        return Role.OWNER.value if Team.objects.filter(pk=team_id).exists() else ""
    held = Membership.objects.filter(user=user, team_id=team_id).first()
    return held.role if held is not None else ""


def switch(user: User, team: Team | None) -> None:
    """What is done from now on counts for this team, or for none: not for who is bound to one."""
    if team is None and not is_administrator(user):
        raise TeamRefused("Choose a team; what you do counts for one of them.")
    user.current_team = team
    User.objects.filter(pk=user.pk).update(current_team=team)


def add(team: Team, user: User, role: str) -> Membership:
    """Raises `IntegrityError` for somebody who is in the team already."""
    made = Membership.objects.create(team=team, user=user, role=role)
    User.objects.filter(pk=user.pk).update(current_team=team)
    audit.record(Area.TEAMS, f"{user.username} joined", after=role, team=team, by=user)
    return made


def set_role(team: Team, own_role: str, user_id: int, role: str) -> str:
    """`own_role` is the role of whoever asks. Returns the role until now."""
    with locked(team):
        held = _held(team, user_id)
        _check_is_below(own_role, held.role, role)
        return give_role(team, held, role)


def give_role(team: Team, held: Membership, role: str) -> str:
    """Whoever asks may do it. Returns the role until now."""
    before = held.role
    if before == role:
        return before
    if before == Role.OWNER:
        _check_not_last_owner(team, held.user_id)
    held.role = role
    held.save(update_fields=["role"])
    _after_change(team, held, before, role)
    return before


def remove(team: Team, own_role: str, user_id: int) -> str:
    """Take somebody out; returns the role they had."""
    with locked(team):
        held = _held(team, user_id)
        _check_is_below(own_role, held.role)
        return take_out(team, held)


def leave(team: Team, user: User) -> str:
    with locked(team):
        return take_out(team, _held(team, user.pk))


def restore(team: Team, own_role: str, user: User, role: str) -> None:
    """Undo a removal."""
    _check_is_below(own_role, role)
    with locked(team):
        if not Membership.objects.filter(team=team, user=user).exists():
            add(team, user, role)


def transfer(team: Team, owner: User, user_id: int) -> None:
    """Another member becomes owner, and the owner until now becomes administrator."""
    with locked(team):
        heir, own = _held(team, user_id), _held(team, owner.pk)
        if not heir.user.is_active:
            raise TeamRefused(f"{heir.user.username} is deactivated and cannot be owner.")
        if own.role != Role.OWNER or heir.pk == own.pk:
            raise TeamRefused("Only an owner of the team can hand it over, and to somebody else.")
        before = heir.role
        Membership.objects.filter(pk=heir.pk).update(role=Role.OWNER)
        Membership.objects.filter(pk=own.pk).update(role=Role.ADMIN)
        _note_role(team, heir.user, before, Role.OWNER)
        _note_role(team, owner, Role.OWNER, Role.ADMIN)


@contextmanager
def locked(team: Team) -> Iterator[None]:
    """Two owners who leave at the same moment must not leave the team without one."""
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        yield


def _held(team: Team, user_id: int) -> Membership:
    held = Membership.objects.select_related("user").filter(team=team, user_id=user_id).first()
    if held is None:
        raise TeamRefused("This person is not in the team any more. Reload the page.")
    return held


def _check_is_below(own_role: str, *others: str) -> None:
    if not all(roles.may_give(own_role, other) for other in others):
        raise TeamRefused(ABOVE)


def _check_not_last_owner(team: Team, user_id: int) -> None:
    if not other_owners(team, user_id).exists():
        raise TeamRefused(LAST_OWNER)


def other_owners(team: Team, user_id: int) -> QuerySet[Membership]:
    owners = Membership.objects.filter(team=team, role=Role.OWNER, user__is_active=True)
    return owners.exclude(user_id=user_id)


def take_out(team: Team, held: Membership) -> str:
    if held.role == Role.OWNER:
        _check_not_last_owner(team, held.user_id)
    person, role = held.user, held.role
    held.delete()
    rest = Membership.objects.filter(user=person).order_by("created_at").first()
    User.objects.filter(pk=person.pk, current_team=team).update(
        current_team=rest.team_id if rest else None
    )
    _end_rights(team, person)
    audit.record(Area.TEAMS, f"{person.username} left", before=role, team=team)
    return role


def _after_change(team: Team, held: Membership, before: str, after: str) -> None:
    if not roles.may_manage(after):
        _revoke_invitations(team, held.user)
    if not roles.may_edit(after):
        _revoke_tokens(team, held.user)
    _note_role(team, held.user, before, after)


def _end_rights(team: Team, user: User) -> None:
    _revoke_invitations(team, user)
    _revoke_tokens(team, user)


def _revoke_invitations(team: Team, user: User) -> None:
    """A link made by somebody who may not invite any more lets nobody in."""
    open_ones = Invitation.objects.filter(team=team, made_by=user, revoked_at=None)
    open_ones.update(revoked_at=timezone.now())


def _revoke_tokens(team: Team, user: User) -> None:
    ApiToken.objects.filter(team=team, user=user, revoked_at=None).update(revoked_at=timezone.now())


def _note_role(team: Team, user: User, before: str, after: str) -> None:
    audit.record(Area.TEAMS, f"Role of {user.username}", before=before, after=after, team=team)
