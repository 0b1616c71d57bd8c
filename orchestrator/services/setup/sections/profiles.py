"""Profiles as entries: everyone's, a team's and a person's own."""

from orchestrator.models import Gear, Profile, Team, User
from orchestrator.routing.policies import PRESETS
from orchestrator.routing.types import Pattern
from orchestrator.services.setup.sections.fleet import texts
from orchestrator.services.setup.sections.rows import RowSection, named


def check_profile(profile: Profile) -> None:
    if profile.policy not in PRESETS:
        raise ValueError(f"policy is one of: {', '.join(PRESETS)}")
    texts("allowed_gears", profile.allowed_gears)
    texts("allowed_patterns", profile.allowed_patterns)
    known = set(Gear.objects.values_list("name", flat=True))
    if missing := sorted(set(profile.allowed_gears) - known):
        raise ValueError(f"there is no gear named {missing[0]!r}")
    if missing := sorted(set(profile.allowed_patterns) - {each.value for each in Pattern}):
        raise ValueError(f"there is no pattern named {missing[0]!r}")
    if not 1 <= profile.max_level <= 5:
        raise ValueError("max_level is from 1 to 5")
    if not 0 <= profile.min_throttle <= profile.max_throttle <= 100:
        raise ValueError("min_throttle and max_throttle are from 0 to 100, the lower one first")


PROFILES = RowSection(
    "profiles",
    Profile,
    (
        *("name", "user", "team", "title", "instructions", "policy", "allowed_gears"),
        *("allowed_patterns", "max_level", "min_throttle", "max_throttle"),
    ),
    columns={
        "user": named("user", User.objects.all, "username"),
        "team": named("team", Team.objects.all),
    },
    keys=("name", "user", "team"),
    own=lambda rows: rows.select_related("user", "team"),
    check=check_profile,
)
