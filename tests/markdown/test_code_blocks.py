"""The buttons above code, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orchestrator.markdown.rendering import render
from tests.process.served import browser_page

pytestmark = [pytest.mark.process, pytest.mark.browser]

STATIC = Path(__file__).parents[2] / "static"
ANSWER = '```python\nx = "<b>"  # &amp;\n```\n\n```dockerfile\nFROM a\n```\n'
CLIPBOARD = "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
NO_CLIPBOARD = "() => { navigator.clipboard.writeText = async () => { throw new Error(); }; }"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with browser_page() as page:
        # a secure address without a server, as only such pages have a clipboard
        page.route("https://answers.test/", lambda route: route.fulfill(body="<html>"))
        yield page


@pytest.fixture
def page(browser: Page) -> Page:
    browser.goto("https://answers.test/")
    browser.clock.install()
    browser.evaluate("() => { document.body.innerHTML = '<div class=md></div>'; }")
    for sheet in ("tokens", "base", "components", "markdown"):
        browser.add_style_tag(content=(STATIC / f"css/{sheet}.css").read_text())
    browser.add_script_tag(content=(STATIC / "js/code_blocks.js").read_text(), type="module")
    # answers arrive after the script
    browser.locator(".md").evaluate("(box, html) => box.innerHTML = html", render(ANSWER))
    return browser


def test_copy_takes_the_code_as_it_was_written_and_says_so(page: Page) -> None:
    page.evaluate(CLIPBOARD)
    button = page.locator("[data-code=copy]").first
    button.click()
    expect(button).to_have_text("Copied")
    assert page.evaluate("window.copied") == 'x = "<b>"  # &amp;\n'
    page.clock.fast_forward(1_600)
    expect(button).to_have_text("Copy")


def test_a_refused_clipboard_is_told(page: Page) -> None:
    page.evaluate(NO_CLIPBOARD)
    button = page.locator("[data-code=copy]").first
    button.click()
    expect(button).to_have_text("Not copied")


def test_wrap_is_a_switch(page: Page) -> None:
    button, figure = page.locator("[data-code=wrap]").first, page.locator("figure").first
    for is_on in (True, False):
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true" if is_on else "false")
        expect(figure.locator("pre")).to_have_css("white-space", "pre-wrap" if is_on else "pre")


@pytest.mark.parametrize(("number", "name"), [(0, "code.py"), (1, "Dockerfile")])
def test_download_names_the_file_by_its_language(page: Page, number: int, name: str) -> None:
    with page.expect_download() as download:
        page.locator("[data-code=download]").nth(number).click()
    assert download.value.suggested_filename == name
    assert download.value.path().read_text() == page.locator("pre").nth(number).text_content()
