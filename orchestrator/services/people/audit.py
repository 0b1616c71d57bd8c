"""The audit log: who changed what, from what to what, in which team. Entries are only added."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.models import AuditEntry, Team, User


class Area(StrEnum):
    PEOPLE = "people"
    TEAMS = "teams"
    SIGN_IN = "sign-in"
    TOKENS = "tokens"
    BUDGETS = "budgets"
    KEYS = "keys"
    GEARS = "gears"
    RULES = "rules"
    OPTIONS = "options"


@dataclass(frozen=True, slots=True)
class Actor:
    user_id: int | None
    name: str
    source: str


# Services deep down are not told who asks; whoever serves a request or a command says it once.
SYSTEM = Actor(None, "system", "system")
_actor: ContextVar[Callable[[], Actor]] = ContextVar("actor", default=lambda: SYSTEM)


@contextmanager
def acting(find: Callable[[], Actor]) -> Iterator[None]:
    """Who acts meanwhile; asked only when something is recorded."""
    token = _actor.set(find)
    try:
        yield
    finally:
        _actor.reset(token)


def act_as(find: Callable[[], Actor]) -> None:
    """For a whole process, such as a command."""
    _actor.set(find)


def person(user: User, source: str) -> Actor:
    return Actor(user.pk, user.username, source)


def record(
    area: Area,
    what: str,
    *,
    before: object = "",
    after: object = "",
    team: Team | None = None,
    by: User | None = None,
) -> AuditEntry:
    """`what` is a short line such as "Role of bob". Secrets are never part of it.

    `by` is who acts where nobody is signed in yet, such as somebody who joins.
    """
    actor = _actor.get()()
    if actor.user_id is None and by is not None:
        actor = person(by, actor.source)
    return AuditEntry.objects.create(
        actor_id=actor.user_id,
        actor_name=actor.name[:150],
        source=actor.source,
        team_id=team.pk if team else None,
        team_name=team.name if team else "",
        area=area,
        what=_line(what, 200),
        before=_line(before, 500),
        after=_line(after, 500),
    )


def _line(value: object, most: int) -> str:
    """One line: what people typed must not look like an entry of its own in an export."""
    text = "" if value is None else str(value)
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
