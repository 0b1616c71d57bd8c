"""The swarm: one instruction over many items, a few at a time, told of in sums."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from orchestrator.patterns import checks, combining, items
from orchestrator.patterns.crew import PAUSING, Answer, Crew, Item, Tally
from orchestrator.patterns.events import Event, ItemState, SwarmMoved
from orchestrator.patterns.legs import LegFailed, Stopped
from orchestrator.patterns.places import Stage
from orchestrator.patterns.plans import InvalidPlan, Split, Swarm, check_items
from orchestrator.patterns.plans.outline import swarm_path

PAGE = 200
TELL_S = 0.5
ITEM_S = 120.0
# Up to here a page shows each item as a cell; above, sums and what has failed.
MOST_CELLS = 400
FAILURES_TOLD = 50


async def drive(crew: Crew, stage: Stage, answer: Answer) -> AsyncGenerator[Event]:
    plan = stage.plan if isinstance(stage.plan, Swarm) else Swarm()
    path = swarm_path(stage.at)
    await crew.lay_out(path, plan.each.name, plan.items or _found(stage, plan))
    tally = await crew.tally(path)
    if not tally.total:
        raise LegFailed(
            "no_items", "There are no items to work on.", "Add items.", is_partial=False
        )
    board = _Board(path, tally)
    yield board.moved(crew)
    async with aclosing(_drive_items(crew, stage, plan, board)) as events:
        async for event in events:
            yield event
    if not board.done:
        raise LegFailed(
            "swarm_failed",
            f"None of the {board.total:,} items could be done. {board.last_error}".strip(),
            is_partial=False,
        )
    async with aclosing(combining.drive(crew, stage, plan, answer)) as events:
        async for event in events:
            yield event


def _found(stage: Stage, plan: Swarm) -> tuple[str, ...]:
    """The items in what the phase before has written; a run by itself was handed them."""
    text = "\n".join(text for _, text in stage.before)
    found = tuple(split(text, plan.split))
    try:
        check_items(found)
    except InvalidPlan as error:
        raise LegFailed("too_many_items", str(error), is_partial=False) from error
    return found


def split(text: str, how: Split) -> list[str]:
    """Items of a text, without what is empty. A JSON list that is none gives its lines."""
    if how is Split.JSON:
        try:
            document = json.loads(checks.unfenced(text))
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, list):
            texts = [each if isinstance(each, str) else json.dumps(each) for each in document]
            return [each for each in texts if each.strip()]
    pieces = text.split("\n\n") if how is Split.PARAGRAPHS else text.splitlines()
    return [stripped for piece in pieces if (stripped := piece.strip())]


async def _drive_items(
    crew: Crew, stage: Stage, plan: Swarm, board: "_Board"
) -> AsyncGenerator[Event]:
    if board.done + board.failed == board.total:
        return
    candidates = await crew.candidates_for(plan.each, stage.request)
    work = items.job(plan, board.path, stage.request, candidates)
    crew.allow(plan.parallel)
    # What a driver died of is begun alone, so that it takes no neighbour along once more.
    suspects = _Feed(crew, board.path, list(await crew.suspects(board.path)), is_all=True)
    # While one is written down the next is already under way: twice as many keep all places busy.
    workers = 2 * plan.parallel
    for feed, count in ((suspects, 1), (_Feed(crew, board.path), workers)):
        async with aclosing(_side_by_side(crew, work, feed, board, count)) as events:
            async for event in events:
                yield event


async def _side_by_side(
    crew: Crew, work: items.Job, feed: "_Feed", board: "_Board", count: int
) -> AsyncGenerator[Event]:
    workers = [asyncio.create_task(_worker(crew, work, feed, board)) for _ in range(count)]
    everybody = asyncio.gather(*workers)
    try:
        while not everybody.done():
            await asyncio.wait({everybody}, timeout=TELL_S)
            if board.has_moved:
                yield board.moved(crew)
        await everybody
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, everybody, return_exceptions=True)
    if crew.stop.is_set() or crew.is_pausing():
        raise Stopped
    if feed.held_up is not None:
        raise feed.held_up


async def _worker(crew: Crew, work: items.Job, feed: "_Feed", board: "_Board") -> None:
    while (item := await feed.take()) is not None:
        board.begin(item)
        try:
            async with asyncio.timeout(ITEM_S):
                problem = await items.drive(crew, work, item)
        except TimeoutError:
            problem = f"It took longer than {ITEM_S:.0f} seconds."
        except LegFailed as failure:
            if failure.code in PAUSING:
                feed.held_up = failure
                board.put_back(item)
                return
            problem = failure.message
        except Stopped:
            board.put_back(item)
            return
        if problem:
            await crew.give_up(item.path, problem)
        board.end(item, problem)


@dataclass(slots=True)
class _Feed:
    """Hands out open items in order, a page at a time, until something holds the swarm up."""

    crew: Crew
    path: str
    waiting: list[Item] = field(default_factory=list)
    is_all: bool = False
    held_up: LegFailed | None = None
    _after: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self) -> Item | None:
        async with self._lock:
            if self.held_up or self.crew.stop.is_set() or self.crew.is_pausing():
                return None
            if not self.waiting and not self.is_all:
                await self._read_on()
            return self.waiting.pop(0) if self.waiting else None

    async def _read_on(self) -> None:
        page = await self.crew.open_items(self.path, self._after, PAGE)
        self.waiting = list(page)
        self.is_all = len(page) < PAGE
        if page:
            self._after = page[-1].number


@dataclass(slots=True)
class _Board:
    """What is known of the swarm, and which of it was not told yet."""

    path: str
    tally: Tally
    last_error: str = ""
    has_moved: bool = True
    _done: int = 0
    _failed: int = 0
    _cells: dict[int, ItemState] = field(default_factory=dict)
    _failures: list[tuple[int, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.tally.total

    @property
    def done(self) -> int:
        return self.tally.done + self._done

    @property
    def failed(self) -> int:
        return self.tally.failed + self._failed

    def begin(self, item: Item) -> None:
        self._mark(item, "driving")

    def put_back(self, item: Item) -> None:
        self._mark(item, "waiting")

    def end(self, item: Item, problem: str) -> None:
        if problem:
            self._failed += 1
            self.last_error = problem
            self._failures.append((item.number, problem))
        else:
            self._done += 1
        self._mark(item, "failed" if problem else "done")

    def _mark(self, item: Item, state: ItemState) -> None:
        self.has_moved = True
        if self.total <= MOST_CELLS:
            self._cells[item.number] = state

    def moved(self, crew: Crew) -> SwarmMoved:
        """What changed since it was last asked."""
        cells: Sequence[tuple[int, ItemState]] = tuple(self._cells.items())
        failures = tuple(self._failures[:FAILURES_TOLD])
        self._cells, self._failures, self.has_moved = {}, [], False
        spent_nano, held_nano = crew.money()
        return SwarmMoved(
            path=self.path,
            total=self.total,
            done=self.done,
            failed=self.failed,
            cells=cells,
            failures=failures,
            spent_nano=spent_nano,
            held_nano=held_nano,
        )
