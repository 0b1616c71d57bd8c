"""The neutral request and the neutral events every adapter translates from and to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from orchestrator.routing.types import Effort


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A PDF, sent as a file to the models that read them."""

    media_type: str
    data: bytes = field(repr=False)
    name: str = "document.pdf"


@dataclass(frozen=True, slots=True)
class ThinkingPart:
    """Reasoning of an earlier turn; the signature is bound to the provider that made it."""

    text: str
    signature: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """`signature` is opaque provider state (Gemini thought signatures) to send back unchanged."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    signature: str = ""


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    call_id: str
    name: str
    content: str
    is_error: bool = False


Part = TextPart | ImagePart | DocumentPart | ThinkingPart | ToolCallPart | ToolResultPart


@dataclass(frozen=True, slots=True)
class Message:
    """Tool results travel in user messages, tool calls and thinking in assistant messages."""

    role: Literal["user", "assistant"]
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True)
class ToolSpec:
    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolChoice:
    mode: Literal["auto", "none", "any", "tool"] = "auto"
    name: str = ""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call. `effort` and `budget_tokens` are already what the model can take.

    `context_window` is the model's, in tokens, where it is known.
    """

    model_id: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    system: str = ""
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    json_schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    effort: Effort | None = None
    budget_tokens: int | None = None
    # Not part of what is asked: the same call with another window is still the same call.
    context_window: int | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as billed. The four counts do not overlap, except that output includes reasoning.

    `is_estimated` marks numbers we counted ourselves because the provider sent none.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    is_estimated: bool = False


class StopReason(StrEnum):
    END = "end"
    MAX_TOKENS = "max_tokens"
    TOOL_CALLS = "tool_calls"
    STOP_SEQUENCE = "stop_sequence"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """`signature` comes alone, with empty text, when a thinking block closes."""

    text: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """Arguments as they come. Only the first delta of an index carries id and name."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """Always the last event of a whole stream; a stream that ends without it was cut."""

    stop_reason: StopReason
    usage: Usage | None
    model_id: str = ""
    request_id: str = ""


ProviderEvent = TextDelta | ThinkingDelta | ToolCallDelta | Finished


@dataclass(frozen=True, slots=True)
class DiscoveredModel:
    """A model a provider lists; None and empty mean the provider did not say."""

    model_id: str
    title: str = ""
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: frozenset[str] = frozenset()
    size_b: float | None = None
