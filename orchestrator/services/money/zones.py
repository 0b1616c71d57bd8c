"""The four zones of a budget as the installation has set them: where each ends, what it allows."""

from orchestrator.routing.types import Zone, ZoneTable
from orchestrator.services.setup import options

BOUNDS = ("zone_green_below", "zone_yellow_below", "zone_orange_below")
CAPS = ("zone_green_gears", "zone_yellow_gears", "zone_orange_gears", "zone_red_gears")
DEFAULT = ZoneTable()


class WrongZones(ValueError):
    """The zones cannot be kept; the message says what is wrong."""


def table() -> ZoneTable:
    """Options are set one by one, so what is out of order is put in order here: never looser."""
    green, yellow, orange = sorted(options.get(name) for name in BOUNDS)
    caps: list[int] = []
    for name in CAPS:
        caps.append(min([options.get(name), *caps]))
    return ZoneTable(green, yellow, orange, (caps[0], caps[1], caps[2], caps[3]))


def save(wanted: ZoneTable) -> None:
    """All seven numbers together, or none."""
    bounds = (wanted.green_below, wanted.yellow_below, wanted.orange_below)
    if not 0 < bounds[0] < bounds[1] < bounds[2] <= 100:
        raise WrongZones("The zones end at rising shares between 1 and 100 %, such as 30, 60, 80.")
    if list(wanted.caps) != sorted(wanted.caps, reverse=True) or not wanted.caps[3] >= 0:
        raise WrongZones("A later zone never allows higher gears than the one before it.")
    if wanted.caps[0] > 5:
        raise WrongZones("Gears are G1 to G5; 0 stops paid gears.")
    for name, value in zip((*BOUNDS, *CAPS), (*bounds, *wanted.caps), strict=True):
        options.put(name, value)


def allows(cap: int) -> str:
    if cap >= 5:
        return "all gears"
    return f"gears up to G{cap}" if cap else "no paid gear; local and free ones stay open"


def lines(shown: ZoneTable) -> list[tuple[Zone, int, int, int, str]]:
    """Each zone with where it begins and ends, its highest gear, and that in words."""
    starts = (0, shown.green_below, shown.yellow_below, shown.orange_below)
    ends = (*starts[1:], 100)
    rows = zip(Zone, starts, ends, shown.caps, strict=True)
    return [(zone, start, end, cap, allows(cap)) for zone, start, end, cap in rows]
