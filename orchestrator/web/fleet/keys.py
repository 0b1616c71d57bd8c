"""Provider keys: where each comes from, tried, replaced, forgotten. Never shown again."""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Provider
from orchestrator.services.setup import credentials, key_tests, vault
from orchestrator.services.setup.credentials import KeyRefused
from orchestrator.services.setup.vault import VaultDamaged
from orchestrator.web import welcome
from orchestrator.web.context import page_of
from orchestrator.web.fleet.access import editors_only, require_editor
from orchestrator.web.fleet.parts import Told


@require_safe
@editors_only
def keys_page(request: HttpRequest) -> HttpResponse:
    return render(request, "fleet/keys.html", document(request))


def document(request: HttpRequest, told: Told | None = None) -> dict[str, Any]:
    known = credentials.list_keys()
    there = [
        {"key": key, "places": _places(key), "problems": _problems(key)}
        for key in known
        if key.places or key.problem
    ]
    missing = [key for key in known if not (key.places or key.problem)]
    choices = welcome.key_choices(page_of(request).user, with_keys=False)
    return {"rows": there, "missing": missing, "told": told, **choices}


def _problems(key: credentials.Known) -> list[str]:
    """Why it does not go to a provider that asks for it."""
    if key.problem:
        return [key.problem]
    users = Provider.objects.filter(name__in=key.providers)
    return list(filter(None, (credentials.why_missing(provider) for provider in users)))


def _places(key: credentials.Known) -> list[dict[str, Any]]:
    return [
        {"place": place, "saved_at": parse_datetime(place.saved_at) if place.saved_at else None}
        for place in key.places
    ]


@require_POST
async def try_again(request: HttpRequest, name: str) -> HttpResponse:
    """The key that is in use, with the smallest call there is."""
    await sync_to_async(require_editor)(request)
    try:
        verdict = await key_tests.try_key(name)
    except KeyRefused as refused:
        raise Http404 from refused
    found = {"verdict": verdict, "told": Told(verdict.message, is_good=verdict.is_good)}
    return await sync_to_async(render)(request, "fleet/told.html", found)


@require_POST
@editors_only
def remove(request: HttpRequest, name: str) -> HttpResponse:
    if not credentials.remove_key(name):
        raise Http404
    return redirect("keys")


@require_POST
@editors_only
def seal_anew(request: HttpRequest) -> HttpResponse:
    """A new master key for all that is kept."""
    try:
        count = vault.rotate_key()
    except VaultDamaged as damaged:
        told = Told(str(damaged), is_good=False)
        return render(request, "fleet/keys.html", document(request, told), status=409)
    noun = "key was" if count == 1 else "keys were"
    told = Told(f"{count} {noun} sealed anew under a new master key.")
    return render(request, "fleet/keys.html", document(request, told))
