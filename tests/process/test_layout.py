"""What stands on a page can be seen on it, on a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.process.chatting import ask, open_chat, wait_for_end
from tests.process.served import ServedHome, browser_page

pytestmark = [pytest.mark.process, pytest.mark.browser]
LONG = "Tell the story of the tailor who counted every cent of every thread he ever bought. " * 3


def test_a_long_task_does_not_push_the_time_out_of_the_list(served: ServedHome) -> None:
    with browser_page(viewport={"width": 1024, "height": 700}) as page:
        open_chat(page, served)
        wait_for_end(ask(page, LONG))
        for address in ("/trips/", "/"):
            page.goto(f"{served.url}{address}")
            box = page.locator(".table-box").first
            assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
            expect(box.get_by_role("link", name="Tell the story")).to_be_visible()


@pytest.mark.parametrize("name", ["Dashboard", "Settings"])
def test_the_open_place_is_in_sight_on_a_phone(served: ServedHome, name: str) -> None:
    with browser_page(viewport={"width": 390, "height": 844}) as page:
        page.goto(served.new_link())
        page.goto(f"{served.url}/{'settings/' if name == 'Settings' else ''}")
        place = page.locator(".places").get_by_role("link", name=name)
        expect(place).to_be_in_viewport(ratio=0.9)
