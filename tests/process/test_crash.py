"""Killed in the middle of an answer: settled once, never spent twice, never lost."""

import pytest
from playwright.sync_api import expect

from tests.process.chatting import LONG, ask, open_chat, wait_for_end, wait_for_text
from tests.process.served import ServedHome, browser_page

pytestmark = [pytest.mark.process, pytest.mark.browser]


@pytest.mark.fault("a driver is killed in an answer")
def test_a_killed_server_leaves_an_interrupted_answer_that_can_be_sent_again(
    running: ServedHome,
) -> None:
    with browser_page(tolerates=("ERR_CONNECTION_REFUSED", "WebSocket")) as page:
        open_chat(page, running)
        answer = ask(page, LONG)
        wait_for_text(answer)
        running.kill()
        expect(page.locator("[data-live-state]")).to_have_text("Reconnecting…")
        running.start()
        # the page comes back by itself and finds out
        expect(answer).to_contain_text("Interrupted", timeout=30_000)
        wait_for_text(answer)
        shown = running.clutch_json("last")
        assert (shown["state"], shown["error_code"]) == ("stalled", "interrupted")
        assert "demo" in shown["answer"].lower()
        assert running.clutch_json("doctor", "--invariants")["breaches"] == []
        page.get_by_role("button", name="Send again").click()
        expect(page.locator(".versions").last).to_contain_text("2/2")
        wait_for_text(page.locator(".answer-turn").last)
        page.keyboard.press("Escape")
        wait_for_end(page.locator(".answer-turn").last)
    assert running.clutch_json("last")["state"] == "stopped"


@pytest.mark.fault("a server is ended")
def test_a_terminated_server_settles_what_it_interrupts(running: ServedHome) -> None:
    with browser_page(tolerates=("ERR_CONNECTION_REFUSED", "WebSocket")) as page:
        open_chat(page, running)
        wait_for_text(ask(page, LONG))
        page.goto("about:blank")
        running.stop()
    shown = running.clutch_json("last")
    assert shown["state"] == "stalled"
    assert running.clutch_json("doctor", "--invariants")["breaches"] == []
