"""Budgets as pages and commands list them: with names, zones, and the tightest one marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from orchestrator.models import ApiToken, Budget, Currency, Profile, Team, User
from orchestrator.routing import fuel
from orchestrator.routing.types import BudgetView, Zone
from orchestrator.services.money import accounts, rights, zones
from orchestrator.services.money.accounts import Account

Scope = Budget.Scope
Names = dict[tuple[str, str], str]
KINDS = {
    Scope.GLOBAL.value: "installation",
    Scope.TEAM.value: "team",
    Scope.USER.value: "person",
    Scope.TOKEN.value: "API token",
    Scope.PROVIDER.value: "provider",
    Scope.ROAD.value: "kind of task",
    Scope.PROFILE.value: "share of a profile",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One budget with what is needed to show and to change it."""

    budget_id: int
    currency: str
    view: BudgetView
    zone: Zone
    granted_nano: int
    lent_nano: int
    may_manage: bool = False
    is_tightest: bool = False

    @property
    def kind(self) -> str:
        return KINDS[self.view.scope]

    @property
    def used_nano(self) -> int:
        return self.view.spent_nano + self.view.reserved_nano

    @property
    def used_percent(self) -> int:
        limit_nano = self.view.limit_nano
        if limit_nano is None:
            return 0
        return self.used_nano * 100 // limit_nano if limit_nano > 0 else 100

    @property
    def meter_percent(self) -> int:
        return min(self.used_percent, 100)


def overview(user: User, now: datetime | None = None) -> list[Line]:
    """The budgets a person may see, real money first; the tightest that binds them is marked."""
    found = [
        account
        for account in accounts.read(rights.visible(user), Currency.values, now or timezone.now())
        if not account.is_removed
    ]
    found.sort(key=lambda account: account.currency != Currency.USD)
    names, table = names_of(found), zones.table()
    manages = _manager(user, found)
    tightest = {currency: _tightest(user, found, currency) for currency in Currency.values}
    return [
        Line(
            budget_id=account.budget_id,
            currency=account.currency,
            view=(view := account.view(names.get(_place(account), ""))),
            zone=fuel.zone(view, table),
            granted_nano=account.granted_nano,
            lent_nano=account.lent_nano,
            may_manage=_place(account) in manages,
            is_tightest=account is tightest[account.currency],
        )
        for account in found
    ]


def _manager(user: User, found: Iterable[Account]) -> set[tuple[str, str]]:
    places = {_place(account) for account in found}
    if rights.is_administrator(user):
        return {place for place in places if place[0] != Scope.PROFILE}
    return {place for place in places if rights.may_manage(user, *place)}


def _tightest(user: User, found: Iterable[Account], currency: str) -> Account | None:
    """Of what binds every task of this person now; providers and roads bind only some."""
    binding = [
        account
        for account in found
        if account.currency == currency
        and (
            account.scope == Scope.GLOBAL
            or (account.scope == Scope.USER and account.scope_id == str(user.pk))
            or (account.scope == Scope.TEAM and account.scope_id == str(user.current_team_id))
        )
    ]
    by_view = [(account.view(), account) for account in binding]
    best = fuel.tightest(view for view, _ in by_view)
    return next((account for view, account in by_view if view is best), None)


def _place(account: Account) -> tuple[str, str]:
    return account.scope, account.scope_id


def names_of(found: Iterable[Account]) -> Names:
    ids: dict[str, list[str]] = {}
    for account in found:
        ids.setdefault(account.scope, []).append(account.scope_id)
    return _named(ids)


def _named(ids: dict[str, list[str]]) -> Names:
    rows = {
        Scope.TEAM: Team.objects.filter(pk__in=ids.get(Scope.TEAM, ())).values_list("pk", "name"),
        Scope.USER: User.objects.filter(pk__in=ids.get(Scope.USER, ())).values_list(
            "pk", "username"
        ),
        Scope.TOKEN: ApiToken.objects.filter(pk__in=ids.get(Scope.TOKEN, ())).values_list(
            "pk", "name"
        ),
    }
    named = {(scope.value, str(pk)): name for scope, pairs in rows.items() for pk, name in pairs}
    return named | _profile_names(ids.get(Scope.PROFILE, []))


def owner_of(budget: Budget) -> str:
    """Whose it is, by name, for texts that several people read."""
    place = (budget.scope, budget.scope_id)
    named = _named({budget.scope: [budget.scope_id]})
    return named.get(place) or accounts.OWNERS.get(Scope(budget.scope), budget.scope_id)


def _profile_names(shares: list[str]) -> Names:
    """A share's id is the person's and the profile's, with a dot between."""
    if not shares:
        return {}
    known = dict(
        Profile.objects.filter(pk__in={share.split(".")[-1] for share in shares}).values_list(
            "pk", "name"
        )
    )
    return {
        (Scope.PROFILE.value, share): f"profile {known.get(int(share.split('.')[-1]), '?')}"
        for share in shares
    }
