"""Logs: one event is one line, fields come from a list, secrets are hidden, levels are honoured."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from clutchweb import logs


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("orchestrator.services.queue", 30, "f.py", 1, message, args, None)
    made.__dict__.update(extra)
    return made


def with_trace(message: str) -> logging.LogRecord:
    try:
        raise ValueError(message)
    except ValueError:
        made = record("it failed")
        made.exc_info = sys.exc_info()
        return made


@pytest.fixture
def own_tree() -> Iterator[None]:
    """The logging tree is put back after a test that configures it."""
    root = logging.getLogger()
    names = ["django", "django.server", "py.warnings", "psycopg", logs.POOL, *logs.QUIET]
    before = (root.handlers[:], root.level, {n: logging.getLogger(n).level for n in names})
    yield
    root.handlers[:], root.level = before[0], before[1]
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)


@given(st.text())
def test_one_event_is_one_line_whatever_it_says(text: str) -> None:
    for formatter in (logs.OneLine(), logs.JsonLine()):
        line = formatter.format(record("got %s", text, trip=text))
        assert len(line.splitlines()) == 1
        assert line.isprintable() or not any(ord(char) < 32 for char in line)
        line.encode()


@pytest.mark.parametrize(
    "attack", ["\n2026-11-20 ERROR fake", "\x1b[2J", "\x1b]52;c;x\x07", "\r", "\u2028", "\u202e"]
)
def test_control_characters_are_shown_not_sent(attack: str) -> None:
    line = logs.OneLine().format(record("prompt %s", attack))
    assert attack not in line
    assert "\\" in line


def test_a_trace_stays_on_the_line_of_its_event() -> None:
    line = logs.OneLine().format(with_trace("key sk-ant-abcdefgh12345678 refused"))
    assert "Traceback" in line
    assert "\\n" in line
    assert "sk-ant" not in line


def test_only_listed_fields_are_written() -> None:
    made = record("done", trip="t1", prompt="my diary", headers={"cookie": "x"}, cost_nano=0)
    line = logs.OneLine().format(made)
    assert "trip=t1" in line
    assert "cost_nano=0" in line
    assert "diary" not in line
    assert "cookie" not in line
    document = json.loads(logs.JsonLine().format(made))
    assert set(document) == {"time", "level", "logger", "event", "trip", "cost_nano"}
    assert document["cost_nano"] == 0


def test_the_time_is_universal() -> None:
    made = record("x")
    made.created = 0.25
    assert logs.OneLine().format(made).startswith("1970-01-01T00:00:00.250Z warning ")


def test_arguments_that_do_not_fit_do_not_end_the_program() -> None:
    assert "do not fit" in logs.OneLine().format(record("%d", "x"))


@pytest.mark.usefixtures("own_tree")
@pytest.mark.parametrize(("style", "begin"), [("plain", "20"), ("json", "{")])
def test_configure_sends_every_logger_to_standard_error_once(
    capsys: pytest.CaptureFixture[str], style: str, begin: str
) -> None:
    logs.configure({"level": "info", "format": style})
    logging.getLogger("django.request").warning("Not Found: /x")
    logging.getLogger("orchestrator").info("ready")
    logging.getLogger("orchestrator").debug("too much")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(begin) for line in lines)


@pytest.mark.usefixtures("own_tree")
def test_talkative_libraries_stay_quiet_even_when_debugging(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure({"level": "debug", "format": "plain"})
    for name in logs.QUIET:
        logging.getLogger(name).info("GET https://api.example/?key=abc")
    logging.getLogger("orchestrator").debug("heard")
    assert [line.split()[-1] for line in capsys.readouterr().err.splitlines()] == ["heard"]


def failed(error: BaseException, logger: str = "django.request") -> logging.LogRecord:
    made = record("Internal Server Error: %s", "/")
    made.name, made.exc_info = logger, (type(error), error, None)
    return made


def pooled(*args: object) -> logging.LogRecord:
    made = record("error connecting in %r: %s", *args)
    made.name = logs.POOL
    return made


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_an_outage_is_one_line_a_minute_wherever_it_is_met() -> None:
    clock = Clock()
    once = logs.OutagesOnce(clock)
    first = failed(OperationalError("database or disk is full"))
    assert once.filter(first)
    assert "The disk is full" in first.getMessage()
    assert first.exc_info is None
    clock.now_s = 59.0
    assert not once.filter(failed(OperationalError("disk I/O error"), "celery"))
    clock.now_s = 60.0
    assert once.filter(failed(OperationalError("disk I/O error"), "celery"))


def test_two_kinds_of_outage_are_told_apart() -> None:
    once = logs.OutagesOnce(Clock())
    assert once.filter(failed(OperationalError("database or disk is full")))
    assert once.filter(failed(OperationalError("database is locked")))


def test_a_defect_keeps_its_trace_each_time() -> None:
    once = logs.OutagesOnce(Clock())
    for _ in range(2):
        defect = failed(OperationalError("no such table: trip"))
        assert once.filter(defect)
        assert defect.exc_info is not None


def test_of_a_pool_only_the_reason_is_told_and_only_once() -> None:
    once = logs.OutagesOnce(Clock())
    attempt = pooled("pool-1", ConnectionError("port 1 failed: Connection refused\n\thint"))
    assert once.filter(attempt)
    assert "PostgreSQL cannot be reached: Connection refused." in attempt.getMessage()
    assert not once.filter(pooled("pool-1", ConnectionError("again")))
    assert not once.filter(pooled("pool-1", "discarding closed connection"))


def test_a_command_is_told_nothing_by_the_pool(own_tree: None) -> None:
    logs.configure({"level": "error", "format": "plain"})
    logging.getLogger("psycopg").setLevel(logging.WARNING)  # as it does itself when it is loaded
    assert not logging.getLogger(logs.POOL).isEnabledFor(logging.WARNING)
