"""Every command a person can give the demo, through its public door."""

import asyncio

import pytest

from orchestrator.providers import errors
from orchestrator.providers.base import ProviderSpec, Timeouts
from orchestrator.providers.demo.adapter import HANG_S, DemoProvider
from orchestrator.providers.vocabulary import (
    Finished,
    Message,
    ModelRequest,
    ProviderEvent,
    TextDelta,
    TextPart,
)
from orchestrator.providers.wire.deadlines import guard


class Waits(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


class Stuck(Exception):
    """Stands for the person who gives up waiting."""


def request(text: str, model_id: str = "demo-3") -> ModelRequest:
    return ModelRequest(model_id, (Message("user", (TextPart(text),)),), 100_000)


async def collect(
    text: str, model_id: str = "demo-3", waits: Waits | None = None
) -> list[ProviderEvent]:
    sleep = Waits() if waits is None else waits
    provider = DemoProvider(ProviderSpec("demo", "demo"), sleep)
    return [event async for event in provider.stream(request(text, model_id))]


def text_of(events: list[ProviderEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("command", "expected", "status"),
    [
        ("/demo fail", errors.ServerFault, 500),
        ("/demo rate-limit", errors.RateLimited, 429),
        ("/demo overloaded", errors.Overloaded, 529),
        ("/demo auth", errors.AuthError, 401),
        ("  \n/DEMO  Fail and more words", errors.ServerFault, 500),
    ],
)
async def test_a_command_raises_its_error(
    command: str, expected: type[errors.ProviderError], status: int
) -> None:
    with pytest.raises(expected, match="nothing was charged") as caught:
        await collect(command)

    assert caught.value.status == status


async def test_a_rate_limit_says_when_to_come_back() -> None:
    with pytest.raises(errors.RateLimited) as caught:
        await collect("/demo rate-limit")

    assert caught.value.retry_after_s == 2.0


async def test_only_the_last_user_message_commands() -> None:
    messages = (
        Message("user", (TextPart("/demo fail"),)),
        Message("assistant", (TextPart("/demo fail"),)),
        Message("user", (TextPart("Hello"),)),
    )
    provider = DemoProvider(ProviderSpec("demo", "demo"), Waits())

    events = [event async for event in provider.stream(ModelRequest("demo-1", messages, 1000))]

    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize("text", ["Please /demo fail", "/demonstrate", "/demo-fail", "demo fail"])
async def test_other_words_are_no_command(text: str) -> None:
    events = await collect(text)

    assert isinstance(events[-1], Finished)
    assert "/demo long 500" not in text_of(events)


@pytest.mark.parametrize("text", ["/demo", "/demo dance", "/demo long", "/demo fail-below x"])
async def test_an_unclear_command_lists_them_all(text: str) -> None:
    answer = text_of(await collect(text))

    assert "`/demo long 500`" in answer
    assert "`/demo fail-below 3`" in answer


@pytest.mark.parametrize("below", range(7))
@pytest.mark.parametrize("level", range(1, 6))
async def test_fail_below_fails_the_lower_levels_only(below: int, level: int) -> None:
    text, model_id = f"/demo fail-below {below} Write a haiku.", f"demo-{level}"

    if level < below:
        with pytest.raises(errors.ServerFault, match=f"demo-{level} failed"):
            await collect(text, model_id)
    else:
        assert "“Write a haiku.”" in text_of(await collect(text, model_id))


async def test_slow_takes_ten_times_as_long() -> None:
    normal, slow = Waits(), Waits()

    await collect("Write a haiku.", waits=normal)
    await collect("/demo slow Write a haiku.", waits=slow)

    assert slow[0] == pytest.approx(10 * normal[0])
    assert sum(slow) == pytest.approx(10 * sum(normal), rel=0.2)


async def test_cut_ends_without_an_end() -> None:
    events = await collect("/demo cut")

    assert 0 < len(events) < 10
    assert not any(isinstance(event, Finished) for event in events)


async def test_the_deadlines_call_a_cut_answer_a_bad_stream() -> None:
    provider = DemoProvider(ProviderSpec("demo", "demo"), Waits())

    with pytest.raises(errors.BadStream):
        async for _ in guard(provider.stream(request("/demo cut")), Timeouts()):
            pass


async def test_hang_never_answers() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) > 5:
            raise Stuck

    provider = DemoProvider(ProviderSpec("demo", "demo"), sleep)

    with pytest.raises(Stuck):
        await provider.stream(request("/demo hang")).__anext__()

    assert waited[1:] == [HANG_S] * 5


async def test_a_hanging_answer_can_be_cancelled() -> None:
    provider = DemoProvider(ProviderSpec("demo", "demo", options={"speed": "0"}))
    waiting = asyncio.ensure_future(provider.stream(request("/demo hang")).__anext__())
    await asyncio.sleep(0)

    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize("words", [0, 1, 59, 60, 61, 1500])
async def test_long_answers_with_that_many_words(words: int) -> None:
    text = text_of(await collect(f"/demo long {words}"))

    opening, _, body = text.partition("\n\n")
    assert opening.startswith("This is a canned demo answer")
    assert len(body.split()) == words
