"""Imports and their undoing, beside the page that started them.

A thread and not a task of the queue: the file is on this machine, a worker may be on another.
Should the process end, whole groups of chats stay; the page shows it and offers to undo.
"""

import logging
from collections.abc import Callable
from threading import Thread

from django.db import DatabaseError, connections

from orchestrator.models import ImportBatch
from orchestrator.services.chat.exchange import importing
from orchestrator.services.chat.exchange.importing import ImportStopped
from orchestrator.services.chat.exchange.neutral import ExportUnreadable
from orchestrator.services.chat.exchange.uploads import Upload

log = logging.getLogger(__name__)
_threads: dict[int, Thread] = {}


def start(batch: ImportBatch, upload: Upload) -> None:
    _start(batch, _import, upload)


def start_undo(batch: ImportBatch) -> None:
    importing.revoke(batch)
    _start(batch, _undo)


def wait(batch_id: int, timeout_s: float) -> bool:
    """Whether the work of this process on an import has ended by then."""
    thread = _threads.get(batch_id)
    if thread is not None:
        thread.join(timeout_s)
    return thread is None or not thread.is_alive()


def _start(batch: ImportBatch, work: Callable[..., None], *more: Upload) -> None:
    for ended in [pk for pk, thread in _threads.items() if not thread.is_alive()]:
        del _threads[ended]
    thread = Thread(target=work, args=(batch, *more), name=f"import-{batch.pk}", daemon=True)
    _threads[batch.pk] = thread
    thread.start()


def _import(batch: ImportBatch, upload: Upload) -> None:
    try:
        with upload.path.open("rb") as file:
            importing.run(batch, file)
    except (ExportUnreadable, ImportStopped, DatabaseError, OSError) as error:
        log.warning("an import ended early batch=%s reason=%s", batch.pk, error)
    finally:
        upload.remove()
        connections.close_all()


def _undo(batch: ImportBatch) -> None:
    try:
        importing.remove(batch)
    except DatabaseError as error:
        log.warning("an import was not wholly undone batch=%s reason=%s", batch.pk, error)
    finally:
        connections.close_all()
