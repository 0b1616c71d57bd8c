"""For machines: is it alive, can it serve, what are its numbers."""

import threading
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from orchestrator.models import User
from orchestrator.services.people import tokens
from orchestrator.services.people.tokens import Scope
from orchestrator.web import metrics

# The name under which the server process runs its embedded worker.
WORKER_THREAD = "celery-chat"
_was_migrated = False


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    missing = _missing()
    status = 503 if missing else 200
    return JsonResponse({"ready": not missing, "missing": missing}, status=status)


@login_not_required
@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    if not _may_read_metrics(request):
        refusal = HttpResponse("Sign in, or send a token with the scope `metrics`.\n", status=401)
        refusal.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refusal
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


def _may_read_metrics(request: HttpRequest) -> bool:
    if value := request.headers.get("Authorization", ""):
        token = tokens.find(value, timezone.now())
        return token is not None and Scope.METRICS in token.scopes
    user = cast(User, request.user)
    return user.is_authenticated and (user.is_owner or user.is_staff)


def _missing() -> list[str]:
    """What is not there yet, by name and without details."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = [] if _is_migrated() else ["migrations"]
    except DatabaseError:
        return ["database"]
    if settings.IS_EMBEDDED and not _has_worker():
        missing.append("worker")
    return missing


def _is_migrated() -> bool:
    """Looked up until it is true: reading the migrations from disk takes a while."""
    global _was_migrated
    if not _was_migrated:
        executor = MigrationExecutor(connection)
        _was_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _was_migrated


def _has_worker() -> bool:
    return any(thread.name == WORKER_THREAD for thread in threading.enumerate())
