"""Values out of JSON that nobody promised anything about: the wanted kind, or an empty one."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# Outside of these years a time is a mistake, and neither zones nor ZIPs can express every one.
FIRST_YEAR, LAST_YEAR = 1990, 2100
# Seconds would be in the year 5138; what is larger counts milliseconds.
LARGEST_SECONDS = 100_000_000_000


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[dict[str, Any]]:
    """The objects of a list; whatever else is in it is passed over."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def moment(value: object) -> datetime | None:
    """Seconds since 1970 or an ISO time; a time without a zone is UTC."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        elif isinstance(value, int | float) and math.isfinite(value):
            seconds = value / 1000 if value > LARGEST_SECONDS else value
            found = datetime.fromtimestamp(seconds, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
