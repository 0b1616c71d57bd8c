"""What a pattern says while it drives: one vocabulary for page, API, CLI and tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from orchestrator.providers.vocabulary import StopReason, Usage

FinalState = Literal["done", "stopped", "failed", "stalled"]


@dataclass(frozen=True, slots=True)
class Routed:
    """The receipt as a document: what was chosen and why."""

    receipt: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LegStarted:
    leg: str
    gear: str
    level: int
    throttle: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Text:
    leg: str
    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    leg: str
    text: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    leg: str
    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class GearShifted:
    from_gear: str
    to_gear: str
    reason: str


@dataclass(frozen=True, slots=True)
class LegFinished:
    leg: str
    state: Literal["done", "failed", "stopped"]
    gear: str
    usage: Usage
    cost_nano: int
    currency: str
    seconds: float
    first_token_s: float | None
    stop_reason: StopReason | None = None
    error_code: str = ""
    error: str = ""


# Held is what waits for money.
StepState = Literal["driving", "done", "failed", "held"]


@dataclass(frozen=True, slots=True)
class StepMoved:
    """One place of a run of several legs began, ended or failed; `text` is what it produced."""

    path: str
    name: str
    state: StepState
    gear: str = ""
    text: str = ""
    error: str = ""


ItemState = Literal["waiting", "driving", "done", "failed"]


@dataclass(frozen=True, slots=True)
class SwarmMoved:
    """How far the items of a swarm are; `cells` and `failures` are only what is new."""

    path: str
    total: int
    done: int
    failed: int
    cells: Sequence[tuple[int, ItemState]] = ()
    failures: Sequence[tuple[int, str]] = ()
    spent_nano: int = 0
    held_nano: int = 0


@dataclass(frozen=True, slots=True)
class RunPaused:
    """The run waits for a person. What was done is kept; going on pays for none of it again."""

    code: str
    reason: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class GaugeMoved:
    """The tightest budget after money moved."""

    gauge: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TripFinished:
    """Always the last event. `text` is the whole answer, so a lost frame heals itself."""

    state: FinalState
    text: str
    cost_nano: int
    currency: str
    usage: Usage
    seconds: float
    saved_nano: int | None = None
    error_code: str = ""
    error: str = ""
    next_step: str = ""
    retry_after_s: float | None = None


Event = (
    Routed
    | LegStarted
    | Text
    | Thinking
    | ToolCall
    | GearShifted
    | LegFinished
    | StepMoved
    | SwarmMoved
    | RunPaused
    | GaugeMoved
    | TripFinished
)
