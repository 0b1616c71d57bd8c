"""Killed in the middle of an answer: settled once, never spent twice, never lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.process.served import ServedHome, browser_page

pytestmark = pytest.mark.process
LONG = "/demo long 4000"


def ask(page: Page, home: ServedHome, text: str) -> str:
    page.goto(home.link)
    page.get_by_role("textbox").first.fill(text)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/trips/*/")
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def wait_for_text(page: Page) -> None:
    expect(page.locator("[data-answer]")).to_contain_text("demo", timeout=20_000)


def test_a_killed_server_leaves_an_interrupted_trip_with_its_text(running: ServedHome) -> None:
    with browser_page() as page:
        trip = ask(page, running, LONG)
        wait_for_text(page)
        page.goto("about:blank")
        running.kill()
    running.start()
    shown = running.clutch_json("last")
    assert shown["id"] == trip
    assert shown["state"] == "stalled"
    assert shown["error_code"] == "interrupted"
    assert "demo" in shown["answer"].lower()
    assert running.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_terminated_server_settles_what_it_interrupts(running: ServedHome) -> None:
    with browser_page() as page:
        ask(page, running, LONG)
        wait_for_text(page)
        page.goto("about:blank")
        running.stop()
    shown = running.clutch_json("last")
    assert shown["state"] == "stalled"
    assert running.clutch_json("doctor", "--invariants")["breaches"] == []
