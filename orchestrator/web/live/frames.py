"""Events of a trip as a page shows them: finished blocks as HTML once, the open end as text."""

from collections.abc import Mapping
from typing import Any

from orchestrator.markdown.blocks import OpenText

Frame = dict[str, Any]
# What the script on the page reads of each kind; the log keeps more.
READ_BY_PAGE: Mapping[str, tuple[str, ...]] = {
    "leg_started": ("gear", "level", "throttle", "attempt"),
    "thinking": ("text",),
    "tool_call": ("name",),
    "gear_shifted": ("from_gear", "to_gear", "reason"),
    "step_moved": ("path", "name", "state", "gear", "error"),
    "leg_finished": ("state", "error", "gear"),
    "trip_finished": ("state", "error", "next_step"),
}


class PageFrames:
    """Depends on the events alone, so that a page that resumes is told the same as before."""

    def __init__(self) -> None:
        self._text = OpenText()

    def of(self, event: Mapping[str, Any]) -> Frame:
        kind = event["kind"]
        if kind == "text":
            shown = self._piece(event["text"])
        elif kind == "routed":
            shown = _routed(event["receipt"])
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
