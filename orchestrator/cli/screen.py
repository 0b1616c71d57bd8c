"""A drive at the terminal: text on standard output, all that is said about it on standard error."""

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Literal

from orchestrator.cli import output
from orchestrator.cli.progress import RunProgress

if TYPE_CHECKING:
    from rich.status import Status

# Quiet text tells of the run on standard error and leaves its answer out.
Mode = Literal["text", "thinking", "quiet-text", "stream", "json", "run-json", "silent"]
DIM, PLAIN = "\x1b[2m", "\x1b[0m"


class Screen:
    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._is_terminal = sys.stderr.isatty()
        self._has_colour = self._is_terminal and not os.environ.get("NO_COLOR")
        self._wait: Status | None = None
        self._gear = ""
        self._is_line_open = False
        self._progress = RunProgress()

    def show(self, kind: str, payload: dict[str, Any]) -> None:
        if self._mode == "stream":
            sys.stdout.write(json.dumps({"kind": kind, **payload}, default=str) + "\n")
            sys.stdout.flush()
        elif self._mode in ("text", "thinking", "quiet-text"):
            self._tell(kind, payload)

    def _tell(self, kind: str, payload: dict[str, Any]) -> None:
        if kind in ("text", "gear_shifted", "run_paused", "trip_finished"):
            self.close()
        match kind:
            case "routed":
                self._begin(payload["receipt"])
            case "step_moved" | "swarm_moved":
                self.close_spinner()
                self._end_line()
                self._progress.show(kind, payload)
            case "text" if self._mode != "quiet-text":
                sys.stdout.write(output.safe(payload["text"]))
                sys.stdout.flush()
                self._is_line_open = not payload["text"].endswith("\n")
            case "thinking" if self._mode == "thinking":
                self.close()
                sys.stderr.write(self._dim(output.safe(payload["text"])))
            case "leg_started":
                self._gear = payload["gear"]
            case "gear_shifted":
                self._end_line()
                output.note(f"{payload['from_gear']} → {payload['to_gear']}: {payload['reason']}")
            case "trip_finished":
                self._end(payload)

    def _begin(self, receipt: dict[str, Any]) -> None:
        if receipt["refused"] or not self._is_terminal:
            return
        self._remark(receipt["line"])
        from rich.console import Console

        self._wait = Console(stderr=True).status(f"{receipt['gear']} …")
        self._wait.start()

    def close(self) -> None:
        """Leave the terminal as it was."""
        self.close_spinner()
        self._progress.close()

    def close_spinner(self) -> None:
        if self._wait is not None:
            self._wait.stop()
            self._wait = None

    def _end(self, payload: dict[str, Any]) -> None:
        self._end_line()
        usage = payload["usage"]
        if not (payload["text"] or payload["cost_nano"] or usage["input_tokens"]):
            return  # nothing was sent, so there is nothing to tell of
        sys.stdout.flush()
        self._remark(summary(payload, self._gear))

    def _end_line(self) -> None:
        """An answer seldom ends with one, and what is told next must not hang on to it."""
        if self._is_line_open:
            output.line()
            sys.stdout.flush()
            self._is_line_open = False

    def _remark(self, text: str) -> None:
        sys.stderr.write(self._dim(output.safe(text)) + "\n")

    def _dim(self, text: str) -> str:
        return f"{DIM}{text}{PLAIN}" if self._has_colour else text


def summary(payload: dict[str, Any], gear: str) -> str:
    """What a drive used and cost, in one line."""
    usage = payload["usage"]
    parts = [
        *([gear] if gear else []),
        f"{usage['input_tokens']:,} in ({usage['cached_input_tokens']:,} cached)",
        f"{usage['output_tokens']:,} out",
        output.dollars(payload["cost_nano"], payload["currency"]),
        f"{payload['seconds']:.1f} s",
    ]
    if payload["saved_nano"]:
        parts.append(f"saved {output.dollars(payload['saved_nano'], payload['currency'])}")
    if payload["state"] != "done":
        parts.insert(0, payload["state"])
    return " · ".join(parts)
