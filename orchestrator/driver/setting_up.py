"""Django once, before anything of ours that needs it is imported, and the end of it."""

import atexit
import os
from functools import cache
from pathlib import Path


def set_up(home: str | Path | None) -> None:
    """Django once, before anything of ours that needs it is imported."""
    import django
    from django.apps import apps

    folder = None if home is None else Path(home).expanduser().resolve()
    if folder is not None and not apps.ready:
        os.environ["CLUTCH_HOME"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")
    if not apps.ready:
        django.setup()
    from django.conf import settings

    if folder is not None and folder != Path(settings.CLUTCH_HOME).resolve():
        raise ValueError(f"This process already drives with {settings.CLUTCH_HOME}.")
    from orchestrator import runtime

    runtime.run(_prepare())


async def _prepare() -> None:
    from orchestrator.services.database import in_thread
    from orchestrator.services.upkeep import schema, startup

    await in_thread(schema.ensure_current)
    await in_thread(startup.prepare)


@cache
def close_at_exit() -> None:
    """Once per process: connections left open complain while Python ends."""
    from orchestrator import runtime

    atexit.register(lambda: runtime.run(runtime.close()))
