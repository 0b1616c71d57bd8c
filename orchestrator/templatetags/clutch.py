"""How amounts, durations and states are written on every page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orchestrator.routing import fuel
from orchestrator.services.setup.sections import base

register = template.Library()

STATES = {
    "queued": ("queued", "Waiting", ""),
    "driving": ("driving", "Driving", ""),
    "done": ("done", "Done", "is-green"),
    "stopped": ("stopped", "Stopped", "is-yellow"),
    "failed": ("failed", "Failed", "is-red"),
    "stalled": ("stalled", "Interrupted", "is-orange"),
    "paused": ("paused", "Paused", "is-yellow"),
    "waiting": ("queued", "Waiting", ""),
}
ZONE_WORDS = {"green": "Green", "yellow": "Yellow", "orange": "Orange", "red": "Red"}
ICON = '<svg class="icon{}" aria-hidden="true" viewBox="0 0 24 24"><use href="#i-{}"/></svg>'


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    return format_html(ICON, f" {classes}" if classes else "", name)


@register.simple_tag
def state_badge(state: str) -> SafeString:
    """Icon, word and colour: never the colour alone."""
    shape, word, colour = STATES.get(state, ("queued", state, ""))
    return format_html('<span class="badge {}">{} {}</span>', colour, icon(shape), word)


@register.simple_tag
def zone_badge(zone: str, text: str) -> SafeString:
    return format_html(
        '<span class="badge is-{}">{} {}</span>', zone, icon(f"zone-{zone}", "solid"), text
    )


@register.simple_tag
def zone_icon(zone: str) -> SafeString:
    return icon(f"zone-{zone}", "solid")


@register.filter
def add_number(text: str, number: int) -> str:
    return f"{text}{number}"


@register.filter
def words(text: str) -> list[str]:
    """A short list written out in a template."""
    return text.split()


@register.filter
def money(nano: object, currency: str = "usd") -> str:
    """Unknown is said, never shown as nothing. Receipts are old documents, so anything may come."""
    if not isinstance(nano, int):
        return "unknown"
    if nano == 0:
        return "$0"
    return f"{fuel.dollars(nano)} demo" if currency == "demo" else fuel.dollars(nano)


@register.filter
def plain_usd(nano: object) -> str:
    """As it is typed: `2.5`, without a sign; nothing where there is no limit."""
    if not isinstance(nano, int):
        return ""
    return f"{nano // fuel.NANO}.{nano % fuel.NANO:09d}".rstrip("0").rstrip(".")


@register.filter
def seconds(value: object) -> str:
    if not isinstance(value, int | float):
        return "–"
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.0f} min"


@register.filter
def percent(share: object) -> str:
    return f"{share * 100:.0f} %" if isinstance(share, int | float) else "–"


@register.filter
def zone_word(zone: str) -> str:
    return ZONE_WORDS.get(zone, zone)


@register.filter
def thousands(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else ""


@register.filter
def shown(value: object) -> str:
    """A field of the configuration, as differences tell it."""
    return base.shown(value)
