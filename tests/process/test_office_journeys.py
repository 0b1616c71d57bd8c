"""The days of a team's owner in a real Chromium: every console error fails a test."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.process.chatting import ask, open_chat, wait_for_end
from tests.process.served import ServedHome, browser_page
from tests.process.test_accessibility import DESK, findings

pytestmark = [pytest.mark.process, pytest.mark.browser]
PASSWORD = "correct horse battery"
NANO = 10**9
START = """
[[profiles]]
name = "start"
team = "Climbers"
allowed_gears = ["demo-1", "demo-2"]
default_for_teams = ["Climbers"]
"""


def click(page: Page, name: str, role: str = "button") -> None:
    page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


@contextmanager
def another_browser(page: Page) -> Iterator[Page]:
    """Of another person, who is signed in nowhere."""
    assert page.context.browser is not None
    context = page.context.browser.new_context(viewport=DESK)
    yield context.new_page()
    context.close()


def invited(home: ServedHome, page: Page, team: str, name: str) -> None:
    page.goto(home.clutch_json("team", "invite", team)["url"])
    page.get_by_label("Name to sign in with").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    click(page, "Make the account and join")
    expect(page.get_by_text(f"Welcome to the team {team}")).to_be_visible()


def budget_of_demo_day(home: ServedHome) -> dict[str, Any]:
    rows = home.clutch_json("budget", "list")
    found = (each for each in rows if each["currency"] == "demo" and each["period"] == "day")
    return next(each for each in found if each["scope"] == "global")


@pytest.mark.parametrize(("percent", "limit_share"), [(60, 65), (80, 85), (95, 97)])
def test_an_alert_is_told_and_more_is_granted_from_it(
    home: ServedHome, percent: int, limit_share: int
) -> None:
    home.start()
    with browser_page(viewport=DESK) as page:
        open_chat(page, home)
        wait_for_end(ask(page, "Say hello"))
        spent = budget_of_demo_day(home)["spent_nano"]
        limit = spent * 100 // limit_share
        home.clutch("budget", "set", f"{limit / NANO:.9f}", "--demo", check=True)
        home.clutch("budget", "alerts", check=True)
        page.goto(f"{home.url}/budgets/")
        told = (
            page.locator("[aria-labelledby=alerts-title] li").filter(has_text=f"{percent} %").first
        )
        expect(told).to_contain_text("demo dollars")
        assert findings(page) == []
        told.get_by_label("Grant more, in dollars").fill("3")
        click(page, "Grant")
        expect(page.get_by_text("$3.00 granted").first).to_be_visible()
        expect(
            page.locator("[aria-labelledby=alerts-title] li").filter(has_text=f"{percent} %")
        ).to_have_count(0)
        wait_for_end(ask_again(page, home))
    assert budget_of_demo_day(home)["zone"] == "green"


def ask_again(page: Page, home: ServedHome) -> Any:
    page.goto(f"{home.url}/chat/")
    return ask(page, "Say hello again")


def set_budget(page: Page, home: ServedHome, person: str, dollars: str) -> None:
    page.goto(f"{home.url}/budgets/")
    page.get_by_label("Whose").select_option(label=person)
    page.get_by_label("Limit in dollars").fill(dollars)
    click(page, "Set this budget")
    page.wait_for_url(re.compile(r"/budgets/\d+/"))


def test_money_is_lent_inside_a_team_and_given_back(served: ServedHome) -> None:
    served.clutch("team", "create", "Lenders", check=True)
    with browser_page(viewport=DESK) as page:
        page.goto(served.new_link())
        for name in ("lena", "bert"):
            with another_browser(page) as other:
                invited(served, other, "Lenders", name)
            set_budget(page, served, name, "4")
        page.goto(f"{served.url}/budgets/")
        click(page, "lena per day", "link")
        page.get_by_label("To", exact=True).select_option(label="bert")
        form = page.locator("section", has_text="Lend inside the team")
        form.get_by_label("Dollars").fill("1.50")
        form.get_by_label("Why").fill("the report is due")
        click(page, "Lend")
        page.goto(f"{served.url}/budgets/")
        loan = page.locator("section", has_text="Lent for now").get_by_role("row").nth(1)
        expect(loan).to_contain_text("the report is due")
        assert findings(page) == []
        loan.get_by_label("Dollars").fill("0.50")
        click(page, "Give back")
        expect(page.get_by_role("row").filter(has_text="the report is due")).to_contain_text(
            "$1.00"
        )
        click(page, "bert per day", "link")
        log = page.locator("section", has_text="What was changed")
        for kind in ("set", "borrowed", "returned"):
            expect(log.get_by_role("cell", name=kind, exact=True)).to_be_visible()
        expect(log.get_by_role("row").filter(has_text="borrowed")).to_contain_text("$1.50")
        expect(page.locator("#now-title ~ p")).to_contain_text("left of $5.00")


def test_a_member_is_invited_looked_at_and_deactivated(served: ServedHome) -> None:
    served.clutch("team", "create", "Climbers", check=True)
    file = served.folder / "start.toml"
    file.write_text(START)
    served.clutch("config", "import", str(file), "--yes", check=True)
    with (
        browser_page(("404",), viewport=DESK) as page,
        another_browser(page) as other,
    ):
        page.goto(served.new_link())
        other.goto(_link_from_the_page(page, served))
        expect(other.get_by_text("You will have 2 models")).to_be_visible()
        other.get_by_label("Name to sign in with").fill("mila")
        other.get_by_label("Password").fill(PASSWORD)
        click(other, "Make the account and join")
        other.goto(f"{served.url}/chat/")
        offered = other.locator("#wish-gear option").all_text_contents()
        assert [text[:2] for text in offered] == ["Ch", "G1", "G2"]
        wait_for_end(ask(other, "Say hello"))

        page.get_by_role("button", name="View as this role").click()
        page.wait_for_url("**/chat/")
        assert page.locator("#wish-gear option").count() == 3
        page.goto(f"{served.url}/people/")
        expect(page.get_by_role("button", name="Deactivate mila")).to_have_count(0)
        page.goto(f"{served.url}/chat/")
        page.get_by_role("button", name="End viewing").click()

        page.goto(f"{served.url}/people/")
        page.get_by_role("button", name="Deactivate mila").click()
        expect(page.get_by_role("row").filter(has_text="mila")).to_contain_text("deactivated")
        other.goto(f"{served.url}/trips/")
        other.wait_for_url("**/sign-in/**")
        other.get_by_label("Name").fill("mila")
        other.get_by_label("Password").fill(PASSWORD)
        click(other, "Sign in")
        expect(other.get_by_text("do not fit")).to_be_visible()
        page.goto(f"{served.url}/audit/")
        expect(page.get_by_role("row").filter(has_text="mila").first).to_be_visible()


def _link_from_the_page(page: Page, home: ServedHome) -> str:
    team = next(each for each in home.clutch_json("team", "list") if each["name"] == "Climbers")
    page.goto(f"{home.url}/teams/{team['id']}/")
    page.get_by_role("button", name="Make the link").click()
    return page.locator("code.secret").inner_text()
