"""How a command ends: 0 done, 1 failed, 2 used wrongly, 3 refused by a budget or policy."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connections

# Typer carries Click inside and does not name its base of usage errors.
from typer._click.exceptions import ClickException

from orchestrator.cli import output

DONE, FAILED, USAGE, REFUSED, INTERRUPTED = 0, 1, 2, 3, 130
REFUSALS = frozenset({"budget", "cap", "policy"})
WRONG_USE = frozenset({"unknown_name"})


class Ended(Exception):
    """Ends the command with a status and a sentence for a person."""

    def __init__(self, status: int, message: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.next_step = next_step


def status_for(error_code: str) -> int:
    if error_code in REFUSALS:
        return REFUSED
    return USAGE if error_code in WRONG_USE else FAILED


def leave(status: int, message: str = "", next_step: str = "") -> NoReturn:
    raise Ended(status, message, next_step)


@contextmanager
def guarded(as_json: bool) -> Iterator[None]:
    """Turns what went wrong into a status and one clear text on standard error."""
    try:
        yield
        status = DONE
    except Ended as end:
        status = end.status
        _tell(end.message, end.next_step, status, as_json)
    except typer.Exit as end:
        status = end.exit_code
    except typer.Abort:
        status = INTERRUPTED
    except ClickException as wrong:
        status = USAGE
        context = getattr(wrong, "ctx", None)
        command = context.command_path if context is not None else "clutch"
        _tell(wrong.format_message(), f"See: {command} --help", status, as_json)
    except ImproperlyConfigured as wrong:
        status = FAILED
        _tell(str(wrong), "", status, as_json)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except (Error, OSError) as error:
        status = FAILED
        _tell(*_explained(error), status, as_json)
    sys.exit(status)


def _explained(error: Error | OSError) -> tuple[str, str]:
    """A database or a disk that is away; any other trouble of the system is a defect of ours."""
    from orchestrator.services.upkeep import outages

    if outage := outages.of(error):
        return outage.message, outage.next_step
    if isinstance(error, OSError):
        raise error
    return f"The database did not do it: {error}", "See: clutch doctor"


def silence() -> None:
    """Nobody reads any more; Python must not complain again while it closes the pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def end_process(ended: SystemExit) -> NoReturn:
    """At once where nothing else runs: freeing every object of Django one by one costs 80 ms."""
    if threading.active_count() > 1 or not isinstance(ended.code, int):
        raise ended
    try:
        if apps.ready:
            connections.close_all()
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    sys.stderr.flush()
    os._exit(ended.code)


def _tell(message: str, next_step: str, status: int, as_json: bool) -> None:
    if not message:
        return
    if as_json:
        document = {"error": {"message": message, "next_step": next_step, "status": status}}
        sys.stderr.write(json.dumps(document) + "\n")
    else:
        output.note("\n".join(filter(None, (message, next_step))))
