"""The checks of the books, started from a page and made by a worker: one at a time, watched, and
given up after a while. On a large database they take longer than a request may."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from orchestrator.models import Setting
from orchestrator.services.driving import queues
from orchestrator.services.upkeep import invariants, wellness
from orchestrator.services.upkeep.invariants import Check

log = logging.getLogger(__name__)
TASK = "orchestrator.check_books"
NAME = "books_check"
LIMIT = timedelta(minutes=5)
TOTAL = sum(map(len, invariants.CHECKS.values()))
NO_QUEUE = "The queue cannot be reached, so nobody checks. Try again when it is back."
TOO_LONG = (
    f"It did not end within {LIMIT.seconds // 60} minutes and was given up. "
    "Look whether a worker runs, or run: clutch doctor --invariants"
)


@dataclass(frozen=True, slots=True)
class Progress:
    """`problem` says why a check ended without a result."""

    is_going_on: bool = False
    is_taken: bool = False
    done: int = 0
    step: str = ""
    problem: str = ""
    total: int = TOTAL


def progress(now: datetime) -> Progress:
    row = Setting.objects.filter(name=NAME).first()
    return _progress(row.value if row is not None else {}, now)


def _progress(value: dict[str, Any], now: datetime) -> Progress:
    if not value or value["ended"]:
        return Progress(problem=value.get("problem", ""))
    if now - datetime.fromisoformat(value["begun_at"]) > LIMIT:
        return Progress(problem=TOO_LONG)
    return Progress(True, value["taken"], value["done"], value["step"])


def begin(now: datetime) -> bool:
    """False while another one is going on."""
    with transaction.atomic():
        row = _locked()
        if _progress(row.value, now).is_going_on:
            return False
        run = uuid4().hex
        row.value = {
            "run": run,
            "begun_at": now.isoformat(),
            "taken": False,
            "ended": False,
            "done": 0,
            "step": "",
            "problem": "",
        }
        row.save()
        transaction.on_commit(lambda: _announce(run))
    return True


def _announce(run: str) -> None:
    from kombu.exceptions import OperationalError

    from clutchweb.celery import app  # here, because Celery costs the command line 80 ms

    try:
        app.send_task(TASK, args=[run], queue=queues.RUNS, retry=False)
    except OperationalError as error:
        log.warning("the books are not checked reason=%s", error)
        _note(run, ended=True, problem=NO_QUEUE)


def work(run: str) -> None:
    """Whoever takes a check first makes it; one that was given up meanwhile is left."""
    if not _take(run):
        return
    found: list[dict[str, Any]] = []
    for done, check in enumerate(_checks()):
        if not _note(run, done=done, step=check.__name__.replace("_", " ")):
            return
        found += [breach.document() for breach in check()]
    if _note(run, done=TOTAL, ended=True):
        wellness.keep_check(found, timezone.now())


def _checks() -> Iterator[Check]:
    return (check for checks in invariants.CHECKS.values() for check in checks)


def _take(run: str) -> bool:
    with transaction.atomic():
        row = _locked()
        if not _is_open(row, run) or row.value["taken"]:
            return False
        row.value["taken"] = True
        row.save()
    return True


def _note(run: str, **facts: object) -> bool:
    """False once it was given up or another one has begun."""
    with transaction.atomic():
        row = _locked()
        if not _is_open(row, run):
            return False
        row.value.update(facts)
        row.save()
    return True


def _is_open(row: Setting, run: str) -> bool:
    return row.value.get("run") == run and _progress(row.value, timezone.now()).is_going_on


def _locked() -> Setting:
    Setting.objects.get_or_create(name=NAME, defaults={"value": {}})
    return Setting.objects.select_for_update().get(name=NAME)
