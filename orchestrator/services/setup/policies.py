"""What a caller drives with: profile, team and defaults, each value with where it comes from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from orchestrator.models import DefaultProfile, Membership, Profile
from orchestrator.routing import effective
from orchestrator.routing.effective import Layer, Values
from orchestrator.routing.policies import PRESETS
from orchestrator.routing.types import EffectiveValue, GearSpec, PolicySpec
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import options

# Asked for instead of a name: no profile, not even one's own default.
NONE = "none"


@dataclass(frozen=True, slots=True)
class Driving:
    """`share_of` is the profile whose share of the budget binds, if any."""

    policy: PolicySpec
    settings: tuple[EffectiveValue, ...]
    profile: str = ""
    share_of: int | None = None

    def value(self, field: str) -> object:
        return effective.as_dict(self.settings)[field].value

    @property
    def instructions(self) -> str:
        return str(self.value("instructions"))

    @property
    def tags(self) -> list[str]:
        found = self.value("default_tags")
        return list(map(str, found)) if isinstance(found, tuple | list) else []

    @property
    def share_percent(self) -> int | None:
        found = self.value("budget_share")
        return found if isinstance(found, int) else None


def driving(caller: Caller, policy_name: str = "", profile_name: str = "") -> Driving:
    """Raises `RequestRefused` for a policy or profile that does not exist."""
    own = _chosen(caller, profile_name)
    teams = team_default(caller)
    layers = _layers(policy_name, own, teams)
    found = effective.effective(layers)
    policy = effective.policy_of(found)
    if policy is None:
        wrong = effective.as_dict(found)["policy"].value
        raise RequestRefused(
            f"There is no policy {wrong!r}. Use one of: {', '.join(PRESETS)}, or 0 to 100."
        )
    source = effective.as_dict(found)["budget_share"].source
    giver = {"profile": own, "team": teams}.get(source)
    return Driving(
        policy=replace(policy, exploration_rate=_exploration(caller)),
        settings=found,
        profile=own.name if own else "",
        share_of=giver.pk if giver else None,
    )


def allows(policy: PolicySpec, gear: GearSpec) -> bool:
    """Whether a profile lets anybody choose this model at all."""
    is_named = policy.allowed_gears is None or gear.name in policy.allowed_gears
    return is_named and gear.level <= policy.max_level


def _layers(policy_name: str, own: Profile | None, teams: Profile | None) -> list[Layer]:
    layers = [Layer("task", {"policy": policy_name})] if policy_name else []
    if own is not None:
        layers.append(Layer("profile", values_of(own), own.name))
    if teams is not None:
        layers.append(Layer("team", values_of(teams), teams.name))
    return [*layers, Layer("default", {"policy": options.get("policy")})]


def values_of(profile: Profile) -> Values:
    return {
        "policy": profile.policy,
        "max_level": profile.max_level,
        "throttle": (profile.min_throttle, profile.max_throttle),
        "instructions": profile.instructions,
        "allowed_gears": tuple(profile.allowed_gears),
        "allowed_patterns": tuple(profile.allowed_patterns),
        "default_tags": tuple(profile.default_tags),
        "budget_share": profile.budget_share,
    }


def _exploration(caller: Caller) -> float:
    explores = options.get("learning") and not caller.token_id
    return float(options.get("exploration_rate")) if explores else 0.0


def _chosen(caller: Caller, name: str) -> Profile | None:
    if name == NONE:
        return None
    return find_profile(caller, name) if name else own_default(caller.user_id)


def own_default(user_id: int) -> Profile | None:
    """What a person drives with when nothing else is said, as long as they may still see it."""
    held = DefaultProfile.objects.filter(user_id=user_id).select_related("profile").first()
    if held is None or not visible(user_id).filter(pk=held.profile_id).exists():
        return None
    return held.profile


def team_default(caller: Caller) -> Profile | None:
    """Of the team a task is driven for; where none is named, of somebody's only team."""
    team_id = caller.team_id
    if team_id is None:
        teams = Membership.objects.filter(user_id=caller.user_id).values_list("team_id", flat=True)
        if len(found := list(teams[:2])) != 1:
            return None
        team_id = found[0]
    held = DefaultProfile.objects.filter(team_id=team_id).select_related("profile").first()
    return held.profile if held else None


def visible(user_id: int, team_id: int | None = None) -> QuerySet[Profile]:
    """One's own, those of one's teams, and everyone's."""
    teams = Membership.objects.filter(user_id=user_id).values("team_id")
    return Profile.objects.filter(
        Q(user_id=user_id)
        | Q(user=None, team_id__in=teams)
        | Q(user=None, team_id=team_id or 0)
        | Q(user=None, team=None)
    )


def find_profile(caller: Caller, name: str) -> Profile:
    """The caller's own profile of that name before the team's before everyone's."""
    found = sorted(visible(caller.user_id, caller.team_id).filter(name=name), key=_nearness)
    if not found:
        raise RequestRefused(f"There is no profile {name!r}.")
    if caller.team_id and found[0].user_id is None:
        return next((each for each in found if each.team_id == caller.team_id), found[0])
    return found[0]


def _nearness(profile: Profile) -> tuple[bool, bool, int]:
    return profile.user_id is None, profile.team_id is None, profile.pk


def nearest(found: Iterable[Profile]) -> list[Profile]:
    """Each name once, as a task would find it."""
    by_name: dict[str, Profile] = {}
    for profile in sorted(found, key=_nearness):
        by_name.setdefault(profile.name, profile)
    return list(by_name.values())
