"""One item of a swarm: asked, checked, asked again, asked of a stronger gear, or given up."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from orchestrator.patterns import checks, judging, legs, places
from orchestrator.patterns.crew import Answer, Crew, Item
from orchestrator.patterns.escalation import MAX_ESCALATIONS, stronger_than
from orchestrator.patterns.legs import Keeping
from orchestrator.patterns.plans import Swarm
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Candidate

MAX_INTERRUPTIONS = 3
CRASH_LOOP = "The program ended three times while it worked on this item, so it is not tried again."


@dataclass(frozen=True, slots=True)
class Job:
    """What is the same for all items of a swarm."""

    plan: Swarm
    path: str
    request: ModelRequest
    candidates: Sequence[Candidate]
    check: checks.Check | None

    @property
    def is_judged(self) -> bool:
        return bool(self.plan.check.judge)


def job(plan: Swarm, path: str, request: ModelRequest, candidates: Sequence[Candidate]) -> Job:
    return Job(plan, path, request, candidates, checks.for_items(plan.check))


async def drive(crew: Crew, work: Job, item: Item) -> str:
    """What is wrong with the item, or nothing when it is done."""
    if item.interruptions >= MAX_INTERRUPTIONS:
        return CRASH_LOOP
    answer, candidates, problem = item.answer, work.candidates, ""
    for number in range(work.plan.retries + 1 + MAX_ESCALATIONS):
        if number > work.plan.retries:
            candidates = stronger_than(answer.gear if answer else "", candidates)
        if not candidates:
            break
        path = _path(crew, item, number)
        answer = (
            answer if answer and number == 0 else await _ask(crew, work, item, path, candidates)
        )
        problem = await _problem(crew, work, item, answer, f"{path}.judge")
        if not problem:
            if work.is_judged or item.answer is not None:
                await crew.accept(item.path)
            return ""
    return f"The answer of {answer.gear if answer else 'nobody'} did not pass: {problem}."


def _path(crew: Crew, item: Item, number: int) -> str:
    """Each try under a path of its own, also when the run was begun before."""
    if number == 0 and crew.attempt <= 1:
        return item.path
    return f"{item.path}.{crew.attempt}-{number}"


async def _ask(
    crew: Crew, work: Job, item: Item, path: str, candidates: Sequence[Candidate]
) -> Answer:
    answer = Answer()
    name = work.plan.each.name
    keeping = Keeping(item.path, name, work.check, is_judged=work.is_judged)
    request = asked(work, item)
    async with aclosing(legs.drive(crew, request, answer, path, candidates, keeping)) as events:
        async for _ in events:
            pass  # a swarm is told of in sums, not call by call
    return answer


def asked(work: Job, item: Item) -> ModelRequest:
    return places.asked(work.request, work.plan.each, ("item", item.given))


async def _problem(crew: Crew, work: Job, item: Item, answer: Answer, path: str) -> str:
    if work.check is not None:
        return work.check(answer.text)
    if not work.is_judged:
        return ""
    request = replace(asked(work, item), system=work.plan.check.judge)
    return await judging.problem(crew, request, answer.text, path, work.candidates)
