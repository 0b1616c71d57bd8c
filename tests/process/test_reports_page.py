"""A team owner reads a report in a real browser, follows a figure, exports and shares it."""

import csv
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.process.served import ROOT, ServedHome, browser_page
from tests.process.test_accessibility import DESK, PHONE, findings

pytestmark = [pytest.mark.process, pytest.mark.browser]
PEOPLE = """
from orchestrator.models import Membership, Team, Trip, User
team = Team.objects.create(name="Kernel")
for name, role in (("boss", "owner"), ("mate", "member")):
    user = User.objects.create_user(name, password="correct horse battery")
    Membership.objects.create(user=user, team=team, role=role)
User.objects.create_user("eve", password="correct horse battery")
Trip.objects.update(user=User.objects.get(username="mate"), team=team, counted_at=None)
"""


@pytest.fixture(scope="module")
def team_home(served: ServedHome) -> ServedHome:
    """A team whose member has driven three trips."""
    for gear in ("demo-1", "demo-2", "demo-2"):
        served.clutch("run", "Explain recursion", "--gear", gear, check=True)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", PEOPLE],
        cwd=ROOT,
        env=served.environment,
        check=True,
        capture_output=True,
    )
    return served


def sign_in(page: Page, home: ServedHome, name: str) -> None:
    page.goto(f"{home.url}/sign-in/")
    if not page.get_by_label("Password").is_visible():
        page.locator("summary").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(f"{home.url}/chat/**")


def test_a_team_owner_reads_and_exports_a_report(team_home: ServedHome, tmp_path: Path) -> None:
    with browser_page(accept_downloads=True) as page:
        sign_in(page, team_home, "boss")
        page.goto(f"{team_home.url}/reports/?currency=demo")
        expect(page.locator(".figure").nth(1)).to_contain_text("3")
        expect(page.get_by_role("rowheader", name="mate")).to_be_visible()
        page.get_by_label("Group by").select_option("gear")
        page.get_by_role("button", name="Show", exact=True).click()
        row = page.get_by_role("row", name="demo-2")
        expect(row).to_be_visible()
        page.get_by_text("Show as table").click()
        expect(page.get_by_role("columnheader", name="Reasoning tokens")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV", exact=True).first.click()
        file = tmp_path / "report.csv"
        download.value.save_as(file)
        found = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
        assert [line["Trips"] for line in found] == ["2", "1", "3"]
        assert sum(Decimal(line["Cost in $"]) for line in found[:-1]) == Decimal(
            found[-1]["Cost in $"]
        )
        row.get_by_role("link", name="2 trips of demo-2").click()
        page.get_by_role("link", name="Receipt").first.click()
        expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
        assert "Explain recursion" not in page.content()


def test_a_link_opens_for_somebody_without_an_account(team_home: ServedHome) -> None:
    with browser_page() as page:
        sign_in(page, team_home, "boss")
        page.goto(f"{team_home.url}/reports/?currency=demo")
        page.get_by_label("Link for others, called").fill("For the board")
        page.get_by_role("button", name="Make a link").click()
        link = page.locator(".secret").inner_text()
    with browser_page() as page:
        page.goto(link)
        expect(page.get_by_role("heading", name="For the board")).to_be_visible()
        expect(page.get_by_role("rowheader", name="mate")).to_be_visible()
        assert findings(page) == []


def test_strangers_and_members_find_no_team_report(team_home: ServedHome) -> None:
    for name in ("eve", "mate"):
        with browser_page(tolerates=("404",)) as page:
            sign_in(page, team_home, name)
            for scope in ("team:1", "all"):
                answer = page.goto(f"{team_home.url}/reports/?scope={scope}")
                assert answer
                assert answer.status == 404


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_reports_have_no_serious_finding_and_no_sideways_scroll(
    team_home: ServedHome, size: dict[str, int], scheme: str
) -> None:
    options = {"viewport": size, "color_scheme": scheme, "bypass_csp": True}
    with browser_page(tolerates=("422",), **options) as page:
        sign_in(page, team_home, "boss")
        found = []
        for address in (
            "/reports/?currency=demo",
            "/reports/?period=nonsense",
            "/reports/trips/?currency=demo",
            "/trips/?scope=team:1",
            "/health/",
        ):
            page.goto(f"{team_home.url}{address}", wait_until="load")
            found += findings(page)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], address
        assert found == []
