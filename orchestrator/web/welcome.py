"""The first minute: try the demo, use a local model that was found, or add a key."""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from orchestrator.models import Provider, User
from orchestrator.services.chat import conversations
from orchestrator.services.database import in_thread
from orchestrator.services.setup import credentials, discovery, fleet, key_tests
from orchestrator.services.setup.credentials import KeyRefused
from orchestrator.web.context import page_of

# One for each kind of task, so that the first four answers show four different choices.
SAMPLES = (
    "What is a mortgage?",
    "Write a polite reply that moves a meeting to Thursday",
    "Find the bug: def mean(xs): return sum(xs) / len(xs) - 1",
    "Compare PostgreSQL and SQLite for a team of ten, with a recommendation",
)


def document(user: User) -> dict[str, Any]:
    """What a new chat offers; the cards only as long as no real model is set up."""
    is_demo_only = not fleet.usable_real_gear_exists()
    return {
        "samples": SAMPLES,
        "is_demo_only": is_demo_only,
        "is_first": is_demo_only and not conversations.own(user.pk).exists(),
        "local_models": _local_models() if is_demo_only else [],
        **key_choices(user, with_keys=False),
    }


def key_choices(user: User, *, with_keys: bool = True) -> dict[str, Any]:
    """The form for a key, and what is told of those that are there."""
    may_set_up = user.is_owner or user.is_staff
    return {
        "may_set_up": may_set_up,
        "key_names": [preset.name for preset in credentials.presets().values()],
        "keys": credentials.list_keys() if with_keys and may_set_up else [],
    }


def _local_models() -> list[Provider]:
    return list(Provider.objects.filter(is_local=True, reach=Provider.Reach.OK))


@require_POST
async def look_for_local(request: HttpRequest) -> HttpResponse:
    """Ask the usual local addresses whether a model server answers there now."""
    if not await sync_to_async(_may_set_up)(request):
        return await _said(request, "Only an administrator can set up providers.", is_good=False)
    found = await discovery.probe_local()
    usable = await in_thread(fleet.usable_real_gear_exists)
    if not found:
        text = "No local model server answers. Start Ollama (ollama serve) and look again."
        return await _said(request, text, is_good=False)
    text = f"Found: {', '.join(found)}."
    hint = "" if usable else " It has no model yet. Get one: ollama pull qwen3"
    return await _said(request, text + hint, is_good=usable)


@require_POST
async def add_key(request: HttpRequest) -> HttpResponse:
    """Test a pasted key with the smallest call there is; only one that works is kept."""
    if not await sync_to_async(_may_set_up)(request):
        return await _said(request, "Only an administrator can set up keys.", is_good=False)
    try:
        secret = credentials.clean(request.POST.get("key", ""))
        chosen = request.POST.get("name", "")
        names = (chosen,) if chosen else credentials.owners(secret)
        if not names:
            text = "It is not clear whose key this is. Choose the provider beside it."
            return await _said(request, text, is_good=False)
        if len(names) > 1 and not request.POST.get("try_each"):
            return await _asked_whose(request, names)
        name, verdict = await key_tests.try_each(names, secret)
        if verdict.is_good:
            await in_thread(credentials.set_key, name, secret)
    except KeyRefused as refused:
        return await _said(request, str(refused), is_good=False)
    text = f"{name} works and is kept." if verdict.is_good else verdict.message
    return await _said(request, text, is_good=verdict.is_good, details=verdict.details)


async def _asked_whose(request: HttpRequest, names: tuple[str, ...]) -> HttpResponse:
    """Keys of several vendors look alike, and a key is shown to a stranger by consent only."""
    places = await in_thread(credentials.destinations, names)
    text = f"Keys of several providers look like this: {', '.join(names)}. Choose whose it is."
    return await _said(request, text, is_good=False, places=places)


def _may_set_up(request: HttpRequest) -> bool:
    user = page_of(request).user
    return user.is_owner or user.is_staff


async def _said(
    request: HttpRequest,
    text: str,
    *,
    is_good: bool,
    details: str = "",
    places: tuple[str, ...] = (),
) -> HttpResponse:
    answer = {"text": text, "is_good": is_good, "details": details, "places": places}
    is_fragment = bool(page_of(request).htmx)
    if not is_fragment:
        answer["places"] = ()  # trying at each takes the form around the answer
    template = "setup_answer.html" if is_fragment else "setup_page.html"
    return await sync_to_async(render)(request, template, answer)
