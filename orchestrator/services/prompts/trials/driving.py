"""Test drives that are started, stopped, and kept as what later versions are compared with."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from orchestrator.models import Prompt, PromptTrial, PromptTrialCell, PromptVersion, Trip, User
from orchestrator.prompting import template
from orchestrator.services.driving import stops, trips
from orchestrator.services.people.identity import Caller
from orchestrator.services.prompts import access
from orchestrator.services.prompts.trials.quotes import Cell, Quote, TrialRefused, Wanted

MOST_PROBLEM_CHARS = 500


def own(user: User) -> QuerySet[PromptTrial]:
    """Of prompts that this person still sees."""
    mine = PromptTrial.objects.filter(user=user, prompt__in=access.visible_to(user))
    return mine.select_related("prompt__team", "version", "baseline__version")


def baseline_of(prompt: Prompt, user: User) -> PromptTrial | None:
    return own(user).filter(prompt=prompt, is_baseline=True).first()


def again(baseline: PromptTrial, version: PromptVersion) -> Wanted:
    """The same inputs on the same gears, with the places that another version has."""
    names = [field.name for field in template.parse(version.text).fields]
    inputs = tuple({name: each[name] for name in names if name in each} for each in baseline.inputs)
    return Wanted(version, inputs, tuple(baseline.gears))


def start(
    caller: Caller, quote: Quote, key: UUID, baseline: PromptTrial | None = None
) -> PromptTrial:
    """A trip for each cell that can be driven. The same key starts nothing twice."""
    known = PromptTrial.objects.filter(user_id=caller.user_id, key=key)
    if (started := known.first()) is not None:
        return started
    if not quote.drivable:
        raise TrialRefused("None of these gears can take it now; nothing was started.")
    wanted = quote.wanted
    trial = PromptTrial(
        prompt_id=wanted.version.prompt_id,
        version=wanted.version,
        user_id=caller.user_id,
        key=key,
        inputs=[_storable(each) for each in wanted.inputs],
        gears=list(wanted.gears),
        baseline=baseline,
    )
    try:
        with transaction.atomic():
            trial.save()
            cells = [_started(caller, trial, cell) for cell in quote.cells]
            PromptTrialCell.objects.bulk_create(cells)
    except IntegrityError:
        return known.get()
    return trial


def _storable(values: Mapping[str, str]) -> dict[str, str]:
    """A database keeps no NUL, and a call does not send it either."""
    return {name: value.replace("\x00", "") for name, value in values.items()}


def _started(caller: Caller, trial: PromptTrial, cell: Cell) -> PromptTrialCell:
    made = PromptTrialCell(
        trial=trial,
        row=cell.row,
        gear=cell.gear,
        expected_nano=cell.cost_nano,
        currency=cell.currency,
        problem=cell.problem[:MOST_PROBLEM_CHARS],
    )
    if not cell.problem:
        made.trip = trips.start(caller, replace(cell.request, prompt_version=trial.version_id))
    return made


def stop(trial: PromptTrial) -> int:
    """How many of its trips were asked to stop."""
    under_way = trial.cells.exclude(trip=None).exclude(trip__state__in=Trip.FINAL)
    return sum(stops.request(pk) for pk in under_way.values_list("trip_id", flat=True))


def keep_as_baseline(trial: PromptTrial) -> None:
    """One for each prompt and person; what was one before stays as a test drive."""
    with transaction.atomic():
        Prompt.objects.select_for_update().get(pk=trial.prompt_id)
        rivals = PromptTrial.objects.filter(prompt=trial.prompt_id, user=trial.user_id)
        rivals.filter(is_baseline=True).update(is_baseline=False)
        rivals.filter(pk=trial.pk).update(is_baseline=True)
    trial.is_baseline = True
