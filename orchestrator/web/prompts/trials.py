"""Test drives as pages: asked for, priced, watched, kept as a baseline, driven again."""

from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orchestrator.models import Prompt, PromptTrial, PromptVersion
from orchestrator.services.prompts.trials import driving, grids, quotes
from orchestrator.services.prompts.trials.quotes import (
    MOST_GEARS,
    MOST_INPUTS,
    TrialRefused,
    Wanted,
)
from orchestrator.web.access import caller_of
from orchestrator.web.chat import wishes
from orchestrator.web.context import page_of
from orchestrator.web.prompts import trial_forms
from orchestrator.web.prompts.access import prompt_or_404

TRIALS_SHOWN = 50
PRICED = ("price", "run")
STALE = "This is not the price you saw: something was changed, or it has risen. Look at it again."


@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, pk: int) -> HttpResponse:
    prompt = prompt_or_404(request, pk)
    given = request.POST if request.method == "POST" else request.GET
    version = trial_forms.version_from(prompt, given.get("version", ""))
    if version is None:
        raise Http404
    baseline = trial_forms.baseline_from(request, prompt, given.get("baseline", ""))
    if request.method != "POST":
        return _page(
            request,
            prompt,
            trial_forms.opened(page_of(request), version, baseline),
            baseline=baseline,
        )
    wanted = trial_forms.sent(request.POST, version)
    if request.POST.get("do") not in PRICED:
        return _page(request, prompt, wanted, baseline=baseline)
    try:
        return _priced(request, prompt, wanted, baseline)
    except TrialRefused as refused:
        return _page(request, prompt, wanted, 422, baseline=baseline, problem=str(refused))


def _priced(
    request: HttpRequest, prompt: Prompt, wanted: Wanted, baseline: PromptTrial | None
) -> HttpResponse:
    """The price first; only what was seen and agreed to is started."""
    caller = caller_of(page_of(request))
    quote = quotes.price(caller, wanted)
    is_run = request.POST.get("do") == "run"
    if is_run and trial_forms.is_agreed(request.POST, quote):
        trial = driving.start(caller, quote, trial_forms.key_from(request.POST), baseline)
        return redirect("trial", trial.pk)
    problem, status = (STALE, 409) if is_run else ("", 200)
    return _page(request, prompt, wanted, status, baseline=baseline, quote=quote, problem=problem)


def _page(
    request: HttpRequest, prompt: Prompt, wanted: Wanted, status: int = 200, **more: Any
) -> HttpResponse:
    user = page_of(request).user
    kept = prompt.versions.filter(state=PromptVersion.State.KEPT)
    document = {
        "prompt": prompt,
        "wanted": wanted,
        "rows": trial_forms.rows(wanted),
        "versions": kept.only("number", "note", "prompt_id")[:TRIALS_SHOWN],
        "levels": wishes.offered(page_of(request)),
        "trials": driving.own(user).filter(prompt=prompt)[:TRIALS_SHOWN],
        "known_baseline": driving.baseline_of(prompt, user),
        "most_gears": MOST_GEARS,
        "may_add": len(wanted.inputs) < MOST_INPUTS,
        "key": uuid4(),
    }
    return render(request, "prompts/trial_setup.html", document | more, status=status)


def trial_or_404(request: HttpRequest, pk: int) -> PromptTrial:
    found = driving.own(page_of(request).user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page, or the grid alone for the page that watches it."""
    trial = trial_or_404(request, pk)
    document = {"trial": trial, "prompt": trial.prompt, "grid": grids.of(trial)}
    is_part = page_of(request).htmx
    return render(request, f"prompts/{'trial_grid' if is_part else 'trial'}.html", document)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    driving.stop(trial_or_404(request, pk))
    return redirect("trial", pk)


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    driving.keep_as_baseline(trial_or_404(request, pk))
    return redirect("trial", pk)
