"""What a caller wishes for: the policy's target, narrowed by profile, token and team."""

from dataclasses import replace

from orchestrator.models import Profile
from orchestrator.routing.policies import PRESETS
from orchestrator.routing.types import Pattern, PolicySpec
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import options


def policy_for(caller: Caller, policy_name: str, profile_name: str) -> PolicySpec:
    profile = find_profile(caller, profile_name) if profile_name else None
    name = policy_name or (profile.policy if profile else "") or options.get("policy")
    preset = PRESETS.get(name)
    if preset is None:
        raise RequestRefused(f"There is no policy {name!r}. Use one of: {', '.join(PRESETS)}.")
    explores = options.get("learning") and not caller.token_id
    rate = float(options.get("exploration_rate")) if explores else 0.0
    return narrow(replace(preset, exploration_rate=rate), profile)


def find_profile(caller: Caller, name: str) -> Profile:
    """The caller's own profile of that name before the team's before everyone's."""
    visible = Profile.objects.filter(name=name, user_id__in=[caller.user_id]) | (
        Profile.objects.filter(name=name, user=None, team_id__in=[caller.team_id])
        | Profile.objects.filter(name=name, user=None, team=None)
    )
    found = sorted(visible, key=lambda profile: (profile.user_id is None, profile.team_id is None))
    if not found:
        raise RequestRefused(f"There is no profile {name!r}.")
    return found[0]


def narrow(policy: PolicySpec, profile: Profile | None) -> PolicySpec:
    if profile is None:
        return policy
    patterns = frozenset(Pattern(name) for name in profile.allowed_patterns)
    return replace(
        policy,
        allowed_gears=frozenset(profile.allowed_gears) or None,
        allowed_patterns=patterns or None,
        max_level=min(policy.max_level, profile.max_level),
        min_throttle=profile.min_throttle,
        max_throttle=profile.max_throttle,
    )
