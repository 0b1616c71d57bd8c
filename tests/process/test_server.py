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


@pytest.mark.fault("two servers share a home")
def test_a_second_server_is_refused_with_the_address_of_the_first(served: ServedHome) -> None:
    second = served.clutch("serve", "--no-browser")
    assert second.returncode == 1
    assert served.url in second.stderr


def test_a_taken_port_is_told_and_the_next_one_used(used: ServedHome) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", used.port))
        taken.listen()
        used.start()
        assert f"Port {used.port} is taken" in (used.folder / "server.log").read_text()
        assert f":{used.port + 1}/" in used.link


def test_the_command_line_works_beside_the_server(served: ServedHome) -> None:
    assert served.clutch_json("run", "Hello")["state"] == "done"
    assert served.clutch_json("status")["server"] == served.url
    assert served.clutch("link").stdout.startswith(f"{served.url}/sign-in/")
    assert served.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_link_signs_in_once(served: ServedHome) -> None:
    link = served.new_link()
    first = httpx.get(link, trust_env=False)
    assert (first.status_code, first.headers["location"]) == (302, "/chat/")
    again = httpx.get(link, trust_env=False)
    assert again.status_code >= 400
    assert "was used before" in again.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "rebind.evil.example"}, 400), ({"Host": "0.0.0.0:1"}, 400), ({}, 200)],
)
def test_only_its_own_names_are_answered(
    served: ServedHome, headers: dict[str, str], status: int
) -> None:
    answer = httpx.get(f"{served.url}/sign-in/", headers=headers, trust_env=False)
    assert answer.status_code == status


def test_stop_ends_an_answer_and_keeps_its_text(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        answer = ask(page, LONG)
        wait_for_text(answer)
        page.get_by_role("button", name="Stop").click()
        expect(answer).to_contain_text("held for the rest is free again", timeout=10_000)
    shown = served.clutch_json("last")
    assert shown["state"] == "stopped"
    assert shown["answer"]


def test_the_events_of_a_trip_can_be_read_and_resumed(served: ServedHome) -> None:
    link = served.new_link()
    with httpx.Client(base_url=served.url, follow_redirects=True, trust_env=False) as reader:
        reader.get(link)
        trip = send(reader, served, "Say hello")
        whole = reader.get(f"{trip}events/", timeout=30).text
        resumed = reader.get(f"{trip}events/", headers={"Last-Event-ID": "2"}).text
    assert whole.startswith("id: 1\nevent: routed\n")
    assert whole.count("event: trip_finished") == 1
    assert resumed.startswith("id: 3\n")
    assert whole.endswith(resumed)
    stranger = httpx.get(f"{served.url}{trip}events/", trust_env=False)
    assert stranger.status_code == 302


def test_ctrl_c_stops_a_command_and_settles(used: ServedHome) -> None:
    used.clutch("version")
    with subprocess.Popen(
        [CLUTCH, "/demo long 4000"],
        env=used.environment,
        cwd=used.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(10)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130
    shown = used.clutch_json("last")
    assert (shown["state"], bool(shown["answer"])) == ("stopped", True)
    assert used.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_reader_that_leaves_ends_the_command_quietly(used: ServedHome) -> None:
    done = subprocess.run(
        f"'{CLUTCH}' run '/demo long 3000' | head -c 20",
        shell=True,
        env=used.environment,
        cwd=used.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    deadline = time.monotonic() + 20
    while used.clutch_json("last")["state"] == "driving" and time.monotonic() < deadline:
        pass
    assert used.clutch_json("doctor", "--invariants")["breaches"] == []


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
