"""For every request of somebody signed in: who acts, as what, and whether anything may change."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

from orchestrator.models import Team, User
from orchestrator.services.people import audit, roles, sessions, teams
from orchestrator.services.people import standing as standings
from orchestrator.services.people.roles import Role
from orchestrator.web import errors
from orchestrator.web.middleware import SAFE_METHODS, Handler

# What somebody who only looks may still do: leave, and ask what would be chosen.
WHILE_VIEWING = frozenset({"end-viewing", "sign-out", "route", "try-rules", "quote-run"})
BY_VIEWERS = WHILE_VIEWING | {
    *("leave-team", "switch-team", "join"),
    *("set-own-name", "set-password", "end-session", "end-other-sessions", "second-factor"),
    *("second-factor-off", "new-recovery-codes", "remove-identity"),
}


@sync_and_async_middleware
def standing(get_response: Handler) -> Handler:
    """Behind sessions and the sign-in, before every view."""
    if iscoroutinefunction(get_response):
        answer = cast(Callable[[HttpRequest], Awaitable[HttpResponse]], get_response)
        check = sync_to_async(_refusal)

        async def later(request: HttpRequest) -> HttpResponse:
            with audit.acting(lambda: _actor(request)):
                return await check(request) or await answer(request)

        return later

    def now(request: HttpRequest) -> HttpResponse:
        with audit.acting(lambda: _actor(request)):
            return _refusal(request) or cast(HttpResponse, get_response(request))

    return now


def _actor(request: HttpRequest) -> audit.Actor:
    user: Any = request.user
    return audit.person(user, "page") if user.is_authenticated else audit.Actor(None, "", "page")


def _refusal(request: HttpRequest) -> HttpResponse | None:
    user: Any = request.user
    if not user.is_authenticated:
        return None
    _note_session(request, user, timezone.now())
    _look_as_chosen(request, user)
    if request.method in SAFE_METHODS:
        return None
    name = _name_of_page(request)
    if user.viewing is not None and name not in WHILE_VIEWING:
        return errors.refusal(
            request,
            "You only look as somebody else",
            "Nothing was changed. End viewing as a member in the bar above the page, then do it.",
        )
    acts_as = standings.of(user)
    if name not in BY_VIEWERS and acts_as.team is not None and acts_as.is_viewer:
        return errors.refusal(request, "Nothing was changed", acts_as.why_not)
    return None


def _note_session(request: HttpRequest, user: User, now: datetime) -> None:
    """Twice an hour at most; also a session that was opened before sessions were noted."""
    session, seen_at = request.session, request.session.get(sessions.SEEN, 0)
    if session.session_key is None or now.timestamp() - seen_at < sessions.SEEN_EVERY.seconds:
        return
    session[sessions.SEEN] = int(now.timestamp())
    if not sessions.mark_seen(session.session_key, now):
        note_session(request, user, now)


def note_session(request: HttpRequest, user: User, now: datetime) -> None:
    agent, address = request.headers.get("User-Agent", ""), request.META.get("REMOTE_ADDR", "")
    sessions.note(user, request.session.session_key or "", agent, address, now)
    request.session[sessions.SEEN] = int(now.timestamp())


def view_as(request: HttpRequest, team: Team, role: Role) -> None:
    request.session[sessions.VIEWING] = {"team": team.pk, "role": role.value}


def end_viewing(request: HttpRequest) -> None:
    request.session.pop(sessions.VIEWING, None)


def _look_as_chosen(request: HttpRequest, user: User) -> None:
    """Rights are taken from this request's person alone, and nothing of it is ever stored."""
    chosen = request.session.get(sessions.VIEWING)
    if chosen is None:
        return
    team = Team.objects.filter(pk=chosen["team"]).first()
    if team is None or not roles.may_manage(teams.role_in(user, team.pk)):
        end_viewing(request)
        return
    user.viewing = (team, chosen["role"])
    user.is_owner = user.is_staff = user.is_superuser = False
    user.current_team = team


def _name_of_page(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
