"""`clutch worker` and `clutch sweeper`: what runs beside the servers of a large installation."""

import asyncio
import sys
from datetime import timedelta
from typing import Annotated

import typer

from orchestrator.cli import exits, output, session, wishes

worker_app, sweeper_app = typer.Typer(add_completion=False), typer.Typer(add_completion=False)
apps = {"worker": worker_app, "sweeper": sweeper_app}
PING_S = 3.0
# A sweeper that works takes its turn every ten seconds.
LATE = timedelta(seconds=60)
Check = Annotated[
    bool, typer.Option("--check", help="Only say whether one is at work; ends with 1 if not.")
]


@worker_app.command()
def worker(
    grace: Annotated[
        float,
        typer.Option("--grace", min=0, max=600, help="Seconds that answers get at the end."),
    ] = 20.0,
    check: Check = False,
    as_json: wishes.Json = False,
) -> None:
    """Drive the trips that pages of other processes began."""
    session.ready()
    from django.conf import settings

    if settings.IS_EMBEDDED:
        exits.leave(
            exits.USAGE,
            "Without REDIS_URL the server drives its trips itself.",
            "Set REDIS_URL and DATABASE_URL as the servers have them.",
        )
    from clutchweb import background
    from orchestrator.services.driving import queues

    if check:
        _check(_is_worker_here(), "worker", as_json=as_json)
        return
    names = ", ".join(queues.ALL)
    ready = _Announcement(f"The worker takes trips from: {names}", "worker", as_json)
    asyncio.run(background.work(ready, grace))


@sweeper_app.command()
def sweeper(check: Check = False, as_json: wishes.Json = False) -> None:
    """Settle what crashes leave behind, beside the servers that do it too."""
    session.ready()
    from clutchweb import background

    if check:
        _check(_was_swept(), "sweeper", as_json=as_json)
        return
    ready = _Announcement("The sweeper looks every ten seconds.", "sweeper", as_json)
    asyncio.run(background.sweep(ready))


class _Announcement:
    """Says once that the process is ready, even when its connection is made again later."""

    def __init__(self, text: str, kind: str, as_json: bool) -> None:
        self._text, self._kind, self._as_json = text, kind, as_json
        self._was_said = False

    def __call__(self) -> None:
        if not self._was_said:
            self._was_said = True
            output.result(self._text, {self._kind: "ready"}, as_json=self._as_json)
            sys.stdout.flush()


def _check(is_at_work: bool, kind: str, *, as_json: bool) -> None:
    said = "is at work" if is_at_work else "is not at work"
    output.result(f"The {kind} {said}.", {kind: is_at_work}, as_json=as_json)
    if not is_at_work:
        exits.leave(exits.FAILED)


def _is_worker_here() -> bool:
    import socket

    from kombu.exceptions import OperationalError

    from clutchweb.celery import app

    here = f"@{socket.gethostname()}"
    try:
        answers = app.control.ping(timeout=PING_S) or []
    except OperationalError:
        return False
    return any(name.endswith(here) for answer in answers for name in answer)


def _was_swept() -> bool:
    from django.utils import timezone

    from orchestrator.models import SweeperLock

    return SweeperLock.objects.filter(until__gt=timezone.now() - LATE).exists()
