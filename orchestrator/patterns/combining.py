"""The answers to many items made one: put together, shown as a table, or reduced by a model."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from orchestrator.patterns import places
from orchestrator.patterns.crew import Answer, Crew, Result
from orchestrator.patterns.events import Event, Text
from orchestrator.patterns.places import Place, Stage
from orchestrator.patterns.plans import Combine, Swarm
from orchestrator.patterns.plans.outline import swarm_path

PAGE = 500
# What an answer shows of the results; all of them can be downloaded.
MAX_SHOWN_CHARS = 200_000
MAX_CELL_CHARS = 500
# What one call reduces at a time; more is reduced in groups first, and these again.
MAX_REDUCED_CHARS = 60_000
MAX_ROUNDS = 5


async def drive(crew: Crew, stage: Stage, plan: Swarm, answer: Answer) -> AsyncGenerator[Event]:
    path = swarm_path(stage.at)
    if plan.combine is Combine.REDUCE:
        async with aclosing(_reduced(crew, stage, plan, answer)) as events:
            async for event in events:
                yield event
        return
    is_table = plan.combine is Combine.TABLE
    lines = ["| # | item | result |", "|---|---|---|"] if is_table else []
    size = 0
    async with aclosing(_results(crew, path)) as results:
        async for result in results:
            line = _row(result) if is_table else result.text
            size += len(line)
            if size > MAX_SHOWN_CHARS:
                tally = await crew.tally(path)
                lines.append(_more(tally.done - len(lines) + 2 * is_table, is_table=is_table))
                break
            lines.append(line)
    answer.text = ("\n" if is_table else "\n\n").join(lines)
    if stage.is_last:
        yield Text(f"{stage.at}answer", answer.text)


def _more(count: int, *, is_table: bool) -> str:
    words = f"… and {count:,} more results: download them all."
    return f"| | {words} | |" if is_table else words


async def _results(crew: Crew, path: str) -> AsyncGenerator[Result]:
    after = 0
    while page := await crew.results(path, after, PAGE):
        for result in page:
            yield result
        after = page[-1].number


def _row(result: Result) -> str:
    return f"| {result.number} | {_cell(result.given)} | {_cell(result.text)} |"


def _cell(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|")
    return line if len(line) <= MAX_CELL_CHARS else f"{line[:MAX_CELL_CHARS]}…"


async def _reduced(crew: Crew, stage: Stage, plan: Swarm, answer: Answer) -> AsyncGenerator[Event]:
    """Groups that fit one call are reduced side after side, until all of it fits one."""
    groups = grouped([each.text async for each in _results(crew, swarm_path(stage.at))])
    level = 0
    while len(groups) > 1 and level < MAX_ROUNDS:
        texts = []
        for number, group in enumerate(groups, start=1):
            produced = Answer()
            place = _place(stage, plan, f"reduce.{level}.{number}", group)
            async with aclosing(places.drive(crew, place, produced)) as events:
                async for event in events:
                    yield event
            texts.append(produced.text)
        groups, level = grouped(texts), level + 1
    place = _place(stage, plan, "reduce", groups[0], is_last=stage.is_last)
    async with aclosing(places.drive(crew, place, answer)) as events:
        async for event in events:
            yield event


def _place(
    stage: Stage, plan: Swarm, name: str, texts: list[str], *, is_last: bool = False
) -> Place:
    results = "\n\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
    request = places.asked(stage.request, plan.reduce, ("results", results))
    return Place(f"{stage.at}{name}", plan.reduce, request, is_last)


def grouped(texts: list[str]) -> list[list[str]]:
    """Neighbours together, as many as one call takes; a longer text is cut to that."""
    groups: list[list[str]] = [[]]
    size = 0
    for text in texts:
        piece = text[:MAX_REDUCED_CHARS]
        if groups[-1] and size + len(piece) > MAX_REDUCED_CHARS:
            groups.append([])
            size = 0
        groups[-1].append(piece)
        size += len(piece)
    return groups
