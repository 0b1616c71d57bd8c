"""What a provider serves, and one click to make a gear of it."""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from orchestrator.models import Provider
from orchestrator.providers.errors import ProviderError
from orchestrator.services.drafts import entries
from orchestrator.services.setup import catalogue, discovery
from orchestrator.services.setup.discovery import Suggestion
from orchestrator.web.fleet import parts
from orchestrator.web.fleet.access import require_editor

MOST = 500


@require_http_methods(["GET", "HEAD", "POST"])
async def discover(request: HttpRequest) -> HttpResponse:
    await sync_to_async(require_editor)(request)
    name = request.POST.get("provider", "")
    document: dict[str, Any] = await sync_to_async(_document)(name)
    if request.method == "POST" and document["provider"] is not None:
        try:
            found = await discovery.discover(name)
            document["models"] = await sync_to_async(_rows)(document["provider"], found[:MOST])
            document["found"] = len(found)
        except ProviderError as error:
            document["problem"] = error.message
    is_fragment = request.headers.get("HX-Request") == "true"
    page = "fleet/models.html" if is_fragment else "fleet/discover.html"
    return await sync_to_async(render)(request, page, document)


def _document(name: str) -> dict[str, Any]:
    providers = list(Provider.objects.filter(is_enabled=True))
    chosen = next((provider for provider in providers if provider.name == name), None)
    return {"providers": providers, "provider": chosen, **parts.frame("gears")}


def _rows(provider: Provider, found: list[Suggestion]) -> list[dict[str, Any]]:
    gears = entries.drafted("gears").values()
    used = {g["model_id"]: g["name"] for g in gears if g["provider"] == provider.name}
    return [
        {
            "suggestion": each,
            "gear": used.get(each.model.model_id, ""),
            "facts": catalogue.facts(provider, each.model.model_id),
            "can": ", ".join(sorted(each.model.capabilities)),
        }
        for each in found
    ]
