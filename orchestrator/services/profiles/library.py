"""Profiles that are kept: one's own, copies that a team reads, and everyone's."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from orchestrator.models import DefaultProfile, Membership, Profile, Team, User
from orchestrator.models.fleet import NAME
from orchestrator.services.profiles import fields
from orchestrator.services.profiles.fields import Fields, ProfileRefused
from orchestrator.services.setup import policies

Role = Membership.Role
MOST_OWN = 200
RESERVED = (policies.NONE,)


class Edited(RuntimeError):
    """It is not any more what the person saw who changes it."""


def visible_to(user: User) -> list[Profile]:
    """One's own, then the teams', then everyone's."""
    found = policies.visible(user.pk).select_related("user", "team", "shared_from")
    return sorted(found, key=lambda each: (each.user_id is None, each.team_id is None, each.name))


def may_change(profile: Profile, user: User) -> bool:
    """A team's copy is changed by sharing its original again."""
    if profile.user_id is not None:
        return profile.user_id == user.pk
    return profile.team_id is None and user.is_staff


def may_withdraw(profile: Profile, user: User) -> bool:
    """A team's copy goes with whoever shared it, and with the team's managers."""
    if profile.team_id is None:
        return may_change(profile, user)
    is_giver = profile.shared_from is not None and profile.shared_from.user_id == user.pk
    return is_giver or may_manage(user, profile.team_id)


def may_manage(user: User, team_id: int) -> bool:
    managers = (Role.OWNER, Role.ADMIN)
    if user.is_owner or user.is_superuser:
        return True
    return user.memberships.filter(team_id=team_id, role__in=managers).exists()


def shareable_with(user: User) -> list[Team]:
    """Teams of which one is more than a viewer."""
    held = user.memberships.exclude(role=Role.VIEWER).select_related("team")
    return [each.team for each in held.order_by("team__name")]


def create(user: User, name: str, given: Fields) -> Profile:
    name = checked_name(name)
    if Profile.objects.filter(user=user).count() >= MOST_OWN:
        raise ProfileRefused(f"{MOST_OWN} profiles are the most. Delete one first.")
    profile = Profile(name=name, user=user)
    given.put(profile)
    try:
        with transaction.atomic():
            profile.save(force_insert=True)
    except IntegrityError:
        raise ProfileRefused(f"You have a profile named {name!r} already.") from None
    return profile


def checked_name(text: str) -> str:
    name = slugify(text.replace("\x00", ""))[:63].strip("-_")
    try:
        NAME(name)
    except ValidationError:
        raise ProfileRefused("A profile needs a name with a letter or digit.") from None
    if name in RESERVED:
        raise ProfileRefused(f"{name!r} means that there is no profile. Choose another name.")
    return name


def edit(profile: Profile, given: Fields, seen: int) -> Profile:
    """Change what somebody saw at revision `seen`; raises `Edited` if it has moved since."""
    with transaction.atomic():
        same = Profile.objects.filter(pk=profile.pk, revision=seen)
        if not same.update(revision=F("revision") + 1, updated_at=timezone.now()):
            raise Edited("Somebody else changed this profile meanwhile; nothing was changed.")
        given.put(profile)
        profile.save(update_fields=[*fields.NAMES, "updated_at"])
        profile.refresh_from_db()
    return profile


def copy_to(user: User, profile: Profile) -> Profile:
    """One's own copy, under the first name that is free."""
    taken = set(Profile.objects.filter(user=user).values_list("name", flat=True))
    names = [profile.name, *(f"{profile.name[:58]}-{number}" for number in range(2, MOST_OWN + 2))]
    free = next((name for name in names if name not in taken), names[-1])
    return create(user, free, fields.of(profile))


def share(user: User, profile: Profile, team: Team) -> Profile:
    """A copy that the team reads; sharing again brings it up to date."""
    if profile.user_id != user.pk or team not in shareable_with(user):
        raise ProfileRefused("Share a profile of your own, with a team of which you are a member.")
    with transaction.atomic():
        same = Profile.objects.filter(team=team, user=None, name=profile.name)
        copy = same.select_for_update().first()
        if copy is not None and copy.shared_from_id != profile.pk:
            raise ProfileRefused(f"{team} has another profile named {profile.name!r}.")
        copy = copy or Profile(team=team, name=profile.name, shared_from=profile)
        fields.of(profile).put(copy)
        copy.revision += 1
        copy.save()
    return copy


def delete(profile: Profile) -> None:
    """Copies that were shared stay with their teams; whoever had it as default has none."""
    profile.delete()


def set_own_default(user: User, profile: Profile | None) -> None:
    if profile is None:
        DefaultProfile.objects.filter(user=user).delete()
    else:
        DefaultProfile.objects.update_or_create(user=user, defaults={"profile": profile})


def set_team_default(team: Team, profile: Profile | None) -> None:
    """Only what every member may read: a team's copy or one of everyone's."""
    if profile is None:
        DefaultProfile.objects.filter(team=team).delete()
        return
    if profile.user_id is not None or profile.team_id not in (None, team.pk):
        raise ProfileRefused("Share the profile with the team first.")
    DefaultProfile.objects.update_or_create(team=team, defaults={"profile": profile})
