"""Runs in numbers: a swarm against its ideal, the start of a pattern, a restart in the middle.

`python -m benchmarks.runs [embedded] [scaled] [large]`. A real server process, a provider of our
own that answers after a time its model names. In scaled mode PostgreSQL, Redis and two workers.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from benchmarks import chat
from benchmarks.chat import ROOT
from tests import servers
from tests.process.served import ServedHome

PARALLEL = 20
SWARM = """parallel = {parallel}
retries = 0
combine = "table"

[each]
name = "item"
gear = "{gear}"
"""
CONVOY = '[[steps]]\nname = "only"\ngear = "after-5"\n'
FLEET = chat.FLEET.replace('"\n', '"\nmax_concurrency = 40\n', 1)
STARTS = QUESTIONS = 20


def main() -> None:
    wanted = sys.argv[1:] or ["embedded", "scaled", "large"]
    if "embedded" in wanted:
        with _home({}) as home:
            swarm(home, "embedded", 1_000, 100, goal=1.25)
            start(home)
            fair(home)
            restart(home)
    if "scaled" in wanted:
        with _scaled() as home:
            swarm(home, "scaled", 1_000, 100, goal=1.15)
    if "large" in wanted:
        with _home({}) as home:
            swarm(home, "embedded", 10_000, 5, goal=0)


@contextmanager
def _home(extra: dict[str, str]) -> Iterator[ServedHome]:
    with tempfile.TemporaryDirectory(prefix="clutch-benchmark-") as folder:
        home = ServedHome(Path(folder), extra)
        with chat.provider() as port:
            models = ("after-100", "after-5", "after-3000")
            fleet = FLEET.format(port=port)
            fleet += "".join(chat.GEAR.format(name=name) for name in models)
            (home.folder / "fleet.toml").write_text(fleet)
            home.clutch("config", "import", "fleet.toml", "--yes", check=True)
            home.start()
            try:
                yield home
            finally:
                home.stop()


@contextmanager
def _scaled() -> Iterator[ServedHome]:
    with ExitStack() as stack:
        database = stack.enter_context(servers.postgres())
        redis = stack.enter_context(servers.redis())
        extra = {"DATABASE_URL": database, "REDIS_URL": redis}
        home = stack.enter_context(_home(extra))
        for number in range(2):
            stack.enter_context(_worker(home, number))
        # What a worker takes to start is no part of a swarm.
        reader = Reader(home)
        reader.first(reader.start("convoy", CONVOY), "trip_finished")
        yield home


@contextmanager
def _worker(home: ServedHome, number: int) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "clutchweb.celery:app", "worker"]
    options = ["--pool", "threads", "--concurrency", "4", "--queues", "chat,runs"]
    with subprocess.Popen(
        [*command, *options, "--hostname", f"bench{number}"],
        env={**home.environment, "DJANGO_SETTINGS_MODULE": "clutchweb.settings"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()


class Reader:
    """A signed-in browser without a screen."""

    def __init__(self, home: ServedHome) -> None:
        self.home = home
        self.http = httpx.Client(
            base_url=home.url, trust_env=False, follow_redirects=False, timeout=600
        )
        self.http.get(home.new_link(), follow_redirects=True)
        page = self.http.get("/runs/new/").text
        self.token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

    def start(self, pattern: str, plan: str, items: str = "") -> str:
        asked = {
            "task": "Say what it is",
            "pattern": pattern,
            "plan": plan,
            "items": items,
            "cap": "100",
            "csrfmiddlewaretoken": self.token,
        }
        answer = self.http.post("/runs/start/", data=asked, headers={"Origin": self.home.url})
        if answer.status_code != 302:
            raise RuntimeError(answer.text)
        return answer.headers["location"].split("/")[2]

    def first_word(self) -> float:
        asked = {"text": "Say it", "gear": "after-5", "csrfmiddlewaretoken": self.token}
        began = time.perf_counter()
        answer = self.http.post("/chat/send/", data=asked, headers={"Origin": self.home.url})
        trip = answer.json()["added"].split('data-trip="')[1].split('"')[0]
        return self.first(trip, "text") - began

    def first(self, trip: str, wanted: str) -> float:
        """When it came. The trip is left to end, so that nothing of it falls on the next one."""
        came = [at for kind, at in self.events(trip) if kind == wanted]
        return came[0]

    def events(self, trip: str) -> Iterator[tuple[str, float]]:
        """The kind of each event, and when it came."""
        with self.http.stream("GET", f"/trips/{trip}/events/") as lines:
            for line in lines.iter_lines():
                if line.startswith("event: "):
                    yield line.removeprefix("event: "), time.perf_counter()


def swarm(home: ServedHome, mode: str, count: int, answer_ms: int, goal: float) -> None:
    reader = Reader(home)
    plan = SWARM.format(parallel=PARALLEL, gear=f"after-{answer_ms}")
    items = "\n".join(f"item {number}" for number in range(count))
    before = chat.memory_mb(home)
    began = time.perf_counter()
    trip = reader.start("swarm", plan, items)
    accepted_s = time.perf_counter() - began
    *_, (kind, ended) = reader.events(trip)
    took_s, ideal_s = ended - began, count * answer_ms / 1000 / PARALLEL
    shown = home.clutch_json("runs", "show", trip)
    print(
        f"swarm of {count:,} items at {answer_ms} ms, {PARALLEL} at a time, {mode}: "
        f"{took_s:.1f} s, {took_s / ideal_s:.2f} × the ideal"
        + (f" (goal {goal})" if goal else f" (goal {240 / ideal_s:.0f}, which is 4 minutes)")
        + f"; accepted in {accepted_s:.2f} s, {shown['done']:,} done, {kind}, "
        f"{chat.memory_mb(home) - before:.0f} MB more (goal 60)"
    )


def start(home: ServedHome) -> None:
    """From the request to the first call's beginning, without the provider."""
    reader = Reader(home)
    spent = []
    for _ in range(STARTS):
        began = time.perf_counter()
        trip = reader.start("convoy", CONVOY)
        spent.append(reader.first(trip, "leg_started") - began)
    print(f"start of a pattern: median {statistics.median(spent) * 1e3:.0f} ms (goal 60)")


def fair(home: ServedHome) -> None:
    """A question's way to its first word, alone and while a large swarm is under way."""
    reader = Reader(home)
    alone_s = statistics.median(reader.first_word() for _ in range(QUESTIONS))
    items = "\n".join(f"item {number}" for number in range(10_000))
    trip = reader.start("swarm", SWARM.format(parallel=PARALLEL, gear="after-100"), items)
    next(at for kind, at in reader.events(trip) if kind == "swarm_moved")
    beside_s = statistics.median(reader.first_word() for _ in range(QUESTIONS))
    home.clutch("runs", "cancel", trip, check=True)
    print(
        f"question to first word beside a swarm of 10,000: {beside_s * 1e3:.0f} ms, "
        f"{beside_s / alone_s:.1f} × alone ({alone_s * 1e3:.0f} ms)"
    )


def restart(home: ServedHome) -> None:
    """kill -9 in the middle of a swarm; how long until its next item is done."""
    reader = Reader(home)
    items = "\n".join(f"item {number}" for number in range(1_000))
    trip = reader.start("swarm", SWARM.format(parallel=PARALLEL, gear="after-3000"), items)
    for kind, _ in reader.events(trip):
        if kind == "swarm_moved" and home.clutch_json("runs", "show", trip)["done"]:
            break
    done = home.clutch_json("runs", "show", trip)["done"]
    began = time.perf_counter()
    home.kill()
    home.start()
    while home.clutch_json("runs", "show", trip)["done"] <= done:
        time.sleep(0.5)
    print(f"next item after kill -9 and a start: {time.perf_counter() - began:.1f} s (goal 45)")


if __name__ == "__main__":
    main()
