"""Logs: one event is one line, with named fields from a list, and never a secret.

Only the standard library: structlog's import alone takes longer than a whole command may.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from orchestrator import redact
from orchestrator.services.upkeep import outages

# What may be logged beside the message (`extra={...}`). Everything else stays where it is.
FIELDS = (
    "trip",
    "leg",
    "user",
    "provider",
    "gear",
    "road",
    "state",
    "code",
    "status",
    "attempt",
    "seconds",
    "cost_nano",
    "count",
    "request_id",
    "status_code",
)
# Below a warning these tell addresses, headers, bodies or statements with their values.
QUIET = (
    *("aiohttp", "anthropic", "asyncio", "google_genai", "httpcore", "httpx"),
    *("amqp", "celery", "kombu", "daphne", "uvicorn.access"),
    *("django.channels", "django.db.backends", "django.request", "django.template"),
)

POOL = "psycopg.pool"
TELL_AGAIN_AFTER_S = 60.0

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    """Control characters made visible: a text can neither start a line nor drive a terminal."""
    return _CONTROL.sub(lambda found: _SHORT.get(found[0], f"\\u{ord(found[0]):04x}"), text)


class OneLine(logging.Formatter):
    """`2026-11-20T09:30:00.123Z warning orchestrator.tasks: message trip=…`"""

    def format(self, record: logging.LogRecord) -> str:
        words = [f"{name}={value}" for name, value in _fields(record).items()]
        head = f"{_moment(record)} {record.levelname.lower()} {record.name}: {_message(record)}"
        return escape(redact.clean(" ".join(filter(None, [head, *words, _trace(record)]))))


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _message(record),
            **_fields(record),
        }
        if trace := _trace(record):
            document["trace"] = trace
        clean = {name: _clean(value) for name, value in document.items()}
        return json.dumps(clean)


class OutagesOnce(logging.Filter):
    """A database that is away fails in many places at once: one line a minute tells of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        outage = _outage(record)
        if outage is None:
            return record.name != POOL  # what else a pool tells is its own business
        now = self._clock()
        if now - self._told.get(outage.kind, -TELL_AGAIN_AFTER_S) < TELL_AGAIN_AFTER_S:
            return False
        self._told[outage.kind] = now
        record.msg, record.args, record.exc_info, record.exc_text = str(outage), (), None, None
        return True


def _outage(record: logging.LogRecord) -> outages.Outage | None:
    """The pool tells each attempt with its reason; everybody else logs the error itself."""
    if record.name == POOL and isinstance(record.args, tuple) and record.args:
        reason = record.args[-1]
        return outages.postgres_away(str(reason)) if isinstance(reason, Exception) else None
    return outages.of(record.exc_info[1]) if record.exc_info else None


FORMATS: Mapping[str, type[logging.Formatter]] = {"plain": OneLine, "json": JsonLine}


def _clean(value: Any) -> Any:
    return value if isinstance(value, int | float | None) else redact.clean(str(value))


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} (its arguments do not fit)"


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    known = record.__dict__
    found = {name: known[name] for name in FIELDS if known.get(name) is not None}
    if request_id := getattr(known.get("request"), "id", ""):  # Django's own records of requests
        found["request_id"] = request_id
    return found


def _trace(record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    return logging.Formatter().formatException(record.exc_info)


def configure(options: Mapping[str, str]) -> None:
    """One handler to standard error for everything, in place of Django's several."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATS[options["format"]]())
    handler.addFilter(OutagesOnce())
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"].upper())
    for name in ("django", "django.server", "py.warnings"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(POOL).setLevel(max(root.level, logging.WARNING))
