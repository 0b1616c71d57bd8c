"""The fleet as the draft would have it, for decisions that are only tried."""

from dataclasses import replace

from django.utils import timezone

from orchestrator.routing.types import Fleet
from orchestrator.services.drafts import entries
from orchestrator.services.setup import fleet, rules


def drafted() -> Fleet:
    """Made of the same parts as the live one. Personal rules are live ones, they have no draft."""
    live, now = fleet.snapshot(), timezone.now()
    in_order = sorted(entries.drafted_rows("gears"), key=lambda g: (g.level, g.order, g.name))
    return replace(
        live,
        gears=tuple(
            fleet.gear_spec(gear)
            for gear in in_order
            if gear.is_enabled and gear.retired_at is None and gear.provider.is_enabled
        ),
        roads=tuple(
            fleet.road_spec(road)
            for road in sorted(entries.drafted_rows("roads"), key=lambda r: (r.order, r.name))
            if road.is_enabled
        ),
        rules=(
            *(rule for rule in live.rules if rule.user_id is not None),
            *(
                rules.spec_of(rule)
                for rule in entries.drafted_rows("rules")
                if rules.is_active(rule, now)
            ),
        ),
    )
