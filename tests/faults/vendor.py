"""A vendor on loopback that speaks OpenAI's format, counts every call, and behaves as told.

It runs in a thread of the test, which holds calls back and lets them go by event.
"""

import asyncio
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

ITEM = re.compile(r"<item>\n(.*?)\n</item>", re.DOTALL)
MODEL = "wire-1"
PATIENCE_S = 30
USAGE = {"prompt_tokens": 20, "completion_tokens": 10}
FLOOD = "x" * 16_384
LIST = "one more thing\n" * 50_001
# A long answer: thoughts and paragraphs in turn, so that no two of them become one event.
PIECES = 240
PARAGRAPH = "word " * 200
PIECE_S = 0.004


@dataclass
class Vendor:
    """What it was asked, by item; what it answered whole; what is open now."""

    delay_s: float = 0.0
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    open_calls: int = 0
    most_open: int = 0
    left_by_client: int = 0
    # Items that wait until they are told, whatever others do.
    held_back: set[str] = field(default_factory=set)
    # Of long answers: how many pieces each has sent, and may send.
    told: Counter[str] = field(default_factory=Counter)
    _may_tell: float = float("inf")
    _more: asyncio.Event = field(default_factory=asyncio.Event)
    _answers_left: float = float("inf")
    _moved: threading.Condition = field(default_factory=threading.Condition)
    _gate: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None

    def wait(self, is_so: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
        """Returns when it is so; looked at whenever a call comes, is answered or ends."""
        with self._moved:
            if not self._moved.wait_for(is_so, timeout_s):
                raise AssertionError(f"never came about: {what}; {self}")

    def wait_for_calls(self, count: int) -> None:
        self.wait(lambda: self.asked.total() >= count, f"{count} calls")

    def hold_back(self, item: str) -> None:
        self.held_back.add(item)

    def answer_only(self, count: int) -> None:
        """Answer so many calls, then keep all others waiting until `answer_all`."""
        with self._moved:
            self._answers_left = count

        self._in_loop(self._gate.clear)

    def answer_all(self) -> None:
        with self._moved:
            self._answers_left = float("inf")
        self._in_loop(self._gate.set)
        self.tell_only(float("inf"))

    def tell_only(self, pieces: float) -> None:
        """Long answers stop after so many pieces, until they may tell more."""

        def go_on() -> None:
            self._may_tell = pieces
            self._more.set()
            self._more = asyncio.Event()

        self._in_loop(go_on)

    def forget(self) -> None:
        """Begin a new test: nothing was asked yet."""
        self.delay_s, self.most_open, self.left_by_client = 0.0, 0, 0
        self.held_back.clear()
        self.answer_all()
        with self._moved:
            for count in (self.asked, self.answered, self.told):
                count.clear()

    def _in_loop(self, work: Callable[[], None]) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(work)

    @contextmanager
    def _open(self, item: str) -> Iterator[None]:
        with self._moved:
            self.asked[item] += 1
            self.open_calls += 1
            self.most_open = max(self.most_open, self.open_calls)
            self._moved.notify_all()
        try:
            yield
        finally:
            with self._moved:
                self.open_calls -= 1
                self._moved.notify_all()

    def _may_answer(self) -> bool:
        with self._moved:
            self._answers_left -= 1
            return self._answers_left >= 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        item = item_of(asked)
        with self._open(item):
            try:
                return await self._answer(request, item)
            except (ConnectionError, asyncio.CancelledError):
                with self._moved:
                    self.left_by_client += 1
                    self._moved.notify_all()
                raise

    async def _answer(self, request: web.Request, item: str) -> web.StreamResponse:
        if item.startswith("fail"):
            return web.json_response({"error": {"message": "it broke"}}, status=500)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if item in self.held_back:
            await asyncio.Event().wait()
        if not self._may_answer():
            await self._gate.wait()
        while item.startswith("flood"):
            await response.write(piece(FLOOD))
        if item.startswith("hang"):
            await response.write(piece("half an"))
            await asyncio.Event().wait()
        if item.startswith("tell"):
            await self._tell(response, item)
        text = LIST if item.startswith("explode") else f"done with {item}"
        await response.write(piece(text) + ENDING)
        with self._moved:
            self.answered[item] += 1
            self._moved.notify_all()
        return response

    async def _tell(self, response: web.StreamResponse, item: str) -> None:
        for number in range(PIECES):
            while number >= self._may_tell:
                await self._more.wait()
            await response.write(long_piece(number))
            with self._moved:
                self.told[item] += 1
                self._moved.notify_all()
            await asyncio.sleep(PIECE_S)


def long_piece(number: int) -> bytes:
    return piece(long_text(number)) if number % 2 else piece("I see.", "reasoning_content")


def long_text(number: int) -> str:
    return f"{number} {PARAGRAPH}\n\n"


def piece(text: str, kind: str = "content") -> bytes:
    return frame({"choices": [{"index": 0, "delta": {kind: text}}]})


def frame(document: Any) -> bytes:
    return f"data: {json.dumps(document)}\n\n".encode()


STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}
ENDING = frame(STOP) + b"data: [DONE]\n\n"


def item_of(asked: Any) -> str:
    """What the call is about: the item of a swarm, else the whole last message."""
    content = asked["messages"][-1]["content"]
    text = content if isinstance(content, str) else "\n".join(part["text"] for part in content)
    found = ITEM.search(text)
    return found[1] if found else text


async def models(request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": MODEL, "object": "model"}]})


@contextmanager
def served() -> Iterator[Vendor]:
    vendor, ready, over = Vendor(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        vendor._loop = asyncio.get_running_loop()
        vendor._gate.set()
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", vendor.answer)
        app.router.add_get("/v1/models", models)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        vendor.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        ready.set()
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="vendor")
    thread.start()
    ready.wait(PATIENCE_S)
    try:
        yield vendor
    finally:
        vendor._in_loop(over.set)
        thread.join(PATIENCE_S)
