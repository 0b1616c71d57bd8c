"""Wishes that come together are written together, and each hears what became of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from orchestrator.services.driving.gathering import Gathering


class Book:
    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def write(self, wishes: Sequence[int]) -> list[object]:
        self.batches.append(list(wishes))
        return [ValueError(wish) if wish < 0 else wish * 10 for wish in wishes]


async def test_a_single_wish_is_written_at_once() -> None:
    book = Book()
    gathering = Gathering(book.write, pause_s=60)
    async with asyncio.timeout(10):
        assert [await gathering.ask(wish) for wish in (1, 2, 3)] == [10, 20, 30]
    assert book.batches == [[1], [2], [3]]


async def test_what_comes_together_shares_a_batch_and_what_comes_after_waits_for_company() -> None:
    book = Book()
    gathering = Gathering(book.write, pause_s=0.05)
    late: list[asyncio.Task[object]] = []

    async def ask_again(wish: int) -> None:
        await gathering.ask(wish)
        late.append(asyncio.create_task(gathering.ask(wish + 100)))

    async with asyncio.TaskGroup() as together:
        for wish in (1, 2, 3):
            together.create_task(ask_again(wish))
    assert sorted(await asyncio.gather(*late)) == [1010, 1020, 1030]
    assert book.batches == [[1, 2, 3], [101, 102, 103]]


async def test_what_is_wrong_with_one_is_told_to_that_one_only() -> None:
    gathering = Gathering(Book().write)
    answers = await asyncio.gather(
        *(gathering.ask(wish) for wish in (1, -2, 3)), return_exceptions=True
    )
    assert answers[0] == 10
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 30


async def test_a_batch_that_fails_is_written_one_by_one() -> None:
    written: list[int] = []

    def write(wishes: Sequence[int]) -> list[object]:
        if 2 in wishes:
            raise ArithmeticError("two")
        written.extend(wishes)
        return list(wishes)

    gathering = Gathering(write)
    answers = await asyncio.gather(
        *(gathering.ask(wish) for wish in (1, 2, 3)), return_exceptions=True
    )
    assert sorted(written) == [1, 3]
    assert isinstance(answers[1], ArithmeticError)
    with pytest.raises(ArithmeticError):
        await gathering.ask(2)
