"""`clutch scaled`: two web processes, two workers, a sweeper, a real PostgreSQL, a real Redis."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.process.chatting import send
from tests.process.processes import children_of, command_of, halted, is_alive, named, wait_until
from tests.process.served import LINK, ROOT, ServedHome

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]
WEB, WORKER = "topology.web", "main worker"
# Python runs this at its start: as long as there is a file of this name, no worker comes that far.
SICKNESS = """
import os, pathlib, sys
if "worker" in sys.orig_argv and pathlib.Path(__file__).with_name("sick").exists():
    os.kill(os.getpid(), 9)
"""
STARTED_AGAIN = re.compile(r"(worker \d) was killed by SIGKILL; it is started again in ([\d.]+) s")


def forget_cluster(folder: Path) -> None:
    """For root it lies outside the home."""
    sign = folder / ".clutch" / "scaled" / "postgres"
    if sign.is_symlink():
        shutil.rmtree(sign.readlink().parent)


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHome]:
    folder = tmp_path_factory.mktemp("scaled")
    (folder / "sitecustomize.py").write_text(SICKNESS)
    home = ServedHome(folder, {"PYTHONPATH": str(folder)}, words=("scaled", "--no-browser"))
    try:
        home.start()
        yield home
    finally:
        home.stop()
        forget_cluster(home.folder)


@pytest.fixture
def reader(scaled: ServedHome) -> Iterator[httpx.Client]:
    """Opens a connection for every request, as many browsers would."""
    with httpx.Client(
        base_url=scaled.url,
        follow_redirects=True,
        trust_env=False,
        timeout=60,
        limits=httpx.Limits(max_keepalive_connections=0),
    ) as client:
        client.get(scaled.new_link())
        yield client


def pid_of(home: ServedHome) -> int:
    assert home.process is not None
    return home.process.pid


def socket_of(home: ServedHome, client: httpx.Client) -> ClientConnection:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    address = f"{home.url.replace('http', 'ws', 1)}/ws/live/"
    return connect(address, origin=home.url, additional_headers={"Cookie": cookies}, proxy=None)  # type: ignore[arg-type]


def next_log_line(home: ServedHome, part: str) -> str:
    """Waits until the topology says it."""
    log = home.folder / "server.log"
    wait_until(lambda: part in log.read_text())
    return next(line for line in log.read_text().splitlines() if part in line)


def drive(client: httpx.Client, home: ServedHome, text: str) -> str:
    return client.get(send(client, home, text) + "events/").text


def test_a_chat_turn_begun_with_one_web_process_is_seen_live_through_the_other(
    scaled: ServedHome, reader: httpx.Client
) -> None:
    first, second = named(pid_of(scaled), WEB)
    with halted(first):  # so that the other one takes the connection
        live = socket_of(scaled, reader)
    with live:
        with halted(second):
            trip = send(reader, scaled, "Say hello")
        live.send(json.dumps({"type": "follow", "trip": trip.split("/")[2], "after": 0}))
        kinds = []
        while "over" not in kinds:
            kinds.append(json.loads(live.recv(timeout=60))["kind"])
    assert kinds.count("trip_finished") == 1
    assert "text" in kinds


def test_a_killed_web_process_and_a_killed_worker_are_started_again_and_all_goes_on(
    scaled: ServedHome, reader: httpx.Client
) -> None:
    main = pid_of(scaled)
    web, worker = named(main, WEB)[0], named(main, WORKER)[0]
    os.kill(web, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    assert drive(reader, scaled, "Say one").count("event: trip_finished") == 1
    told = next_log_line(scaled, "worker 1")
    assert told == "worker 1 was killed by SIGKILL; it is started again in 0.5 s."
    next_log_line(scaled, "web 1")
    wait_until(lambda: len(named(main, WEB)) == 2 and len(named(main, WORKER)) == 2)
    assert drive(reader, scaled, "Say two").count("event: trip_finished") == 1
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []


def pauses_s(home: ServedHome, log_start: int) -> dict[str, list[float]]:
    """How long the topology has waited before it started each worker again."""
    found: dict[str, list[float]] = {"worker 1": [], "worker 2": []}
    for name, pause_s in STARTED_AGAIN.findall(
        (home.folder / "server.log").read_text()[log_start:]
    ):
        found[name].append(float(pause_s))
    return found


@pytest.mark.fault("a worker dies at every start")
def test_workers_that_die_at_every_start_are_tried_less_and_less_and_nothing_is_lost(
    scaled: ServedHome, reader: httpx.Client
) -> None:
    log_start = len((scaled.folder / "server.log").read_text())
    (scaled.folder / "sick").touch()
    for worker in named(pid_of(scaled), WORKER):
        os.kill(worker, signal.SIGKILL)
    trip = send(reader, scaled, "Say seven")
    wait_until(lambda: all(len(each) >= 3 for each in pauses_s(scaled, log_start).values()))
    assert reader.get("/readyz").status_code == 200
    (scaled.folder / "sick").unlink()
    assert reader.get(f"{trip}events/").text.count("event: trip_finished") == 1
    for pauses in pauses_s(scaled, log_start).values():
        assert all(later == 2 * earlier for earlier, later in pairwise(pauses))
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []


def test_commands_of_the_same_home_work_with_its_postgresql(
    scaled: ServedHome, reader: httpx.Client
) -> None:
    drive(reader, scaled, "Say three")
    assert scaled.clutch_json("last")["headline"] == "Say three"
    assert scaled.clutch_json("status")["server"] == scaled.url
    assert scaled.clutch("worker", "--check").returncode == 0
    assert scaled.clutch("sweeper", "--check").returncode == 0
    second = scaled.clutch("serve", "--no-browser")
    assert (second.returncode, scaled.url in second.stderr) == (1, True)


def test_passwords_are_kept_from_command_lines_and_other_people(scaled: ServedHome) -> None:
    kept = scaled.folder / ".clutch" / "scaled"
    passwords = [(kept / f"{name}.password").read_text() for name in ("postgres", "redis")]
    commands = [command_of(child) for child in children_of(pid_of(scaled))]
    assert len(commands) == 7
    assert not [word for word in passwords for command in commands if word in command]
    files = (*kept.glob("*.password"), kept / "addresses.json")
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_a_home_that_was_used_before_takes_its_chats_along_and_make_starts_it(
    tmp_path: Path,
) -> None:
    home = ServedHome(tmp_path)
    home.clutch("run", "Say five", check=True)
    environment = {**home.environment, "HOME": os.environ["HOME"]}
    with subprocess.Popen(
        ["make", "--silent", "scaled"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert LINK.search(process.stdout.readline() if process.stdout else "")
            assert home.clutch_json("last")["headline"] == "Say five"
            assert home.clutch_json("doctor", "--invariants")["breaches"] == []
        finally:
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
            _, told = process.communicate(timeout=60)
            forget_cluster(tmp_path)
    assert "is copied into PostgreSQL" in told
    assert "Traceback" not in told


def test_a_database_that_dies_is_started_again_and_all_goes_on(
    scaled: ServedHome, reader: httpx.Client
) -> None:
    os.kill(named(pid_of(scaled), "postgres -D")[0], signal.SIGKILL)
    os.kill(named(pid_of(scaled), "redis-server")[0], signal.SIGKILL)
    next_log_line(scaled, "postgres was killed")
    next_log_line(scaled, "redis was killed")
    wait_until(lambda: reader.get("/readyz").status_code == 200)
    assert drive(reader, scaled, "Say six").count("event: trip_finished") == 1
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []


def test_it_ends_with_everything_it_started_and_starts_again_with_its_data(
    scaled: ServedHome, reader: httpx.Client
) -> None:
    drive(reader, scaled, "Say four")
    started = children_of(pid_of(scaled))
    assert scaled.stop() == 0
    assert not [pid for pid in started if is_alive(pid)]
    assert not (scaled.folder / ".clutch" / "scaled" / "addresses.json").exists()
    scaled.start()
    assert scaled.clutch_json("last")["headline"] == "Say four"


def test_a_killed_one_takes_its_programs_along_and_the_next_one_starts(
    scaled: ServedHome,
) -> None:
    started = children_of(pid_of(scaled))
    scaled.kill()
    wait_until(lambda: not any(is_alive(pid) for pid in started))
    scaled.start()
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []
