"""The chat in numbers: pages, the way from a question to its first word, many streams at once.

`python -m benchmarks.chat`. A real server process, real sockets, a provider of our own that
stamps what it sends.
"""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.process.served import ServedHome
from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
STREAMS, PER_SOCKET, PER_S, SECONDS = 100, 10, 10, 10
FIRST_WORDS = 30
STAMP = re.compile(r"\d{10}\.\d{6}")
FLEET = """
[[providers]]
name = "pacer"
kind = "openai"
base_url = "http://127.0.0.1:{port}/v1"
"""
GEAR = """
[[gears]]
name = "{name}"
provider = "pacer"
model_id = "{name}"
level = 3
price_source = "manual"

[gears.prices]
version = "manual 2026-11-20"
above = []

[gears.prices.base]
input = 1_000
output = 1_000
cached_input = 1_000
cache_write = 1_000
"""
MODELS = ("pace-1000-1", f"pace-{PER_S}-{PER_S * SECONDS}", "pace-2000-20000")


def main() -> None:
    pages()
    own_script()
    with tempfile.TemporaryDirectory(prefix="clutch-benchmark-") as folder:
        home = ServedHome(Path(folder))
        with provider() as port:
            text = FLEET.format(port=port) + "".join(GEAR.format(name=name) for name in MODELS)
            (home.folder / "fleet.toml").write_text(text)
            home.clutch("config", "import", "fleet.toml", "--yes", check=True)
            home.start()
            try:
                asyncio.run(_live(home))
            finally:
                home.stop()


@contextmanager
def provider() -> Iterator[int]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "benchmarks.provider", str(port)], cwd=ROOT) as it:
        try:
            yield port
        finally:
            it.terminate()


# ---- pages, in a process with Django set up


def pages() -> None:
    with tempfile.TemporaryDirectory(prefix="clutch-benchmark-") as home:
        environment = {
            **os.environ,
            "CLUTCH_HOME": home,
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "clutchweb.settings",
        }
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(migrate, env=environment, cwd=ROOT, check=True)
        work = [sys.executable, "-m", "benchmarks.chat", "pages"]
        subprocess.run(work, env=environment, cwd=ROOT, check=True)


def time_pages() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    from orchestrator.models import Conversation, User
    from orchestrator.services.upkeep import startup
    from orchestrator.web.chat import thread

    startup.prepare()
    user = User.objects.get(is_owner=True)
    client = Client()
    client.force_login(user)
    chats = {count: _chat(user, count) for count in (30, 200, 5_000)}
    many = 10_000
    Conversation.objects.bulk_create(
        Conversation(user=user, title=f"chat {number}") for number in range(many)
    )
    print(f"chat of 5,000 messages: {_page_ms(client, chats[5_000]):.0f} ms (goal 300)")
    thread.PAGE = 200
    print(f"chat page with 200 messages shown: {_page_ms(client, chats[200]):.0f} ms (goal 60)")
    thread.PAGE = 30
    print(f"chat page with 30 messages shown: {_page_ms(client, chats[30]):.0f} ms")
    size = len(client.get(f"/chat/{chats[30]}/").content)
    print(f"chat page: {size / 1e3:.0f} kB of HTML (goal 100)")
    list_ms = _median_ms(lambda: client.get("/chat/list/"))
    print(f"list of chats, {many:,} of them: {list_ms:.0f} ms")


def _chat(user: object, count: int) -> object:
    """Answers of some length with code, as they are once they were looked at."""
    from orchestrator.models import Conversation, Message

    chat = Conversation.objects.create(user=user, title=f"{count} messages")
    text = "A **paragraph** of an answer.\n\n```python\nprint('hello')\n```\n"
    made: list[Message] = []
    for number in range(count):
        role = "assistant" if number % 2 else "user"
        parent = made[-1] if made else None
        made.append(Message(conversation=chat, parent=parent, role=role, text=text))
    Message.objects.bulk_create(made)
    chat.head = made[-1]
    chat.save()
    return chat.pk


def _page_ms(client: object, chat: object) -> float:
    return _median_ms(lambda: client.get(f"/chat/{chat}/"))  # type: ignore[attr-defined]


def _median_ms(ask: object) -> float:
    spent = []
    for _ in range(8):
        began = time.perf_counter()
        ask()  # type: ignore[operator]
        spent.append(time.perf_counter() - began)
    return statistics.median(spent[1:]) * 1e3  # the first one renders the Markdown


def own_script() -> None:
    size = sum(path.stat().st_size for path in (ROOT / "static" / "js").glob("*.js"))
    print(f"own JavaScript: {size / 1e3:.1f} kB (goal 40)")


# ---- live, against a server process


class Reader:
    """A signed-in browser without a screen."""

    def __init__(self, home: ServedHome) -> None:
        self.home = home
        self.http = httpx.AsyncClient(base_url=home.url, trust_env=False, follow_redirects=True)
        self.token = ""

    async def sign_in(self) -> None:
        await self.http.get(self.home.link)
        page = (await self.http.get("/chat/")).text
        self.token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    async def ask(self, gear: str) -> str:
        asked = {
            "text": "Count the time",
            "gear": gear,
            "chat": str(uuid4()),
            "csrfmiddlewaretoken": self.token,
        }
        answer = await self.http.post("/chat/send/", data=asked, headers={"Origin": self.home.url})
        return answer.json()["added"].split('data-trip="')[1].split('"')[0]

    def socket(self, **options: object) -> connect:
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        address = self.home.url.replace("http", "ws") + "/ws/live/"
        return connect(
            address,
            origin=self.home.url,
            additional_headers={"Cookie": cookies},
            compression=None,
            proxy=None,
            **options,
        )


async def follow(socket: ClientConnection, trip: str) -> None:
    await socket.send(json.dumps({"type": "follow", "trip": trip, "after": 0}))


async def _live(home: ServedHome) -> None:
    reader = Reader(home)
    await reader.sign_in()
    await first_words(reader)
    await many_streams(reader)
    await idle_reader(reader)
    await reader.http.aclose()


async def first_words(reader: Reader) -> None:
    """The provider answers at once, so all of the time is ours."""
    spent = []
    async with reader.socket() as socket:
        for _ in range(FIRST_WORDS):
            began = time.time()
            await follow(socket, await reader.ask(MODELS[0]))
            while True:
                frame = json.loads(await socket.recv())
                if frame["kind"] == "text":
                    spent.append(time.time() - began)
                if frame["kind"] == "over":
                    break
    print(f"question to first word: median {statistics.median(spent) * 1e3:.0f} ms (goal 30)")


async def many_streams(reader: Reader) -> None:
    before = memory_mb(reader.home)
    trips = await asyncio.gather(*(reader.ask(MODELS[1]) for _ in range(STREAMS)))
    groups = [trips[at : at + PER_SOCKET] for at in range(0, STREAMS, PER_SOCKET)]
    found = await asyncio.gather(*(_listen(reader, group) for group in groups))
    late = sorted(each for lateness, _ in found for each in lateness)
    pieces = sum(count for _, count in found)
    print(
        f"{STREAMS} streams of {PER_S} pieces a second: p50 {late[len(late) // 2] * 1e3:.0f} ms, "
        f"p95 {late[len(late) * 95 // 100] * 1e3:.0f} ms (goal 150), "
        f"{pieces:,} of {STREAMS * PER_S * SECONDS:,} pieces, "
        f"{memory_mb(reader.home):.0f} MB (goal 450, {before:.0f} before)"
    )


async def _listen(reader: Reader, trips: list[str]) -> tuple[list[float], int]:
    late: list[float] = []
    running = set(trips)
    async with reader.socket() as socket:
        for trip in trips:
            await follow(socket, trip)
        while running:
            frame = json.loads(await socket.recv())
            now = time.time()
            text = frame.get("add") or frame.get("tail") or ""
            late += [now - float(stamp) for stamp in STAMP.findall(text)]
            if frame["kind"] == "over":
                running.discard(frame["trip"])
            elif frame.get("seq", 1) % 32 == 0:
                ack = {"type": "ack", "trip": frame["trip"], "seq": frame["seq"]}
                await socket.send(json.dumps(ack))
    return late, len(late)


async def idle_reader(reader: Reader) -> None:
    """Follows a long answer and reads nothing of it."""
    before = memory_mb(reader.home)
    async with reader.socket(max_queue=1) as socket:
        await follow(socket, await reader.ask(MODELS[2]))
        await asyncio.sleep(8)
        grown = memory_mb(reader.home) - before
    print(f"a reader that reads nothing: {grown:.1f} MB more (goal 5)")


def memory_mb(home: ServedHome) -> float:
    process = home.process
    status = Path(f"/proc/{process.pid if process else 0}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    if sys.argv[1:] == ["pages"]:
        time_pages()
    else:
        main()
