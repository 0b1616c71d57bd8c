"""Ordering runs as a person does on the page, and what must hold of them whatever broke."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.faults import rows
from tests.faults.vendor import MODEL, Vendor
from tests.process.served import ServedHome

# Longer than a server that ends waits for what hangs.
IDLE_S = 8
NOTICE = re.compile(r'class="notice is-bad".*')
FLEET = """format = 1

[[providers]]
name = "wire"
kind = "openai"
base_url = "{url}"
is_local = true
max_concurrency = 40

[[gears]]
name = "wire-1"
level = 2
provider = "wire"
model_id = "{model}"
price_source = "manual"
prices = {{ base = {{ input = 1000000000, output = 2000000000, cached_input = 1000000000, \
cache_write = 1000000000 }}, above = [], version = "test" }}
context_window = 32000
max_output_tokens = 1000

[[budgets]]
scope = "global"
period = "day"
limit_usd = "none"

[[budgets]]
scope = "global"
period = "month"
limit_usd = "none"
"""


def connect(home: ServedHome, vendor: Vendor) -> None:
    """Make the vendor's model a gear with a price, and take all limits away."""
    file = home.folder / "fleet.toml"
    file.write_text(FLEET.format(url=vendor.url, model=MODEL))
    home.clutch("config", "import", "--yes", str(file), check=True)
    home.clutch("config", "set", "idle_timeout_s", str(IDLE_S), check=True)
    home.clutch("providers", "check", "wire", check=True)


def plan(parallel: int = 10, **more: Any) -> str:
    lines = [f"parallel = {parallel}", *(f"{key} = {json.dumps(more[key])}" for key in more)]
    return "\n".join([*lines, "[each]", 'name = "item"', 'gear = "wire-1"'])


def forgive(page: httpx.Client) -> None:
    """The vendor may be asked again at once, whatever it did before."""
    sent = {"provider": "wire", "model_id": MODEL, "csrfmiddlewaretoken": token(page)}
    assert page.post("/health/try-again/", data=sent).status_code == 200


def items(count: int, word: str = "item") -> list[str]:
    return [f"{word} {number}" for number in range(1, count + 1)]


@contextmanager
def reader(home: ServedHome) -> Iterator[httpx.Client]:
    """Signed in, also after the server was started again."""
    options: dict[str, Any] = {"follow_redirects": True, "trust_env": False, "timeout": 30}
    with httpx.Client(base_url=home.url, headers={"Origin": home.url}, **options) as client:
        client.get(home.link)
        yield client


def start(page: httpx.Client, texts: Sequence[str], toml: str, **more: str) -> str:
    """The id of the run that the page has started."""
    form = {"task": "Say what this is", "pattern": "swarm", "plan": toml, "items_form": "lines"}
    form |= {"items": "\n".join(texts), "csrfmiddlewaretoken": token(page)} | more
    answer = page.post("/runs/start/", data=form)
    assert answer.status_code == 200, NOTICE.findall(answer.text)
    return answer.url.path.rstrip("/").rsplit("/", 1)[-1]


def token(page: httpx.Client) -> str:
    return page.get("/runs/new/").text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def steer(page: httpx.Client, run: str, deed: str, **fields: str) -> httpx.Response:
    return page.post(f"/runs/{run}/{deed}/", data={"csrfmiddlewaretoken": token(page)} | fields)


def results(home: ServedHome, run: str = "last") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.clutch_json("runs", "results", run)
    return found


def breaches(home: ServedHome) -> list[Any]:
    found = json.loads(home.clutch("doctor", "--invariants", "--json").stdout)["breaches"]
    return list(found)


ITEMS = "FROM orchestrator_step WHERE trip_id = {run} AND parent <> ''"
DONE = f"SELECT given {ITEMS} AND state = 'done'"
CUT = "SELECT COUNT(*) FROM orchestrator_leg WHERE trip_id = {run} AND state <> 'done'"
SENT = "SELECT COUNT(*) FROM orchestrator_leg WHERE trip_id = {run} AND sent_at IS NOT NULL"


def done(home: ServedHome) -> set[str]:
    return {given for (given,) in rows.rows(home, DONE)}


def assert_whole(home: ServedHome, vendor: Vendor, texts: Sequence[str]) -> None:
    """Every item once, with its own answer; each call in the books; the money adds up."""
    found = results(home)
    assert [row["item"] for row in found] == list(texts)
    assert Counter(row["state"] for row in found) == {"done": len(texts)}
    assert [row["answer"] for row in found] == [f"done with {text}" for text in texts]
    assert_all_in_the_books(home, vendor)
    assert breaches(home) == []


def assert_all_in_the_books(home: ServedHome, vendor: Vendor) -> None:
    """The vendor was asked what the books say. Of calls that were cut some never reached it."""
    asked, cut = vendor.asked.total(), rows.one(home, CUT)
    assert asked <= rows.one(home, SENT) <= asked + cut


def log_of(home: ServedHome) -> str:
    return (Path(home.folder) / "server.log").read_text()
