"""What is asked, and what the caller fixed by hand."""

from dataclasses import dataclass

from orchestrator.routing.types.words import Pattern, Tempo


@dataclass(frozen=True, slots=True)
class PreviousTurn:
    """The turn before, for short follow-ups that inherit its road."""

    road: str
    gear: str
    age_s: float
    had_code: bool = False
    in_tool_loop: bool = False
    thinking_provider: str = ""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the caller fixed by hand. A named gear is a pin: never silently overruled."""

    gear: str = ""
    provider: str = ""
    road: str = ""
    throttle: int | None = None
    pattern: Pattern | None = None
    tempo: Tempo | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """`text` holds only the user's own words; everything else is counted, never read."""

    text: str
    context_tokens: int = 0
    images: int = 0
    pdfs: int = 0
    has_tools: bool = False
    needs_json_schema: bool = False
    needs_web: bool = False
    previous: PreviousTurn | None = None
    overrides: Overrides = Overrides()
    hint: "ClassifierHint | None" = None


@dataclass(frozen=True, slots=True)
class ClassifierHint:
    """What an optional LLM classifier said; used only where the signals are unsure."""

    road: str
    confidence: float
    source: str
