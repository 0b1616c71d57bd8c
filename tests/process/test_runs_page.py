"""Runs in a real Chromium: priced, started, watched, paused, gone on with and tried again."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.process.chatting import open_chat
from tests.process.served import ServedHome, browser_page

pytestmark = [pytest.mark.process, pytest.mark.browser]
QUICK = 'parallel = 4\ncombine = "table"\n\n[each]\nname = "item"\ngear = "demo-1"\nthrottle = 0\n'
ENDED_MS = 60_000


def order(page: Page, home: ServedHome, pattern: str, task: str, items: int = 0) -> None:
    page.goto(f"{home.url}/runs/new/?pattern={pattern}")
    page.get_by_label("What is to be done").fill(task)
    if items:
        as_text(page, QUICK)
        page.get_by_label("Paste them").fill("\n".join(f"thing {n}" for n in range(1, items + 1)))
    page.get_by_label("Spend at most, in dollars").focus()


def as_text(page: Page, plan: str) -> None:
    page.get_by_role("button", name="Edit as text").click()
    page.locator("#plan").fill(plan)


def names(page: Page) -> Locator:
    return page.locator(".plan-rows").get_by_label("Name", exact=True)


def start(page: Page) -> None:
    page.get_by_role("button", name="Start with this cap").click()
    page.wait_for_url("**/runs/*-*/")


def state(page: Page, word: str) -> None:
    expect(page.locator("#numbers .badge").first).to_contain_text(word, timeout=ENDED_MS)


def test_a_swarm_is_priced_watched_and_downloaded(served: ServedHome, tmp_path: Path) -> None:
    with browser_page() as page:
        open_chat(page, served)
        order(page, served, "swarm", "Say what it is", items=8)
        expect(page.locator("#quote")).to_contain_text("8 calls", timeout=20_000)
        assert served.clutch_json("runs", "list") == []
        start(page)
        expect(page.locator("[data-cell]")).to_have_count(8)
        expect(page.locator("[data-cell][data-state=done]").first).to_be_visible(timeout=20_000)
        state(page, "Done")
        expect(page.locator("[data-cell][data-state=done]")).to_have_count(8)
        page.locator("[data-cell='3']").click()
        expect(page.locator("#place")).to_contain_text("thing 3")
        expect(page.locator("#place")).to_contain_text("canned demo answer from demo-1")
        page.keyboard.press("Escape")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        download.value.save_as(tmp_path / "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()))
    assert [row["item"] for row in rows] == [f"thing {n}" for n in range(1, 9)]


def test_a_run_is_paused_and_goes_on_without_doing_anything_twice(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        order(page, served, "swarm", "Say what it is", items=40)
        start(page)
        expect(page.locator("[data-cell][data-state=done]").first).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Pause").click()
        state(page, "Paused")
        before = served.clutch_json("runs", "show", "last")
        assert 0 < before["done"] < 40
        page.get_by_role("button", name="Go on").click()
        state(page, "Done")
    document = served.clutch_json("last")
    done = [leg for leg in document["legs"] if leg["state"] == "done"]
    assert len(done) == 40
    assert served.clutch_json("doctor", "--invariants")["breaches"] == []


def test_at_its_cap_a_run_waits_for_a_higher_one(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        order(page, served, "convoy", "Say hello")
        page.get_by_label("Spend at most, in dollars").fill("0.0001")
        start(page)
        state(page, "Paused")
        expect(page.locator(".place-row").first).to_have_attribute("data-state", "held")
        cap = page.get_by_label("New cap in dollars")
        assert float(cap.input_value()) > 0.01
        page.get_by_role("button", name="Go on").click()
        state(page, "Done")
        expect(page.locator(".place-row[data-state=done]")).to_have_count(3)


def test_what_failed_is_tried_again_with_another_model(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        order(page, served, "swarm", "Say what it is", items=3)
        page.locator("#plan").fill(f'{QUICK}\n[check]\nregex = "from demo-4"\n')
        start(page)
        state(page, "Failed")
        expect(page.locator("[data-failure]")).to_have_count(3)
        page.get_by_label("With", exact=True).select_option("demo-4")
        page.get_by_label("Cap in dollars, all in all").fill("2")
        page.get_by_role("button", name="Retry 3 failed").click()
        state(page, "Done")
        expect(page.locator("[data-cell][data-state=done]")).to_have_count(3)


def test_a_task_is_parted_and_the_steps_can_be_changed(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        order(page, served, "team", "Plan a party for twenty")
        page.get_by_role("button", name="Part the task into steps").click()
        expect(page.locator("#drafted")).to_contain_text("parted the task", timeout=30_000)
        expect(page.get_by_label("Pattern")).to_have_value("convoy")
        proposed = names(page).count()
        assert proposed >= 2
        names(page).first.fill("my own step")
        start(page)
        expect(page.locator(".place-row .name").first).to_have_text("my own step")
        expect(page.locator(".place-row .name")).to_have_count(proposed)
        state(page, "Done")


def test_roles_are_added_moved_and_priced_and_stand_so_on_the_live_page(
    served: ServedHome,
) -> None:
    with browser_page() as page:
        open_chat(page, served)
        order(page, served, "team", "Plan a party for twenty")
        expect(page.locator("#quote")).to_contain_text("4 calls")
        page.get_by_role("button", name="Add a role").click()
        expect(names(page)).to_have_count(4)
        expect(page.locator("#quote")).to_contain_text("5 calls")
        names(page).last.fill("host")
        page.get_by_role("button", name="Move role 4 up").press("Enter")
        expect(names(page).nth(2)).to_have_value("host")
        first = page.locator(".plan-rows > .entry").first
        page.get_by_role("button", name="Remove critic").click()
        expect(names(page)).to_have_count(3)
        names(page).nth(1).locator("xpath=ancestor::li").locator("[data-grip]").drag_to(first)
        expect(names(page).first).to_have_value("host")
        page.get_by_role("button", name="Edit as text").click()
        expect(page.locator("#plan")).to_have_value(re.compile('name = "host"'))
        page.get_by_role("button", name="Show as rows").click()
        expect(names(page).first).to_have_value("host")
        start(page)
        shown = page.locator(".place-row .name")
        expect(shown).to_have_text(["host", "solver", "user", "merge"])


def test_what_cannot_be_driven_is_said_at_its_row_and_enter_spends_nothing(
    served: ServedHome,
) -> None:
    with browser_page() as page:
        open_chat(page, served)
        order(page, served, "convoy", "Plan a party")
        page.get_by_text("Driven by the gear that fits").first.click()
        page.get_by_label("Throttle · thinking, %").first.fill("300")
        names(page).first.press("Enter")
        expect(page.locator(".plan-rows > .entry").first.get_by_role("alert")).to_contain_text(
            "throttle of plan"
        )
        assert page.url.endswith("/runs/new/?pattern=convoy")


def test_a_run_can_be_started_and_read_on_a_phone_with_the_keyboard(served: ServedHome) -> None:
    with browser_page(viewport={"width": 390, "height": 844}) as page:
        open_chat(page, served)
        order(page, served, "swarm", "Say what it is", items=5)
        page.get_by_role("button", name="Start with this cap").press("Enter")
        page.wait_for_url("**/runs/*-*/")
        state(page, "Done")
        page.locator("[data-cell='2']").press("Enter")
        expect(page.locator("#place")).to_contain_text("thing 2")
        page.keyboard.press("Escape")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
