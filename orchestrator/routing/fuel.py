"""Fuel (budgets): the zone, what it allows, and the sentence of a refusal."""

from collections.abc import Iterable

from orchestrator.routing.types import BudgetView, Fuel, GearSpec, Zone, ZoneTable

NANO = 1_000_000_000
OWNERS = {
    "global": "The budget of this installation",
    "team": "The budget of your team",
    "user": "Your budget",
    "token": "The budget of this API token",
    "provider": "The budget of the provider",
    "road": "The budget of this kind of task",
    "profile": "The share of your profile",
}
KINDS = {"day": "daily", "month": "monthly"}


def tightest(views: Iterable[BudgetView]) -> BudgetView | None:
    """The budget with the largest share used; budgets without a limit never bind."""
    limited = [view for view in views if view.limit_nano is not None]
    return max(limited, key=lambda view: (_share(view), view.name), default=None)


def _share(view: BudgetView) -> float:
    used, limit = view.spent_nano + view.reserved_nano, view.limit_nano or 0
    return used / limit if limit else float("inf")


def zone(view: BudgetView | None, table: ZoneTable) -> Zone:
    """Half-open intervals, compared as whole numbers: at exactly 30 % a budget is yellow."""
    if view is None or view.limit_nano is None:
        return Zone.GREEN
    used = (view.spent_nano + view.reserved_nano) * 100
    bounds = (
        (table.green_below, Zone.GREEN),
        (table.yellow_below, Zone.YELLOW),
        (table.orange_below, Zone.ORANGE),
    )
    return next((name for below, name in bounds if used < below * view.limit_nano), Zone.RED)


def level_cap(zone: Zone, table: ZoneTable) -> int:
    return table.caps[list(Zone).index(zone)]


def binding(fuel: Fuel, gear: GearSpec, road: str) -> tuple[BudgetView, ...]:
    """Every budget that a call of this gear on this road would draw on."""
    if gear.is_demo:
        return fuel.demo
    return (*fuel.shared, *fuel.by_provider.get(gear.provider, ()), *fuel.by_road.get(road, ()))


def too_small(views: Iterable[BudgetView], need_nano: int) -> BudgetView | None:
    short = [view for view in views if view.left_nano is not None and view.left_nano < need_nano]
    return min(short, key=lambda view: view.left_nano or 0, default=None)


def dollars(nano: int) -> str:
    """Enough digits to see a small amount, no more."""
    value = nano / NANO
    if nano and abs(value) < 0.00005:
        return f"${value:.7f}".rstrip("0")
    return f"${value:.4f}" if abs(value) < 1 else f"${value:.2f}"


def owner(view: BudgetView) -> str:
    """Whose budget it is, as the beginning of a sentence."""
    name = f" {view.scope_id}" if view.scope in ("provider", "road") and view.scope_id else ""
    return f"{OWNERS.get(view.scope, 'The budget')}{name}"


def refusal(view: BudgetView) -> str:
    """Whose budget, how much, and when it refills."""
    left, limit = dollars(view.left_nano or 0), dollars(view.limit_nano or 0)
    return (
        f"{owner(view)} has {left} of {limit} left for this {view.period}; "
        f"it refills {view.refills_at}."
    )


def zone_refusal(view: BudgetView, zone: Zone, cap: int) -> str:
    """The same where there is money left, but not for gears as high as this."""
    allows = f"allows up to G{cap}" if cap else "allows no paid gears"
    return f"the {zone.value} zone {allows}: {refusal(view).rstrip('.')}"
