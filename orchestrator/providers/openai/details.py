"""OpenRouter's reasoning details: thinking in pieces, some sealed, to send back unchanged."""

import json
from collections.abc import Iterable
from typing import Any

from orchestrator.providers.vocabulary import ThinkingPart
from orchestrator.providers.wire.fields import Document, documents

# What comes in pieces; everything else of a detail comes once.
GROWING = ("text", "summary", "data")
SEALS = ("signature", "data")


def add(kept: list[dict[str, Any]], piece: Document) -> None:
    """A piece goes on with the detail before it where both are of the same kind and place."""
    if kept and _identity(kept[-1]) == _identity(piece):
        last = kept[-1]
        for name, value in piece.items():
            grows = name in GROWING and isinstance(value, str) and isinstance(last.get(name), str)
            last[name] = last[name] + value if grows else value or last.get(name)
    else:
        kept.append(dict(piece))


def _identity(detail: Document) -> tuple[object, object]:
    return detail.get("type"), detail.get("index")


def sealed(kept: list[dict[str, Any]]) -> str:
    """All details as one signature; empty where none is sealed, as plain thoughts bind nothing."""
    has_seal = any(detail.get(name) for detail in kept for name in SEALS)
    return json.dumps(kept) if has_seal else ""


def opened(parts: Iterable[ThinkingPart]) -> list[Document]:
    found: list[Document] = []
    for part in parts:
        try:
            found += documents(json.loads(part.signature or "[]"))
        except ValueError:
            continue  # not of this form: the provider answered in another one then
    return found
