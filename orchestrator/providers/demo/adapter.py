"""The demo provider: canned answers without a key or a network, streamed like a real model's."""

import asyncio
import math
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.demo import answers, commands
from orchestrator.providers.demo.commands import Command, Name
from orchestrator.providers.errors import BadRequest, ModelNotFound
from orchestrator.providers.vocabulary import (
    DiscoveredModel,
    Finished,
    ModelRequest,
    ProviderEvent,
    TextDelta,
    ThinkingDelta,
)

MODEL = re.compile(r"demo-([1-5])", re.ASCII)
CAPABILITIES = frozenset({"tools", "vision", "pdf", "thinking", "json_schema"})
CONTEXT_WINDOW = 200_000
MAX_OUTPUT_TOKENS = 200_000
SLOW_FACTOR = 10
CUT_AFTER_EVENTS = 6
HANG_S = 3600.0
SLOWEST, FASTEST = 0.01, 1000.0

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Pace:
    first_token_s: float
    tokens_per_s: float

    def scaled(self, factor: float) -> "Pace":
        """Every wait `factor` times as long; 0 means none."""
        rate = self.tokens_per_s / factor if factor else math.inf
        return Pace(self.first_token_s * factor, rate)


PACES = {
    1: Pace(0.15, 200),
    2: Pace(0.25, 150),
    3: Pace(0.35, 110),
    4: Pace(0.45, 70),
    5: Pace(0.60, 40),
}


class DemoProvider:
    """`sleep` is its only way to wait."""

    def __init__(self, spec: ProviderSpec, sleep: Sleep = asyncio.sleep) -> None:
        self.spec = spec
        self._sleep = sleep

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ProviderEvent]:
        level = _level(request.model_id)
        command = commands.parse(answers.last_user_text(request))
        pace = self._pace(level, command)
        await self._sleep(pace.first_token_s)
        commands.fail_if_asked(command, level)
        while command.name is Name.HANG:
            await self._sleep(HANG_S)
        answer = answers.compose(request, command, level)
        for number, event in enumerate(answers.events(answer)):
            if command.name is Name.CUT and number >= CUT_AFTER_EVENTS:
                return
            await self._sleep(_event_tokens(event) / pace.tokens_per_s)
            yield event

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        return tuple(
            DiscoveredModel(
                f"demo-{level}",
                f"Demo {level} (canned answers)",
                CONTEXT_WINDOW,
                MAX_OUTPUT_TOKENS,
                CAPABILITIES,
            )
            for level in PACES
        )

    async def check(self) -> None:
        """There is no key and no address that could be wrong."""

    async def aclose(self) -> None:
        """Nothing is kept between calls."""

    def _pace(self, level: int, command: Command) -> Pace:
        factor = SLOW_FACTOR if command.name is Name.SLOW else 1
        speed = _speed(self.spec.options.get("speed", "1"))
        return PACES[level].scaled(factor / speed if speed else 0)


def _level(model_id: str) -> int:
    found = MODEL.fullmatch(model_id)
    if found is None:
        raise ModelNotFound("The demo has the models demo-1 to demo-5. Choose one of them.")
    return int(found[1])


def _speed(option: str) -> float:
    try:
        speed = float(option)
    except ValueError:
        speed = math.nan
    if speed and not SLOWEST <= speed <= FASTEST:
        raise BadRequest(
            "The demo's speed must be a number: 1 is normal, 2 twice as fast, 0 instant."
        )
    return speed


def _event_tokens(event: ProviderEvent) -> float:
    match event:
        case TextDelta() | ThinkingDelta():
            return len(event.text) / answers.CHARS_A_TOKEN
        case Finished():
            return 0
    return len(event.arguments) / answers.CHARS_A_TOKEN
