"""Gears and roads in a real browser: changed, tried, published, rolled back, by mouse and keys."""

import pytest
from playwright.sync_api import Page, expect

from tests.process.chatting import ask, open_chat, wait_for_end
from tests.process.served import ServedHome, browser_page
from tests.process.test_accessibility import DESK, PHONE, findings

pytestmark = [pytest.mark.process, pytest.mark.browser]
TYPO = "Fix the typo in the second line"
TALL = {"width": 1280, "height": 1600}


def order(page: Page, level: int) -> list[str]:
    rows = page.locator(f"[data-level='{level}'] > [data-name]")
    return [str(name) for name in rows.evaluate_all("rows => rows.map(row => row.dataset.name)")]


def test_an_admin_changes_a_road_publishes_and_rolls_back(served: ServedHome) -> None:
    with browser_page(viewport=DESK) as page:
        open_chat(page, served)
        wait_for_end(ask(page, TYPO))
        page.get_by_role("link", name="Gears", exact=True).click()
        page.get_by_role("link", name="Roads").click()
        page.get_by_role("link", name="Edit dirt road").click()
        form = page.get_by_role("form", name="Edit dirt road")
        form.get_by_label("Throttle, %").fill("80")
        form.get_by_label("Default gear").select_option("demo-5")
        form.get_by_label("Only when at least").fill("99")
        form.get_by_role("button", name="Save in the draft").click()
        expect(page.locator("#pending")).to_have_text("1 unpublished")
        page.get_by_role("link", name="Draft").click()
        expect(page.locator("#fleet")).to_contain_text("30 → 80")
        page.get_by_label("A task").fill(TYPO)
        page.get_by_role("button", name="What would the draft choose?").click()
        expect(page.locator("#tried")).to_contain_text("Trivial task · dirt road")
        expect(page.locator("#tried")).to_contain_text("Standard task · country road")
        page.get_by_role("button", name="Replay the last 200 trips").click()
        expect(page.locator("#replayed")).to_contain_text("1 changes gear, cost +")
        expect(page.locator("#replayed")).to_contain_text("dirt-road → country-road")
        page.get_by_label("What for").fill("Typos need thought")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("History")
        expect(page.locator("tbody tr").first).to_contain_text("Typos need thought")
        page.goto(f"{served.url}/chat/")
        page.locator("#composer-text").fill(TYPO)
        expect(page.locator("#chip")).to_contain_text("Standard task")
        page.goto(f"{served.url}/draft/history/")
        page.locator("tbody tr").nth(1).get_by_role("button", name="Roll back").click()
        expect(page.locator("tbody tr").first).to_contain_text("back to version")
        page.goto(f"{served.url}/chat/")
        page.locator("#composer-text").fill(f"{TYPO} ")
        expect(page.locator("#chip")).to_contain_text("Trivial task")
        page.goto(f"{served.url}/trips/")
        page.locator("td a").first.click()
        page.get_by_text("Why this model").click()
        page.get_by_role("link", name="version").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Version")


def test_gears_are_ordered_by_dragging_and_by_keys(served: ServedHome) -> None:
    with browser_page(viewport=TALL) as page:
        open_chat(page, served)
        page.goto(f"{served.url}/gears/")
        first, second = order(page, 1)[:2]
        page.locator(f"#down-{first}").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-level='1'] > [data-name]").first).to_have_id(f"gear-{second}")
        assert page.evaluate("document.activeElement.id") == f"down-{first}"
        grip = page.locator("#gear-demo-2 [data-grip]")
        grip.drag_to(page.locator(f"#gear-{second}"), target_position={"x": 200, "y": 10})
        expect(page.locator("[data-level='1'] > [data-name]").first).to_have_id("gear-demo-2")
        assert order(page, 1)[:3] == ["demo-2", second, first]
        page.goto(f"{served.url}/draft/")
        page.get_by_role("button", name="Drop the whole draft").click()
        expect(page.locator("#pending")).to_have_text("empty")


def test_a_gear_is_tried_for_real_and_found_models_are_added(served: ServedHome) -> None:
    with browser_page(viewport=DESK, tolerates=("422",)) as page:
        open_chat(page, served)
        page.goto(f"{served.url}/gears/")
        page.get_by_role("button", name="Test demo-1").click()
        trial = page.locator("#trial-demo-1")
        expect(trial).to_contain_text("first word after", timeout=20_000)
        expect(trial).to_contain_text("demo")
        page.get_by_role("link", name="Add a model").click()
        page.locator("#ask-provider").select_option("demo")
        page.get_by_role("button", name="List its models").click()
        expect(page.locator("#models")).to_contain_text("demo-3")
        page.locator("#new-provider").select_option("openai")
        page.locator("#new-model").fill("who-knows")
        page.get_by_role("button", name="Add to the draft").click()
        expect(page.locator("#added")).to_contain_text("Its price is unknown")
        page.locator("#added").get_by_role("link", name="Edit").click()
        page.get_by_label("Typed here").check()
        page.get_by_label("In, $ per million tokens").fill("0")
        page.get_by_label("Out, $ per million", exact=True).fill("0")
        page.get_by_role("button", name="Save in the draft").click()
        expect(page.get_by_role("alert")).to_contain_text("choose “Free”")
        page.get_by_label("Out, $ per million", exact=True).fill("1.50")
        page.get_by_role("button", name="Save in the draft").click()
        expect(page.locator("#gear-who-knows")).to_contain_text("$1.50 out")
        page.goto(f"{served.url}/draft/")
        page.get_by_role("button", name="Drop the whole draft").click()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding(
    served: ServedHome, size: dict[str, int], scheme: str
) -> None:
    served.clutch("roads", "set", "rally", "--throttle", "44", "--draft", check=True)
    served.clutch("gears", "set", "demo-2", "--title", "Two", check=True)
    served.clutch(
        *("rules", "add", f"always-{scheme}-{size['width']}"),
        *("--gear", "demo-1", "--keyword", "x"),
    )
    with browser_page(viewport=size, color_scheme=scheme, bypass_csp=True) as page:
        open_chat(page, served)
        found = []
        for address in (
            *("/gears/", "/gears/at/demo-1/", "/gears/discover/", "/roads/", "/roads/at/rally/"),
            *("/roads/new/", "/roads/rules/new/", "/draft/", "/draft/history/", "/keys/"),
            *("/admin/", "/admin/orchestrator/gear/"),
        ):
            page.goto(f"{served.url}{address}")
            found += findings(page)
        page.goto(f"{served.url}/draft/history/")
        page.locator("tbody a").last.click()
        found += findings(page)
        page.goto(f"{served.url}/gears/")
        page.get_by_role("link", name="Edit demo-3").click()
        page.locator("#gear-demo-3.is-form").wait_for()
        found += findings(page)
        page.goto(f"{served.url}/draft/")
        page.get_by_label("A task").fill(TYPO)
        page.get_by_role("button", name="What would the draft choose?").click()
        page.locator("#tried dl").first.wait_for()
        found += findings(page)
    assert found == []
