"""Whose a prompt is: who sees it, who changes it, who may suggest a change."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from orchestrator.models import Membership, Prompt, PromptVersion, Team, User

MANAGERS = (Membership.Role.OWNER, Membership.Role.ADMIN)
# What a database can hold; a larger one would be an error there.
LARGEST_ID = 2**63 - 1
MINE, EVERYONE = "mine", "everyone"


@dataclass(frozen=True, slots=True)
class Owner:
    """Neither a person nor a team: everyone."""

    user: User | None = None
    team: Team | None = None

    def __str__(self) -> str:
        if self.team is not None:
            return str(self.team)
        return "Only you" if self.user is not None else "Everyone"


def visible_to(user: User) -> QuerySet[Prompt]:
    teams = user.memberships.values("team_id")
    is_seen = Q(user=user) | Q(team__in=teams) | Q(user=None, team=None)
    found = Prompt.objects.filter(is_seen, deleted_at=None)
    return found.select_related("live", "team").defer("sought")


def visible_version(user_id: int, pk: int | None) -> PromptVersion | None:
    """None for what is no version of a prompt that this person sees."""
    return visible_versions(user_id, [pk]).get(pk) if pk is not None else None


def visible_versions(user_id: int, pks: Iterable[int]) -> dict[int, PromptVersion]:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return {}
    possible = [pk for pk in pks if 0 < pk <= LARGEST_ID]
    kept = PromptVersion.objects.filter(state=PromptVersion.State.KEPT, pk__in=possible)
    found = kept.filter(prompt__in=visible_to(user)).select_related("prompt")
    return {version.pk: version for version in found}


def by_name(user: User, name: str) -> Prompt | None:
    """One's own before a team's, a team's before everyone's."""
    nearest = (F("user").asc(nulls_last=True), F("team").asc(nulls_last=True))
    return visible_to(user).filter(name=name).order_by(*nearest).first()


def owners_open_to(user: User) -> dict[str, Owner]:
    """Where a person may put a prompt, by the names that forms use."""
    teams = Team.objects.filter(memberships__in=_writing(user)).order_by("name")
    found = {MINE: Owner(user=user)}
    found |= {f"team-{team.pk}": Owner(team=team) for team in teams}
    return found | ({EVERYONE: Owner()} if user.is_staff else {})


def key_of(prompt: Prompt) -> str:
    if prompt.team_id is not None:
        return f"team-{prompt.team_id}"
    return EVERYONE if prompt.user_id is None else MINE


def may_change(prompt: Prompt, user: User) -> bool:
    """In a team: who manages it, and the member who wrote the prompt."""
    if prompt.user_id is not None:
        return prompt.user_id == user.pk
    if prompt.team_id is None:
        return user.is_staff
    if _writing(user).filter(team=prompt.team_id, role__in=MANAGERS).exists():
        return True
    wrote = prompt.versions.filter(number=1, author=user).exists()
    return wrote and _writing(user).filter(team=prompt.team_id).exists()


def may_suggest(prompt: Prompt, user: User) -> bool:
    if prompt.user_id is not None or may_change(prompt, user):
        return False
    return prompt.team_id is None or _writing(user).filter(team=prompt.team_id).exists()


def _writing(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user).exclude(role=Membership.Role.VIEWER)
