"""A newcomer joins, protects the account and signs in again; the owner looks as a member does."""

import pyotp
import pytest
from playwright.sync_api import expect

from tests.process.served import ServedHome, browser_page
from tests.process.test_accessibility import DESK, PHONE, findings

pytestmark = [pytest.mark.process, pytest.mark.browser]
PASSWORD = "correct horse battery"


def test_a_newcomer_joins_and_signs_in_with_a_code(served: ServedHome) -> None:
    """Under the real policy for scripts and styles, whose every breach is a console error."""
    served.clutch("team", "create", "Walkers", check=True)
    link = served.clutch_json("team", "invite", "Walkers")["url"]
    with browser_page(viewport=DESK) as page:
        page.goto(link)
        page.get_by_label("Name to sign in with").fill("nora")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Make the account and join").click()
        expect(page.get_by_text("Welcome to the team Walkers")).to_be_visible()
        page.goto(f"{served.url}/account/second-factor/")
        box = page.locator("svg.qr").bounding_box()
        assert box is not None
        assert box["width"] == box["height"] > 200
        secret = page.locator("code.secret").inner_text().replace(" ", "")
        page.get_by_label("2. The six digits").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Turn on").click()
        code = page.locator(".codes li").first.inner_text()
        page.goto(f"{served.url}/account/")
        page.get_by_role("button", name="Sign out here").click()
        page.get_by_label("Name").fill("nora")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Six digits").fill(code)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/chat/")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_viewing_as_a_member_leaves_every_page_usable(
    served: ServedHome, size: dict[str, int], scheme: str
) -> None:
    served.clutch("team", "create", "Lookers")
    team = next(t for t in served.clutch_json("team", "list") if t["name"] == "Lookers")
    with browser_page(viewport=size, color_scheme=scheme, bypass_csp=True) as page:
        page.goto(served.new_link())
        page.goto(f"{served.url}/teams/{team['id']}/")
        page.get_by_role("button", name="Make the link").click()
        page.locator("code.secret").wait_for()
        found = findings(page)
        page.get_by_role("button", name="View as this role").click()
        page.wait_for_url("**/chat/")
        box = page.locator("#composer, .composer").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"]
        found += findings(page)
        page.get_by_role("button", name="End viewing").click()
        page.wait_for_url("**/teams/")
        found += findings(page)
    assert found == []
