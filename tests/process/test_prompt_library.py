"""The days of a prompt author in a real Chromium: every console error fails a test."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.process.chatting import open_chat, wait_for_end
from tests.process.served import ServedHome, browser_page

pytestmark = [pytest.mark.process, pytest.mark.browser]
TEXT = "Say hello to {{name}}, {{tone:warm|formal}}, on {{subject|bicycles}}.\n{{text:multiline}}"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def click(page: Page, name: str, role: str = "button") -> None:
    page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def write(page: Page, home: ServedHome, title: str, text: str = TEXT) -> str:
    """A new prompt; the address of its page."""
    page.goto(f"{home.url}/prompts/")
    click(page, "New prompt", "link")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Text", exact=True).fill(text)
    click(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    return page.url


def save(page: Page, text: str, note: str = "") -> None:
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_label("What changed").fill(note)
    click(page, "Save as a new version")


def choose_quick_gears(page: Page) -> None:
    """The stronger ones of the demo take their time."""
    for name in ("demo-1", "demo-2", "demo-3", "demo-5"):
        box = page.locator(f"input[name=gears][value={name}]")
        box.set_checked(name in ("demo-1", "demo-2"))


def test_a_prompt_is_written_changed_compared_and_rolled_back(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        page.goto(f"{served.url}/prompts/new/")
        page.get_by_label("Text", exact=True).fill(TEXT)
        preview = page.locator("#prompt-preview")
        expect(preview.get_by_label("tone")).to_have_value("warm")
        expect(preview.get_by_label("subject")).to_have_value("bicycles")
        expect(preview.locator("textarea")).to_have_count(1)
        write(page, served, "Greet a friend")
        save(page, TEXT.replace("Say", "Write"), "another verb")
        expect(page.get_by_role("heading", level=1)).to_contain_text("v2")
        page.locator("summary", has_text="Version 1").click()
        click(page, "Compare with the one in use", "link")
        expect(page.locator("del").first).to_contain_text("Say hello")
        expect(page.locator("ins").first).to_contain_text("Write hello")
        click(page, "Back to the prompt", "link")
        page.locator("summary", has_text="Version 1").click()
        click(page, "Roll back: its text as a new version")
        expect(page.get_by_role("heading", level=1)).to_contain_text("v3")
        expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)


def test_a_prompt_is_found_by_a_word_of_its_text(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        write(page, served, "Find me", "Something about Čajovňa")
        page.goto(f"{served.url}/prompts/")
        page.get_by_label("Search").fill("cajovna")
        rows = page.locator("#prompt-rows tbody tr")
        expect(rows).to_have_count(1)
        click(page, "Star Find me")
        expect(page.locator("#prompt-rows tbody tr").first).to_contain_text("Find me")
        page.get_by_label("Search").fill("zebra")
        expect(page.locator("#prompt-rows")).to_contain_text("No prompt contains “zebra”")


def test_a_slash_in_a_message_fills_a_prompt_by_keyboard_alone(served: ServedHome) -> None:
    with browser_page(("422",)) as page:
        open_chat(page, served)
        text = "Explain {{subject}} in {{words|50}} words"
        address = write(page, served, "Slash me", text)
        page.goto(f"{served.url}/chat/")
        page.locator("#composer-text").press("/")
        expect(page.locator("#palette-q")).to_be_focused()
        page.keyboard.type("slash")
        expect(page.locator("[role=option]").first).to_contain_text("Slash me")
        page.keyboard.press("Tab")
        form = page.locator("dialog form[data-fill]")
        expect(form.locator("input").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(form.get_by_role("alert")).to_have_text("Fill in “subject”.")
        page.keyboard.type("tides")
        page.keyboard.press("Enter")
        expect(page.locator("#composer-text")).to_have_value("Explain tides in 50 words")
        page.keyboard.press("Enter")
        wait_for_end(page.locator(".answer-turn"))
        badge = page.locator(".question .badge")
        expect(badge).to_have_text("/slash-me v1")
        badge.click()
        expect(page.locator(".prompt-text")).to_have_text(
            "Explain {{subject}} in {{words|50}} words"
        )
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_contain_text("used 1 ×")


def test_a_prompt_begins_a_chat_from_its_page(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        write(page, served, "From the page", "Explain {{subject}}")
        click(page, "Use", "link")
        page.get_by_label("subject").fill("rain")
        click(page, "Put it into a new chat")
        expect(page.locator("#composer-text")).to_have_value("Explain rain")
        expect(page.locator(".answer-turn")).to_have_count(0)


def test_two_windows_lose_nothing_of_each_other(served: ServedHome) -> None:
    with browser_page(("409",)) as page:
        open_chat(page, served)
        write(page, served, "Two windows", "First")
        other = page.context.new_page()
        other.goto(page.url)
        save(other, "Theirs", "from the other window")
        expect(other.get_by_role("heading", level=1)).to_contain_text("v2")
        save(page, "Mine")
        expect(page.get_by_role("alert")).to_contain_text("saved version 2 while you were writing")
        expect(page.locator("pre.prompt-text")).to_have_text("Theirs")
        expect(page.get_by_label("Text", exact=True)).to_have_value("Mine")
        click(page, "Save mine as the newest version")
        expect(page.get_by_role("heading", level=1)).to_contain_text("v3")
        expect(page.locator("summary", has_text="from the other window")).to_be_visible()


def test_a_test_drive_is_priced_driven_kept_and_driven_again(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        address = write(page, served, "Test me", "Explain {{subject}}")
        click(page, "Test drive", "link")
        page.get_by_label("subject").fill("tides")
        click(page, "Another input")
        page.get_by_label("subject").nth(1).fill("rain")
        choose_quick_gears(page)
        click(page, "Show the price")
        expect(page.locator("#price")).to_contain_text("4 calls · together ≈")
        page.locator("#price").get_by_role("button").click()
        status = page.locator("[role=status]").first
        expect(status).to_contain_text("All 4 done", timeout=60_000)
        expect(page.locator(".trial-answer")).to_have_count(4)
        click(page, "Keep as baseline")
        page.goto(address)
        save(page, "Explain {{subject}} to a child", "for children")
        click(page, "Test drive", "link")
        click(page, "Drive it again with version 2", "link")
        expect(page.get_by_label("subject").nth(1)).to_have_value("rain")
        click(page, "Show the price")
        page.locator("#price").get_by_role("button").click()
        expect(status).to_contain_text("All 4 done", timeout=60_000)
        expect(page.locator(".trial-answer")).to_have_count(8)
        expect(page.get_by_role("heading", name="Version 1, the baseline")).to_have_count(4)


def test_prompts_go_out_and_come_in(served: ServedHome, tmp_path: Path) -> None:
    with browser_page(("422",)) as page:
        open_chat(page, served)
        write(page, served, "Take me along", "Text of {{it}}")
        with page.expect_download() as one:
            click(page, "Export", "link")
        text = Path(one.value.path()).read_text()
        assert "name: take-me-along" in text
        file = tmp_path / "changed.md"
        file.write_text(text.replace("Text of", "New text of"))
        page.goto(f"{served.url}/prompts/import/")
        page.locator("input[type=file]").set_input_files(file)
        click(page, "Look into the file")
        expect(page.locator("tbody")).to_contain_text("changed")
        click(page, "Import 1 prompt")
        page.get_by_role("link", name="Take me along").first.click()
        expect(page.get_by_label("Text", exact=True)).to_have_value("New text of {{it}}")
        broken = tmp_path / "broken.zip"
        broken.write_bytes(b"PK\x03\x04")
        page.goto(f"{served.url}/prompts/import/")
        page.locator("input[type=file]").set_input_files(broken)
        click(page, "Look into the file")
        expect(page.locator(".errorlist")).to_contain_text("The ZIP is damaged")


def findings(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_library_has_a_serious_finding(
    served: ServedHome, size: dict[str, int], scheme: str
) -> None:
    shape = f"{scheme} {size['width']}"
    with browser_page(viewport=size, color_scheme=scheme, bypass_csp=True) as page:
        open_chat(page, served)
        address = write(page, served, f"Look at me {shape}", "Explain {{subject}}")
        save(page, "Explain {{subject}} and {{more:a|b}}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("v2")
        found = findings(page)
        for what in ("", "use/", "diff/1/2/", "versions/1/", "test-drive/"):
            page.goto(f"{address}{what}")
            found += findings(page)
        page.get_by_label("subject").fill("tides")
        choose_quick_gears(page)
        click(page, "Show the price")
        found += findings(page)
        page.locator("#price").get_by_role("button").click()
        expect(page.locator("[role=status]").first).to_contain_text("All 2 done", timeout=60_000)
        found += findings(page)
        for what in ("", "new/", "import/"):
            page.goto(f"{served.url}/prompts/{what}")
            found += findings(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found == []
