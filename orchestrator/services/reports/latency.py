"""How long answers took: counted in classes that add up, read back as percentiles."""

from collections.abc import Sequence
from datetime import timedelta

# Upper bounds in seconds; the last class has none.
BOUNDS_S = (
    0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 300, 1800,
)  # fmt: skip
NAMES = tuple(f"took_{number:02}" for number in range(len(BOUNDS_S) + 1))
LAST_S = 7200.0


def bounds() -> list[tuple[str, timedelta | None, timedelta | None]]:
    """Each class with what its durations reach (from) and stay below (to)."""
    edges = [None, *(timedelta(seconds=bound) for bound in BOUNDS_S), None]
    return list(zip(NAMES, edges[:-1], edges[1:], strict=True))


def percentile_s(counts: Sequence[int], share: float) -> float | None:
    """Within its class taken as evenly spread: off by less than the width of that class."""
    total = sum(counts)
    if not total:
        return None
    wanted = share * total
    passed = 0
    for place, count in enumerate(counts):
        if count and passed + count >= wanted:
            low, high = _edges(place)
            return low + (high - low) * max(0.0, (wanted - passed) / count)
        passed += count
    return LAST_S


def _edges(place: int) -> tuple[float, float]:
    low = BOUNDS_S[place - 1] if place else 0.0
    high = BOUNDS_S[place] if place < len(BOUNDS_S) else LAST_S
    return low, high
