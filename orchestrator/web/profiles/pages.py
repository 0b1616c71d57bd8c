"""The profiles of a person: listed, and one with its fields and what really counts."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orchestrator.models import DefaultProfile, Gear, Profile, Team, User
from orchestrator.patterns.registry import PATTERNS
from orchestrator.routing import effective
from orchestrator.routing.policies import PRESETS
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.profiles import documents, fields, library
from orchestrator.services.setup import policies
from orchestrator.web.access import caller_of
from orchestrator.web.context import page_of
from orchestrator.web.profiles import access


@require_safe
def profiles_page(request: HttpRequest) -> HttpResponse:
    return show_all(request)


@require_safe
def new_page(request: HttpRequest) -> HttpResponse:
    return show_form(request, {"values": fields.Fields()})


@require_safe
def profile_page(request: HttpRequest, pk: int) -> HttpResponse:
    return show_one(request, access.profile_or_404(request, pk))


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    profile = access.profile_or_404(request, pk)
    answer = HttpResponse(documents.export(profile), content_type="application/toml")
    answer["Content-Disposition"] = f'attachment; filename="{profile.name}.toml"'
    return answer


def show_all(
    request: HttpRequest, status: int = 200, given: Mapping[str, Any] | None = None
) -> HttpResponse:
    user = page_of(request).user
    own = policies.own_default(user.pk)
    rows = [_row(each, user) for each in library.visible_to(user)]
    document = {
        "rows": rows,
        "own_default": own,
        "settings": settings_of(request, ""),
        "teams": [_team(team, user) for team in _teams(user)],
        "shared": [row["profile"] for row in rows if row["profile"].user_id is None],
        **(given or {}),
    }
    return render(request, "profiles/list.html", document, status=status)


def _row(profile: Profile, user: User) -> dict[str, Any]:
    return {
        "profile": profile,
        "may_change": library.may_change(profile, user),
        "may_withdraw": profile.team_id is not None and library.may_withdraw(profile, user),
    }


def _teams(user: User) -> list[Team]:
    return [held.team for held in user.memberships.select_related("team").order_by("team__name")]


def _team(team: Team, user: User) -> dict[str, Any]:
    held = DefaultProfile.objects.filter(team=team).select_related("profile").first()
    return {
        "team": team,
        "default": held.profile if held else None,
        "may_manage": library.may_manage(user, team.pk),
    }


def show_one(
    request: HttpRequest,
    profile: Profile,
    status: int = 200,
    given: Mapping[str, Any] | None = None,
) -> HttpResponse:
    user = page_of(request).user
    document = {
        "profile": profile,
        "values": fields.of(profile),
        "may_change": library.may_change(profile, user),
        "settings": settings_of(request, profile.name),
        "teams": library.shareable_with(user) if profile.user_id == user.pk else [],
        "is_default": policies.own_default(user.pk) == profile,
        **(given or {}),
    }
    return show_form(request, document, status)


def show_form(request: HttpRequest, document: Mapping[str, Any], status: int = 200) -> HttpResponse:
    known = {
        "may_change": True,
        "presets": list(PRESETS),
        "gears": Gear.objects.filter(retired_at=None).order_by("level", "order", "name"),
        "patterns": list(PATTERNS),
    }
    return render(request, "profiles/one.html", known | dict(document), status=status)


def settings_of(request: HttpRequest, profile: str) -> list[dict[str, str]]:
    """What would count for a task with this profile, and where each of it comes from."""
    try:
        found = policies.driving(caller_of(page_of(request)), "", profile)
    except RequestRefused:
        return []
    return [
        {
            "label": effective.LABELS[each.field],
            "text": effective.text_of(each),
            "source": each.source,
            "name": each.name,
        }
        for each in found.settings
    ]
