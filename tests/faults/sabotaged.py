"""Runs `clutch` with one thing gone wrong: `python sabotaged.py WHAT WORDS`.

With the word `celery` it is Celery's own worker, which alone looks for what was not acknowledged.
"""

import os
import signal
import sys
from typing import Any, NoReturn

WHAT = sys.argv.pop(1)
COPIES = 5
SOON_S = 1


def die(*_: object, **__: object) -> NoReturn:
    """As if the power went; nothing that stands after it happens."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit


def dies_before_it_announces() -> None:
    from orchestrator.services.driving import queue

    queue.announce = die


def dies_before_it_sends() -> None:
    from orchestrator.services.driving import legs

    legs.send = die  # type: ignore[assignment]


def says_everything_five_times() -> None:
    from clutchweb.celery import app

    said_once = app.send_task

    def send_task(*words: Any, **options: Any) -> Any:
        for _ in range(COPIES - 1):
            said_once(*words, **options)
        return said_once(*words, **options)

    app.send_task = send_task


def takes_silence_for_death() -> None:
    """Redis hands a message to the next worker when nobody has acknowledged it for a second."""
    from clutchweb import celery

    soon = {
        "visibility_timeout": SOON_S,
        "unacked_restore_interval": SOON_S,
        "unacked_restore_throttle": 1,
    }
    celery.SETTINGS["broker_transport_options"] |= soon


FAULTS = {
    each.__name__: each
    for each in (
        dies_before_it_announces,
        dies_before_it_sends,
        says_everything_five_times,
        takes_silence_for_death,
    )
}

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")
    django.setup()
    FAULTS[WHAT]()
    if sys.argv[1] == "celery":
        from celery.bin.celery import main

        sys.argv.pop(1)
    else:
        from orchestrator.cli.main import main
    main()
