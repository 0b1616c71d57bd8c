"""Profiles as entries: everyone's, a team's and a person's own, and whose default they are."""

from typing import Any

from django.db import transaction

from orchestrator.models import DefaultProfile, Profile, Team, User
from orchestrator.services.profiles import fields, library
from orchestrator.services.setup import policies
from orchestrator.services.setup.sections import asides
from orchestrator.services.setup.sections.fleet import texts
from orchestrator.services.setup.sections.rows import Column, RowSection, named

PEOPLE, TEAMS = "default_for_people", "default_for_teams"


def _people(profile: Any) -> list[str]:
    """A default that its person may not see any more binds nobody and is left out."""
    if profile.pk is None:
        return []
    rows = DefaultProfile.objects.filter(profile=profile).exclude(user=None)
    return sorted(each.user.username for each in rows if each.user and _sees(each.user, profile))


def _teams(profile: Any) -> list[str]:
    if profile.pk is None:
        return []
    rows = DefaultProfile.objects.filter(profile=profile).exclude(team=None)
    return sorted(rows.values_list("team__name", flat=True))


def _sees(user: User, profile: Profile) -> bool:
    return policies.visible(user.pk).filter(pk=profile.pk).exists()


def _read_giver(profile: Any) -> str:
    original = profile.shared_from
    return "" if original is None or original.user is None else str(original.user)


def _write_giver(profile: Any, value: Any) -> None:
    """A team's copy has the name of the profile that it was made of."""
    if not value:
        profile.shared_from = None
        return
    found = Profile.objects.filter(name=profile.name, user__username=value).first()
    if found is None:
        raise ValueError(f"{value!r} has no profile named {profile.name!r} that was shared")
    profile.shared_from = found


def check_profile(profile: Any) -> None:
    """The same that pages and commands ask of one."""
    for name in ("allowed_gears", "allowed_patterns", "default_tags"):
        texts(name, getattr(profile, name))
    fields.read({name: getattr(profile, name) for name in fields.NAMES})
    if profile.shared_from is not None and profile.team is None:
        raise ValueError("shared_from is for a team's copy of somebody's profile")


def _one(model: Any, key: str, name: str) -> Any:
    found = model.objects.filter(**{key: name}).first()
    if found is None:
        raise ValueError(f"there is no {model.__name__.lower()} named {name!r}")
    return found


def _save(profile: Any) -> None:
    with transaction.atomic():
        profile.save()
        if asides.is_given(profile, PEOPLE):
            _set_people(profile, asides.given(profile, PEOPLE))
        if asides.is_given(profile, TEAMS):
            _set_teams(profile, asides.given(profile, TEAMS))


def _set_people(profile: Profile, wanted: list[str]) -> None:
    rows = DefaultProfile.objects.filter(profile=profile).exclude(user=None)
    rows.exclude(user__username__in=wanted).delete()
    for name in wanted:
        user = _one(User, "username", name)
        if not _sees(user, profile):
            raise ValueError(f"{PEOPLE}: {name} cannot use this profile")
        library.set_own_default(user, profile)


def _set_teams(profile: Profile, wanted: list[str]) -> None:
    rows = DefaultProfile.objects.filter(profile=profile).exclude(team=None)
    rows.exclude(team__name__in=wanted).delete()
    for name in wanted:
        library.set_team_default(_one(Team, "name", name), profile)


PROFILES = RowSection(
    "profiles",
    Profile,
    (
        *("name", "user", "team", "title", "instructions", "policy", "allowed_gears"),
        *("allowed_patterns", "max_level", "min_throttle", "max_throttle"),
        *("default_tags", "budget_share", "shared_from", PEOPLE, TEAMS),
    ),
    columns={
        "user": named("user", User.objects.all, "username"),
        "team": named("team", Team.objects.all),
        "shared_from": Column(_read_giver, _write_giver),
        PEOPLE: asides.aside(PEOPLE, _people, asides.names(PEOPLE)),
        TEAMS: asides.aside(TEAMS, _teams, asides.names(TEAMS)),
    },
    # Somebody's own before a team's copy of it.
    keys=("team", "name", "user"),
    own=lambda rows: rows.select_related("user", "team", "shared_from__user"),
    check=check_profile,
    save=_save,
)
