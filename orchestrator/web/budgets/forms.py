"""What people send about budgets, read into exact amounts or refused with a sentence."""

from dataclasses import dataclass

from django.http import QueryDict

from orchestrator.models import ApiToken, Budget, Currency, Provider, Road, Team, User
from orchestrator.routing.types import ZoneTable
from orchestrator.services.money import budgets, rights, zones
from orchestrator.services.money.budgets import InvalidAmount, Place
from orchestrator.services.money.changes import Author

Scope = Budget.Scope
Choices = list[tuple[str, list[tuple[str, str]]]]


class WrongForm(ValueError):
    """What was sent cannot be read; the message says what is wrong."""


def amount_of(data: QueryDict) -> int:
    return budgets.parse_usd(data.get("amount", "")[:60])


def limit_of(data: QueryDict) -> int | None:
    """Nothing written is no limit, and has to be meant: a box is ticked for it."""
    if data.get("unlimited"):
        return None
    if not data.get("amount", "").strip():
        raise InvalidAmount("Write the limit in dollars, or tick that there is none.")
    return amount_of(data)


def author_of(user: User, data: QueryDict) -> Author:
    return Author(user, data.get("note", "").replace("\x00", "")[:200])


def number(data: QueryDict, name: str) -> int:
    text = data.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise WrongForm("The form is incomplete. Reload the page and send it again.")
    return int(text)


def place_of(user: User, data: QueryDict) -> Place:
    """Only a place that was on offer to this person."""
    scope, _, scope_id = data.get("place", "").partition(":")
    known = {value for _, group in places(user) for value, _ in group}
    if data.get("place", "") not in known:
        raise WrongForm("Choose whose budget it is.")
    period, currency = data.get("period", ""), data.get("currency", Currency.USD)
    if period not in Budget.Period.values or currency not in Currency.values:
        raise WrongForm("Choose a day or a month, and dollars or demo dollars.")
    return Place(scope, scope_id, period, currency)


def places(user: User) -> Choices:
    """What this person may set a budget for, in groups."""
    is_all = rights.is_administrator(user)
    teams = Team.objects.all() if is_all else Team.objects.filter(pk__in=rights.managed_teams(user))
    people = User.objects.filter(is_active=True)
    tokens = ApiToken.objects.filter(revoked_at=None).select_related("user")
    if not is_all:
        members = rights.members_of(rights.managed_teams(user))
        people = people.filter(pk__in=members)
        own = [] if rights.is_viewer(user) else [user.pk]
        tokens = tokens.filter(user__in=[*members, *own])
    groups: Choices = [
        ("Teams", [(f"team:{each.pk}", each.name) for each in teams.order_by("name")]),
        ("People", [(f"user:{each.pk}", each.username) for each in people.order_by("username")]),
        ("API tokens", [(f"token:{each.pk}", f"{each.name} of {each.user}") for each in tokens]),
    ]
    if is_all:
        providers, roads = Provider.objects.order_by("name"), Road.objects.order_by("order")
        groups = [
            ("Everybody", [("global:", "This installation")]),
            *groups,
            ("Providers", [(f"provider:{each.name}", str(each)) for each in providers]),
            ("Kinds of task", [(f"road:{each.name}", each.title) for each in roads]),
        ]
    return [(name, found) for name, found in groups if found]


@dataclass(frozen=True, slots=True)
class ZoneFields:
    """The seven numbers as they were sent."""

    data: QueryDict

    def table(self) -> ZoneTable:
        bounds = [number(self.data, name) for name in zones.BOUNDS]
        caps = [number(self.data, name) for name in zones.CAPS]
        gears = (caps[0], caps[1], caps[2], caps[3])
        return ZoneTable(bounds[0], bounds[1], bounds[2], gears)
