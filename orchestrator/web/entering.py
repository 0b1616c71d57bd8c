"""How a browser becomes signed in: a new session, noted so that its person can end it."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpRequest
from django.utils import timezone

from orchestrator.models import User
from orchestrator.services.people import sessions
from orchestrator.web import standing

BACKEND = settings.AUTHENTICATION_BACKENDS[0]
# Between password and code: who it is, and until when the password counts.
PENDING = "pending"
PENDING_S = 300


def enter(request: HttpRequest, user: User) -> None:
    request.session.pop(PENDING, None)
    login(request, user, backend=BACKEND)
    standing.note_session(request, user, timezone.now())


def wait_for_code(request: HttpRequest, user: User, target: str) -> None:
    """The right password was given; the code is still to come."""
    request.session.cycle_key()
    until = int(timezone.now().timestamp()) + PENDING_S
    request.session[PENDING] = {
        "user": user.pk,
        "until": until,
        "next": target,
        # A password or session that was changed meanwhile ends the wait.
        "proof": user.get_session_auth_hash(),
    }


def pending(request: HttpRequest) -> tuple[User, str] | None:
    """Who waits for a code here, and where they want to go."""
    known: dict[str, Any] | None = request.session.get(PENDING)
    if known is None or known["until"] < timezone.now().timestamp():
        return None
    user = User.objects.filter(pk=known["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != known["proof"]:
        return None
    return user, known["next"]


def keep_only(request: HttpRequest, user: User) -> None:
    """Every other session of the person ends; this one goes on under a new key."""
    sessions.end_all(user)
    update_session_auth_hash(request, user)
    standing.note_session(request, user, timezone.now())


def address_of(request: HttpRequest) -> str:
    """Never a forwarded address: anybody can send that header."""
    return str(request.META.get("REMOTE_ADDR", ""))
