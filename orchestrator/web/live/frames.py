"""Events of a trip as a page shows them: finished blocks as HTML once, the open end as text."""

from collections.abc import Mapping
from typing import Any

from orchestrator.markdown.blocks import OpenText

Frame = dict[str, Any]
SWARM = ("path", "total", "done", "failed", "cells", "failures", "spent_nano", "held_nano")
# What the script on the page reads of each kind; the log keeps more.
READ_BY_PAGE: Mapping[str, tuple[str, ...]] = {
    "leg_started": ("gear", "level", "throttle", "attempt"),
    "thinking": ("text",),
    "tool_call": ("name",),
    "gear_shifted": ("from_gear", "to_gear", "reason"),
    "step_moved": ("path", "name", "state", "gear", "error"),
    "swarm_moved": SWARM,
    "run_paused": ("code", "reason", "next_step"),
    "leg_finished": ("state", "error", "gear"),
    "trip_finished": ("state", "error", "next_step"),
}


class PageFrames:
    """Depends on the events alone, so that a page that resumes is told the same as before.

    A run that goes on is routed once more, and what it says at last is said from its beginning.
    """

    def __init__(self) -> None:
        self._text = OpenText()
        self._has_begun = False

    def of(self, event: Mapping[str, Any]) -> Frame:
        kind = event["kind"]
        if kind == "text":
            shown = self._piece(event["text"])
        elif kind == "routed":
            shown = {**_routed(event["receipt"]), "again": self._has_begun}
            self._text, self._has_begun = OpenText(), True
        else:
            shown = {name: event.get(name) for name in READ_BY_PAGE.get(kind, ())}
        return {"seq": event["seq"], "kind": kind, **shown}

    def _piece(self, text: str) -> Frame:
        """Only what is new of the open end travels, unless blocks were finished before it."""
        before = self._text.tail
        step = self._text.feed(text)
        if step.closed or not step.tail.startswith(before):
            return {"closed": "".join(step.closed), "tail": step.tail, "chars": len(text)}
        return {"add": step.tail[len(before) :], "chars": len(text)}


def _routed(receipt: Mapping[str, Any]) -> Frame:
    names = ("line", "refused", "is_demo", "gear", "level")
    return {name: receipt.get(name) for name in names}
