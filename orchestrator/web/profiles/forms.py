"""A profile as its form sends it."""

from typing import Any

from django.http import QueryDict

from orchestrator.services.profiles import fields
from orchestrator.services.profiles.fields import Fields


def fields_of(data: QueryDict) -> Fields:
    """Raises `ProfileRefused`."""
    return fields.read(given(data))


def given(data: QueryDict) -> dict[str, Any]:
    """As it was sent, also to show it again when it is refused."""
    policy = data.get("policy", "")
    return {
        "title": data.get("title", ""),
        "policy": data.get("slider", "") if policy == "own" else policy,
        "max_level": data.get("max_level", "5"),
        "min_throttle": data.get("min_throttle", "0"),
        "max_throttle": data.get("max_throttle", "100"),
        "instructions": data.get("instructions", ""),
        "allowed_gears": data.getlist("allowed_gears"),
        "allowed_patterns": data.getlist("allowed_patterns"),
        "default_tags": data.get("default_tags", "").split(","),
        "budget_share": data.get("budget_share", ""),
    }


def seen(data: QueryDict) -> int:
    text = data.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
