"""axe-core finds nothing serious on any page, light and dark, on a desk and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.process.chatting import ask, open_chat, wait_for_end
from tests.process.served import ServedHome, browser_page

pytestmark = [pytest.mark.process, pytest.mark.browser]
PAGES = (
    "/prompts/",
    "/prompts/new/",
    "/trips/",
    "/rules/",
    "/budgets/",
    "/profiles/",
    "/profiles/new/",
    "/reports/",
    "/health/",
    "/settings/",
    "/teams/",
    "/people/",
    "/audit/",
    "/account/",
    "/account/second-factor/",
    "/chat/import/",
    "/runs/",
    "/runs/new/?plan=review-a-change",
    "/",
    "/chat/",
)
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def findings(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding(
    served: ServedHome, size: dict[str, int], scheme: str
) -> None:
    with browser_page(viewport=size, color_scheme=scheme, bypass_csp=True) as page:
        page.goto(f"{served.url}/sign-in/")
        found = findings(page)
        open_chat(page, served)
        found += findings(page)
        wait_for_end(ask(page, "Explain how a bicycle stays upright"))
        found += findings(page)
        page.get_by_role("button", name="Why?").click()
        page.locator("#drawer h2").wait_for()
        found += findings(page)
        page.keyboard.press("Escape")
        page.locator("#wishes summary").click()
        page.locator("[data-compare-toggle]").click()
        found += findings(page)
        page.keyboard.press("Control+k")
        page.locator("[role=option]").first.wait_for()
        found += findings(page)
        for address in PAGES:
            page.goto(f"{served.url}{address}")
            found += findings(page)
        page.goto(f"{served.url}/runs/new/?pattern=swarm")
        page.locator("#task").fill("Say what it is")
        page.locator("#items").fill("one\ntwo")
        page.get_by_role("button", name="Start with this cap").click()
        page.locator("[data-cell]").first.wait_for()
        found += findings(page)
        page.goto(f"{served.url}/trips/")
        page.locator("td a").first.click()
        page.locator("#legs-title").wait_for()
        found += findings(page)
    assert found == []
