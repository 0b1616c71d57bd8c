"""How far a run is, on standard error: a bar for items at a terminal, a line for each step."""

import sys
from typing import TYPE_CHECKING, Any

from orchestrator.cli import output

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

MARKS = {"done": "✓", "failed": "✕", "held": "‖"}


class RunProgress:
    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def show(self, kind: str, payload: dict[str, Any]) -> None:
        if kind == "step_moved":
            self._step(payload)
        else:
            self._swarm(payload)

    def _step(self, payload: dict[str, Any]) -> None:
        """A step that began is only worth a line to a person who watches."""
        mark = MARKS.get(payload["state"])
        if mark is None and not self._is_terminal:
            return
        detail = payload["error"] or payload["gear"]
        line = f"{mark or '◐'} {payload['name']}{f' · {detail}' if detail else ''}"
        if self._bar is not None:
            self._bar.console.print(output.safe(line), markup=False, highlight=False)
        else:
            output.note(line)

    def _swarm(self, payload: dict[str, Any]) -> None:
        if not self._is_terminal:
            return
        bar = self._started()
        if payload["path"] not in self._tasks:
            self._tasks[payload["path"]] = bar.add_task("", total=payload["total"])
        failed = f" · {payload['failed']:,} failed" if payload["failed"] else ""
        bar.update(
            self._tasks[payload["path"]],
            total=payload["total"],
            completed=payload["done"] + payload["failed"],
            description=f"{output.dollars(payload['spent_nano'])} spent{failed}",
        )

    def _started(self) -> "Progress":
        if self._bar is None:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self._bar = Progress(
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.start()
        return self._bar

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._tasks = {}
