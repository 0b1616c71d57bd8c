"""Profiles as entries: everyone's, a team's and a person's own."""

from orchestrator.models import Profile, Team, User
from orchestrator.services.profiles import fields
from orchestrator.services.setup.sections.fleet import texts
from orchestrator.services.setup.sections.rows import RowSection, named


def check_profile(profile: Profile) -> None:
    """The same that pages and commands ask of one."""
    for name in ("allowed_gears", "allowed_patterns", "default_tags"):
        texts(name, getattr(profile, name))
    fields.read({name: getattr(profile, name) for name in fields.NAMES})


PROFILES = RowSection(
    "profiles",
    Profile,
    (
        *("name", "user", "team", "title", "instructions", "policy", "allowed_gears"),
        *("allowed_patterns", "max_level", "min_throttle", "max_throttle"),
        *("default_tags", "budget_share"),
    ),
    columns={
        "user": named("user", User.objects.all, "username"),
        "team": named("team", Team.objects.all),
    },
    keys=("name", "user", "team"),
    own=lambda rows: rows.select_related("user", "team"),
    check=check_profile,
)
