"""What a caller asks for, and its JSON form as it is kept with a trip."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from orchestrator.patterns import plans
from orchestrator.providers.vocabulary import (
    DocumentPart,
    ImagePart,
    Message,
    ModelRequest,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    ToolSpec,
)
from orchestrator.routing.types import Overrides, Pattern, Tempo

MAX_PROMPT_BYTES = 4 * 1024 * 1024
# An image costs about this many tokens with every vendor, whatever its size in bytes.
TOKENS_PER_IMAGE = 1_600
TOKENS_PER_PDF_BYTE = 1 / 20


class RequestRefused(ValueError):
    """The request cannot be driven; the message says why and what to change."""


@dataclass(frozen=True, slots=True)
class TripRequest:
    """The neutral request of one trip. An empty profile or policy means the caller's default."""

    messages: tuple[Message, ...]
    system: str = ""
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = field(default_factory=ToolChoice)
    json_schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)
    profile: str = ""
    policy: str = ""
    # What a run of several legs is to do, as its document; None takes the pattern's own plan.
    run: Mapping[str, Any] | None = None
    # The gear for what is left of a run that is tried again, whatever its plan says.
    instead: str = ""
    # The message of a chat that is answered: its history is read when the trip begins.
    answers: UUID | None = None
    # The message of a chat that this one comes after.
    follows: UUID | None = None
    # The version of a kept prompt that the text was made with.
    prompt_version: int | None = None
    # The gear whose tool calls are answered here, by a caller that keeps its conversation itself.
    tool_gear: str = ""
    # What the person wrote, where files stand beside it in the same message.
    own_words: str | None = None

    @property
    def text(self) -> str:
        """The user's last own words: the only text a decision reads."""
        if self.own_words is not None:
            return self.own_words
        for message in reversed(self.messages):
            if message.role == "user" and message.text:
                return message.text
        return ""

    def for_model(self) -> ModelRequest:
        """The call without its model, which each leg fills in."""
        return ModelRequest(
            model_id="",
            messages=self.messages,
            max_output_tokens=0,
            system=self.system,
            tools=self.tools,
            tool_choice=self.tool_choice,
            json_schema=self.json_schema,
            temperature=self.temperature,
            stop=self.stop,
        )


def run_plan(pattern: Pattern, request: TripRequest) -> plans.RunPlan | None:
    """What a run is to do. Raises `RequestRefused` for a plan that cannot be driven."""
    if request.run is None:
        return plans.default_for(pattern.value)
    try:
        return plans.from_document(pattern.value, request.run)
    except plans.InvalidPlan as error:
        raise RequestRefused(f"The plan cannot be driven: {error}") from error


def parted(request: TripRequest) -> TripRequest:
    """A swarm that was only written down: what to do in its first line, an item on each other."""
    if request.overrides.pattern is not Pattern.SWARM or request.run is not None:
        return request
    task, *items = [line.strip() for line in request.text.splitlines() if line.strip()] or [""]
    if not items:
        raise RequestRefused(
            "A swarm needs items. Write what to do in the first line and one item on each line "
            "below, or start it under Runs with a file."
        )
    last = max(number for number, each in enumerate(request.messages) if each.role == "user")
    kept = [part for part in request.messages[last].parts if not isinstance(part, TextPart)]
    asked = replace(request.messages[last], parts=(TextPart(task), *kept))
    messages = (*request.messages[:last], asked, *request.messages[last + 1 :])
    return replace(request, messages=messages, own_words=None, run={"items": items})


def with_items(document: Mapping[str, Any], items: tuple[str, ...]) -> dict[str, Any]:
    """A hybrid's plan whose first phase works on these items."""
    phases = document.get("phases")
    if not isinstance(phases, list) or not phases or not isinstance(phases[0], dict):
        return dict(document)  # its reader says what is wrong with it
    return {**document, "phases": [{**phases[0], "items": list(items)}, *phases[1:]]}


def from_text(text: str, **options: Any) -> TripRequest:
    return TripRequest(messages=(Message("user", (TextPart(clean_text(text)),)),), **options)


def clean_text(text: str) -> str:
    """The text if it can be driven. NUL and lone surrogates would fail later in a database."""
    if not text.strip():
        raise RequestRefused("The prompt is empty. Write what you want done.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise RequestRefused(
            "The prompt contains half a character (a lone surrogate). Remove it and send again."
        ) from None
    if size > MAX_PROMPT_BYTES:
        raise RequestRefused(
            f"The prompt has {size / 1024 / 1024:.1f} MiB; 4 MiB is the most. Send a part of it."
        )
    return text.replace("\x00", "")


def digest(request: TripRequest) -> str:
    return hashlib.sha256(json.dumps(to_document(request), sort_keys=True).encode()).hexdigest()


def to_document(request: TripRequest) -> dict[str, Any]:
    made_with = {"prompt_version": request.prompt_version} if request.prompt_version else {}
    return {
        **made_with,
        "messages": [
            {"role": message.role, "parts": [_part_document(part) for part in message.parts]}
            for message in request.messages
        ],
        "system": request.system,
        "tools": [
            {"name": tool.name, "description": tool.description, "schema": dict(tool.schema)}
            for tool in request.tools
        ],
        "tool_choice": asdict(request.tool_choice),
        "json_schema": request.json_schema,
        "temperature": request.temperature,
        "stop": list(request.stop),
        "overrides": asdict(request.overrides),
        "profile": request.profile,
        "policy": request.policy,
        "run": request.run,
        "instead": request.instead,
        "answers": str(request.answers) if request.answers else None,
        "follows": str(request.follows) if request.follows else None,
        "tool_gear": request.tool_gear,
    }


def from_document(document: Mapping[str, Any]) -> TripRequest:
    return TripRequest(
        messages=tuple(
            Message(message["role"], tuple(_part(part) for part in message["parts"]))
            for message in document["messages"]
        ),
        system=document["system"],
        tools=tuple(ToolSpec(**tool) for tool in document["tools"]),
        tool_choice=ToolChoice(**document["tool_choice"]),
        json_schema=document["json_schema"],
        temperature=document["temperature"],
        stop=tuple(document["stop"]),
        overrides=overrides_from(document["overrides"]),
        profile=document["profile"],
        policy=document["policy"],
        run=document.get("run"),
        instead=document.get("instead", ""),
        answers=_id(document.get("answers")),
        follows=_id(document.get("follows")),
        prompt_version=document.get("prompt_version"),
        tool_gear=document.get("tool_gear", ""),
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def overrides_from(document: Mapping[str, Any]) -> Overrides:
    pattern, tempo = document.get("pattern"), document.get("tempo")
    return Overrides(
        gear=document.get("gear") or "",
        provider=document.get("provider") or "",
        road=document.get("road") or "",
        throttle=document.get("throttle"),
        pattern=Pattern(pattern) if pattern else None,
        tempo=Tempo(tempo) if tempo else None,
        max_output_tokens=document.get("max_output_tokens"),
    )


_TYPES: Mapping[str, type[Any]] = {
    "text": TextPart,
    "image": ImagePart,
    "document": DocumentPart,
    "thinking": ThinkingPart,
    "tool_call": ToolCallPart,
    "tool_result": ToolResultPart,
}
_NAMES = {part_type: name for name, part_type in _TYPES.items()}


def _part_document(part: Part) -> dict[str, Any]:
    fields = asdict(part)
    if isinstance(part, ImagePart | DocumentPart):
        fields["data"] = base64.b64encode(part.data).decode()
    return {"type": _NAMES[type(part)], **fields}


def _part(document: Mapping[str, Any]) -> Part:
    fields = {name: value for name, value in document.items() if name != "type"}
    if "data" in fields:
        fields["data"] = base64.b64decode(fields["data"])
    part: Part = _TYPES[document["type"]](**fields)
    return part
