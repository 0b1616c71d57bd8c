"""A check of the books that a page asks for: one at a time, watched, given up after a while."""

from datetime import timedelta

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from clutchweb.celery import app
from orchestrator.models import Setting
from orchestrator.services.upkeep import book_checks, wellness

pytestmark = pytest.mark.django_db


def run_of() -> str:
    run: str = Setting.objects.get(name=book_checks.NAME).value["run"]
    return run


def test_of_two_who_begin_at_once_one_does() -> None:
    now = timezone.now()
    assert [book_checks.begin(now), book_checks.begin(now)] == [True, False]
    assert book_checks.progress(now).is_going_on


def test_a_worker_makes_it_once_and_keeps_what_it_found() -> None:
    assert book_checks.begin(timezone.now())
    run = run_of()
    book_checks.work(run)
    assert not book_checks.progress(timezone.now()).is_going_on
    checked = wellness.last_check().at
    assert checked is not None
    book_checks.work(run)
    book_checks.work("another")
    assert wellness.last_check().at == checked


def test_it_is_told_which_check_it_is_at() -> None:
    book_checks.begin(timezone.now())
    run = run_of()
    assert book_checks._take(run)
    assert not book_checks._take(run)
    book_checks._note(run, done=3, step="holds tie")
    seen = book_checks.progress(timezone.now())
    assert (seen.is_taken, seen.done, seen.step) == (True, 3, "holds tie")
    assert seen.total > 15


def test_one_that_nobody_ends_is_given_up_and_may_begin_anew() -> None:
    book_checks.begin(timezone.now() - book_checks.LIMIT - timedelta(seconds=1))
    late = run_of()
    assert "within 5 minutes" in book_checks.progress(timezone.now()).problem
    book_checks.work(late)
    assert wellness.last_check().at is None
    assert book_checks.begin(timezone.now())


def test_a_queue_that_is_away_ends_it_with_a_reason(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(app, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        book_checks.begin(timezone.now())
    assert book_checks.progress(timezone.now()).problem == book_checks.NO_QUEUE
