"""One server for each home, beside which the command line goes on working."""

import signal
import socket
import subprocess
import time
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import expect

from tests.process.chatting import LONG, ask, open_chat, send, wait_for_text
from tests.process.served import CLUTCH, ServedHome, browser_page

pytestmark = pytest.mark.process


def test_a_second_server_is_refused_with_the_address_of_the_first(running: ServedHome) -> None:
    second = running.clutch("serve", "--no-browser")
    assert second.returncode == 1
    assert running.url in second.stderr


def test_a_taken_port_is_told_and_the_next_one_used(home: ServedHome) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", home.port))
        taken.listen()
        home.start()
        assert f"Port {home.port} is taken" in (home.folder / "server.log").read_text()
        assert f":{home.port + 1}/" in home.link


def test_the_command_line_works_beside_the_server(running: ServedHome) -> None:
    assert running.clutch_json("run", "Hello")["state"] == "done"
    assert running.clutch_json("status")["server"] == running.url
    assert running.clutch("link").stdout.startswith(f"{running.url}/sign-in/")
    assert running.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_link_signs_in_once(running: ServedHome) -> None:
    first = httpx.get(running.link, trust_env=False)
    assert (first.status_code, first.headers["location"]) == (302, "/chat/")
    again = httpx.get(running.link, trust_env=False)
    assert again.status_code >= 400
    assert "was used before" in again.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "rebind.evil.example"}, 400), ({"Host": "0.0.0.0:1"}, 400), ({}, 200)],
)
def test_only_its_own_names_are_answered(
    running: ServedHome, headers: dict[str, str], status: int
) -> None:
    answer = httpx.get(f"{running.url}/sign-in/", headers=headers, trust_env=False)
    assert answer.status_code == status


def test_stop_ends_an_answer_and_keeps_its_text(running: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, running)
        answer = ask(page, LONG)
        wait_for_text(answer)
        page.get_by_role("button", name="Stop").click()
        expect(answer).to_contain_text("held for the rest is free again", timeout=10_000)
    shown = running.clutch_json("last")
    assert shown["state"] == "stopped"
    assert shown["answer"]


def test_the_events_of_a_trip_can_be_read_and_resumed(running: ServedHome) -> None:
    with httpx.Client(base_url=running.url, follow_redirects=True, trust_env=False) as reader:
        reader.get(running.link)
        trip = send(reader, running, "Say hello")
        whole = reader.get(f"{trip}events/", timeout=30).text
        resumed = reader.get(f"{trip}events/", headers={"Last-Event-ID": "2"}).text
    assert whole.startswith("id: 1\nevent: routed\n")
    assert whole.count("event: trip_finished") == 1
    assert resumed.startswith("id: 3\n")
    assert whole.endswith(resumed)
    stranger = httpx.get(f"{running.url}{trip}events/", trust_env=False)
    assert stranger.status_code == 302


def test_ctrl_c_stops_a_command_and_settles(home: ServedHome) -> None:
    home.clutch("version")
    with subprocess.Popen(
        [CLUTCH, "/demo long 4000"],
        env=home.environment,
        cwd=home.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(10)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130
    shown = home.clutch_json("last")
    assert (shown["state"], bool(shown["answer"])) == ("stopped", True)
    assert home.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_reader_that_leaves_ends_the_command_quietly(home: ServedHome) -> None:
    done = subprocess.run(
        f"'{CLUTCH}' run '/demo long 3000' | head -c 20",
        shell=True,
        env=home.environment,
        cwd=home.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    deadline = time.monotonic() + 20
    while home.clutch_json("last")["state"] == "driving" and time.monotonic() < deadline:
        pass
    assert home.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_damaged_database_is_refused_and_left_as_it_is(home: ServedHome) -> None:
    folder = home.folder / ".clutch"
    folder.mkdir(mode=0o700)
    damaged = b"this is not a database" * 1000
    (folder / "clutch.db").write_bytes(damaged)
    done = home.clutch("status")
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / "clutch.db").read_bytes() == damaged
    assert "There is no copy of it yet" in done.stderr
    (folder / "backups").mkdir()
    (folder / "backups" / "clutch-20261120T000000.db").write_bytes(b"")
    assert f"Copies are in {folder / 'backups'}" in home.clutch("status").stderr
