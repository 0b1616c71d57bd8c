"""Runs `clutch` with a clock that is wrong: `python -m tests.faults.skewed SECONDS WORDS`."""

import sys
import time
from datetime import datetime, timedelta, tzinfo

from django.utils import timezone

true_time, true_now = time.time, timezone.now
SECONDS = float(sys.argv.pop(1))


def shift() -> None:
    """Everything that asks this process for the time of day is told another one."""
    time.time = lambda: true_time() + SECONDS
    timezone.now = lambda: true_now() + timedelta(seconds=SECONDS)

    class Skewed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=SECONDS)

    sys.modules["datetime"].datetime = Skewed  # type: ignore[attr-defined]


if __name__ == "__main__":
    shift()
    from orchestrator.cli.main import main

    main()
