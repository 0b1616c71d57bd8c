"""How commands end: a status for programs, a sentence and a next step for people."""

import errno
import json
from collections.abc import Callable

import pytest
import typer
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

from orchestrator.cli import exits
from tests.cli.conftest import Clutch


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (exits.Ended(exits.REFUSED, "Too dear.", "Wait."), 3, "Too dear.\nWait.\n"),
        (exits.Ended(exits.INTERRUPTED), 130, ""),
        (typer.BadParameter("no such thing"), 2, "no such thing\nSee: clutch --help\n"),
        (typer.Abort(), 130, ""),
        (KeyboardInterrupt(), 130, ""),
        (ImproperlyConfigured("PORT is wrong."), 1, "PORT is wrong.\n"),
        (OperationalError("no such table"), 1, "no such table\nSee: clutch doctor\n"),
        (OperationalError("database or disk is full"), 1, "then try again. See: clutch doctor\n"),
        (OSError(errno.ENOSPC, "No space left"), 1, "then try again. See: clutch doctor\n"),
        (InterfaceError("odd"), 1, "odd\nSee: clutch doctor\n"),
        (exits.Ended(exits.FAILED, "It said \x1b[2J."), 1, "It said .\n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_ended_a_command_becomes_a_status_and_a_text(
    error: BaseException, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, exits.guarded(as_json=False):
        raising(error)()
    assert ended.value.code == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(told)
    assert bool(captured.err) == bool(told)


def test_a_file_that_is_missing_is_a_defect_and_not_explained_away() -> None:
    with pytest.raises(FileNotFoundError), exits.guarded(as_json=False):
        raising(FileNotFoundError(errno.ENOENT, "No such file"))()


@pytest.mark.parametrize(
    ("code", "status"),
    [("budget", 3), ("policy", 3), ("unknown_name", 2), ("no_provider", 1), ("auth", 1), ("", 1)],
)
def test_refusals_and_failures_have_their_own_status(code: str, status: int) -> None:
    assert exits.status_for(code) == status


def test_an_error_for_a_program_is_json_on_standard_error(clutch: Clutch) -> None:
    done = clutch("gears", "show", "demo-9", "--json")
    assert (done.status, done.out) == (2, "")
    error = json.loads(done.err)["error"]
    assert error["status"] == 2
    assert "demo-9" in error["message"]
    assert "demo-" in error["next_step"]
