"""Tool calls put together from their deltas."""

import json
from dataclasses import dataclass, field

from orchestrator.providers.errors import BadStream
from orchestrator.providers.vocabulary import ToolCallDelta, ToolCallPart


@dataclass(slots=True)
class _Parts:
    id: str = ""
    name: str = ""
    signature: str = ""
    arguments: list[str] = field(default_factory=list)


class ToolCallAssembler:
    def __init__(self) -> None:
        self._by_index: dict[int, _Parts] = {}

    def take(self, delta: ToolCallDelta) -> None:
        parts = self._by_index.setdefault(delta.index, _Parts())
        parts.id = parts.id or delta.id
        parts.name = parts.name or delta.name
        parts.signature = delta.signature or parts.signature
        parts.arguments.append(delta.arguments)

    def calls(self) -> list[ToolCallPart]:
        """The whole calls by index; broken arguments are the provider's fault."""
        return [self._whole(parts) for _, parts in sorted(self._by_index.items())]

    @staticmethod
    def _whole(parts: _Parts) -> ToolCallPart:
        try:
            arguments = json.loads("".join(parts.arguments) or "{}")
        except ValueError:
            raise BadStream(f"The provider sent a broken call of the tool {parts.name}.") from None
        if not isinstance(arguments, dict):
            raise BadStream(f"The provider called the tool {parts.name} without named arguments.")
        return ToolCallPart(parts.id, parts.name, arguments, parts.signature)
