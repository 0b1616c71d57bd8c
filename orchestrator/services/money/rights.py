"""Who sees which budgets, who may change them, and who shares a team with whom."""

from collections.abc import Collection

from orchestrator.models import ApiToken, Budget, Membership, User
from orchestrator.services.money.accounts import Scopes

Scope = Budget.Scope
Role = Membership.Role
MANAGERS = (Role.OWNER, Role.ADMIN)
# A profile's share follows from the profile; nobody sets it by hand.
SETTABLE = tuple(scope for scope in Scope.values if scope != Scope.PROFILE)


def is_administrator(user: User) -> bool:
    """Whoever runs the installation."""
    return user.is_owner or user.is_superuser


def is_viewer(user: User) -> bool:
    """In teams, and in all of them only to look."""
    if is_administrator(user):
        return False
    roles = set(user.memberships.values_list("role", flat=True))
    return roles == {Role.VIEWER.value}


def managed_teams(user: User) -> list[int]:
    held = user.memberships.filter(role__in=MANAGERS)
    return list(held.values_list("team_id", flat=True))


def members_of(teams: Collection[int]) -> list[int]:
    found = Membership.objects.filter(team_id__in=teams).order_by()
    return list(found.values_list("user_id", flat=True).distinct())


def visible(user: User) -> Scopes:
    """Everything for whoever runs the installation; else what binds them or those they manage."""
    if is_administrator(user):
        return dict.fromkeys(Scope.values)
    people = {user.pk, *members_of(managed_teams(user))}
    tokens = ApiToken.objects.filter(user_id__in=people).values_list("pk", flat=True)
    teams = user.memberships.values_list("team_id", flat=True)
    shares = Budget.objects.filter(scope=Scope.PROFILE, scope_id__startswith=f"{user.pk}.")
    return {
        Scope.GLOBAL: [""],
        Scope.TEAM: [str(pk) for pk in teams],
        Scope.USER: [str(pk) for pk in people],
        Scope.TOKEN: [str(pk) for pk in tokens],
        Scope.PROVIDER: None,
        Scope.ROAD: None,
        Scope.PROFILE: list(shares.values_list("scope_id", flat=True)),
    }


def may_manage(user: User, scope: str, scope_id: str) -> bool:
    """Set, remove and grant: a team's managers for it and its members, and anyone for their
    own tokens, which can only take from what binds them anyway."""
    if scope == Scope.PROFILE:
        return False
    if is_administrator(user):
        return True
    teams = managed_teams(user)
    if scope == Scope.TEAM:
        return scope_id in map(str, teams)
    if scope == Scope.USER:
        return scope_id in map(str, members_of(teams))
    if scope == Scope.TOKEN and not is_viewer(user):
        people = {user.pk, *members_of(teams)}
        owned = ApiToken.objects.filter(user_id__in=people).values_list("pk", flat=True)
        return scope_id in map(str, owned)
    return False


def may_lend_for(user: User, person_id: int) -> bool:
    """One's own money, or that of somebody whose team one manages."""
    if is_viewer(user):
        return False
    if user.pk == person_id or is_administrator(user):
        return True
    return person_id in members_of(managed_teams(user))


def teammates(person_id: int) -> list[int]:
    teams = Membership.objects.filter(user_id=person_id).values_list("team_id", flat=True)
    return [pk for pk in members_of(list(teams)) if pk != person_id]
