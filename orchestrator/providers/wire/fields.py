"""Values out of a vendor's JSON: many servers speak this format, each a little differently."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]


def document(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def documents(value: Any) -> tuple[Document, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value if isinstance(item, dict))


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
