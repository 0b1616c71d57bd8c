"""Places at a provider, shared by processes: here two gates of one loop stand for two of them."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from orchestrator.models import Provider
from orchestrator.services.database import in_thread
from orchestrator.services.driving.gates import RENEW_S, Gate

pytestmark = pytest.mark.django_db(transaction=True)
PLACES = 20


@pytest.fixture
async def gates() -> AsyncGenerator[tuple[Gate, Gate]]:
    await in_thread(Provider.objects.create, name="shared", kind="demo", max_concurrency=PLACES)
    both = Gate("shared"), Gate("shared")
    yield both
    for gate in both:
        await gate.stop()


async def enter(gate: Gate, count: int) -> None:
    async with asyncio.TaskGroup() as together:
        for _ in range(count):
            together.create_task(gate.enter(is_run=True))


async def test_a_tenth_of_the_places_is_left_to_questions(gates: tuple[Gate, Gate]) -> None:
    gate, _ = gates
    for_runs = PLACES - PLACES // 10
    await enter(gate, for_runs)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await gate.enter(is_run=True)
    await gate.enter(is_run=False)
    assert gate.in_use == for_runs + 1


async def test_what_a_process_needs_no_more_is_another_ones_before_the_next_renewal(
    gates: tuple[Gate, Gate],
) -> None:
    first, second = gates
    count = PLACES * 3 // 4
    await enter(first, count)
    for _ in range(count):
        first.leave(is_run=True)
    async with asyncio.timeout(RENEW_S - 1):
        await enter(second, count)
    assert first.granted < PLACES // 2
