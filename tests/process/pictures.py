"""Takes the pictures of the README: `python -m tests.process.pictures`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.process.chatting import ask, open_chat, wait_for_end
from tests.process.served import ROOT, ServedHome, browser_page

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 820}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = ServedHome(Path(folder))
        home.start()
        try:
            with browser_page(viewport=SIZE) as page:
                chat(page, home)
                dashboard(page, home)
        finally:
            home.stop()


def chat(page: Page, home: ServedHome) -> None:
    open_chat(page, home)
    wait_for_end(ask(page, "What is a mortgage?"))
    page.goto(f"{home.url}/chat/")
    wait_for_end(ask(page, "Fix the bug: the session cookie is lost after a redirect"))
    page.get_by_role("button", name="Why?").click()
    page.locator("#drawer h2").wait_for()
    page.locator("#composer-text").fill("Now write a test for it")
    page.locator("#chip strong").first.wait_for()
    page.screenshot(path=IMAGES / "chat.png")


def dashboard(page: Page, home: ServedHome) -> None:
    page.goto(f"{home.url}/")
    page.locator(".cluster").wait_for()
    page.screenshot(path=IMAGES / "dashboard.png")


if __name__ == "__main__":
    main()
