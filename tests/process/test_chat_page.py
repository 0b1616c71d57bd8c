"""The chat in a real Chromium against a real server: every console error fails a test."""

import re
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.process.chatting import LONG, ask, chat_id, open_chat, wait_for_end, wait_for_text
from tests.process.served import ServedHome, browser_page

pytestmark = [pytest.mark.process, pytest.mark.browser]
PHONE = {"width": 390, "height": 844}


def png() -> bytes:
    """One red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\xff\x00\x00")
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_an_answer_streams_and_ends_as_markdown_with_its_cost(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        answer = ask(page, "Explain how a bicycle stays upright")
        expect(answer.locator("[data-closed] p").first).to_be_visible(timeout=20_000)
        # set apart as in the end, so that nothing jumps then
        expect(answer.locator("[data-closed] p").nth(1)).not_to_have_css("margin-top", "0px")
        expect(answer).to_have_attribute("aria-busy", "true")
        wait_for_end(page.locator(".answer-turn"))
        expect(page.locator(".answer-turn .badge")).to_have_text("Demo – canned answer")
        expect(page.locator(".figures")).to_contain_text("demo")
        expect(page.locator("figure.code figcaption")).to_contain_text("python")
        expect(page.locator("#announcer")).to_contain_text("canned demo answer")
        expect(page.locator("[data-gauge]")).to_contain_text("demo left")


def test_a_refresh_in_the_middle_loses_and_repeats_nothing(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        wait_for_text(ask(page, "/demo long 400"))
        page.reload()
        answer = page.locator(".answer-turn")
        wait_for_text(answer)
        wait_for_end(answer)
        shown = re.sub(r"\s+", "", answer.locator(".md").inner_text())
    kept = served.clutch_json("last")["answer"]
    assert shown == re.sub(r"[\s*#`]+", "", kept) or re.sub(r"\W+", "", shown) == re.sub(
        r"\W+", "", kept
    )


def test_lost_wi_fi_is_shown_and_made_up_for(served: ServedHome) -> None:
    with browser_page(tolerates=("ERR_INTERNET_DISCONNECTED", "WebSocket")) as page:
        open_chat(page, served)
        answer = ask(page, LONG)
        wait_for_text(answer)
        page.evaluate("import('/static/js/live.js').then(({ live }) => live.socket.close())")
        length = len(answer.inner_text())
        page.wait_for_function(
            "length => document.querySelector('.answer-turn').innerText.length > length + 200",
            arg=length,
        )
        words = answer.locator(".md").inner_text()
        page.keyboard.press("Escape")
        wait_for_end(answer)
        kept = answer.locator(".md").inner_text()
    assert re.sub(r"\W+", "", kept).startswith(re.sub(r"\W+", "", words)[:400])


def test_a_second_tab_shows_the_same_answer(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        wait_for_text(ask(page, LONG))
        chat = chat_id(page)
        second = page.context.new_page()
        second.goto(f"{served.url}/chat/{chat}/")
        wait_for_text(second.locator(".answer-turn"))
        second.locator("[data-stop]").click()
        for each in (page, second):
            expect(each.locator(".ending")).to_contain_text("Stopped.")


def test_escape_stops_and_says_what_is_free_again(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        answer = ask(page, LONG)
        wait_for_text(answer)
        page.keyboard.press("Escape")
        expect(answer.locator(".ending")).to_contain_text("is free again", timeout=3_000)
        expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def test_editing_forks_and_versions_switch(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        wait_for_end(ask(page, "What is a mortgage?"))
        page.locator("#composer-text").press("ArrowUp")
        expect(page.locator("#composer-text")).to_have_value("What is a mortgage?")
        page.locator("#composer-text").fill("What is a bond?")
        page.keyboard.press("Enter")
        expect(page.locator(".question .versions")).to_contain_text("2/2")
        wait_for_end(page.locator(".answer-turn"))
        page.get_by_role("button", name="Version before this").click()
        expect(page.locator(".question .said")).to_have_text("What is a mortgage?")
        page.get_by_role("button", name="Again", exact=True).click()
        page.get_by_role("button", name=re.compile("Gear up")).click()
        expect(page.locator(".answer-turn .versions")).to_contain_text("2/2")
        wait_for_end(page.locator(".answer-turn"))
        page.get_by_title("Branch to a new chat").click()
        expect(page.locator("#chat-title")).to_have_text("What is a mortgage? (branch)")


def test_the_chip_shows_the_route_and_a_pin_holds(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        box, chip = page.locator("#composer-text"), page.locator("#chip")
        box.fill("Fix the login bug")
        expect(chip).to_contain_text("Bug fix · highway → G3 demo-3")
        page.locator("#wishes summary").click()
        page.get_by_label("Gear · model").select_option("demo-5")
        expect(chip).to_contain_text("G5 demo-5")
        expect(chip).to_contain_text("chosen by hand")
        page.get_by_label("Keep for this chat").check()
        box.press("Enter")
        wait_for_end(page.locator(".answer-turn"))
        expect(page.locator(".answer-turn h2")).to_have_text("G5 · demo-5")
        page.reload()
        expect(page.locator("[data-pin-badge]")).to_be_visible()
        wait_for_end(ask(page, "And the logout bug?"))
        expect(page.locator(".answer-turn h2").last).to_have_text("G5 · demo-5")


def test_the_drawer_says_why_and_escape_returns_to_the_button(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        wait_for_end(ask(page, "What is a mortgage?"))
        page.get_by_role("button", name="Why?").click()
        drawer = page.locator("#drawer")
        expect(drawer).to_contain_text("Every model that was weighed")
        drawer.get_by_role("button", name="This was wrong").click()
        expect(drawer.locator("#said")).to_contain_text("Noted")
        page.keyboard.press("Escape")
        expect(drawer).to_be_hidden()
        expect(page.get_by_role("button", name="Why?")).to_be_focused()
        page.get_by_role("button", name="Good answer").click()
        expect(page.get_by_role("button", name="Good answer")).to_have_attribute(
            "aria-pressed", "true"
        )


def test_files_are_attached_by_button_and_paste(served: ServedHome, tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text("print('hello')\n")
    (tmp_path / "shot.png").write_bytes(png())
    with browser_page() as page:
        open_chat(page, served)
        field = page.locator("[data-file-input]")
        field.set_input_files([tmp_path / "notes.py", tmp_path / "shot.png"])
        chips = page.locator("[data-files] input[name=files]")
        expect(chips).to_have_count(2)
        expect(page.locator("#chip")).to_contain_text("G")
        page.evaluate(
            """() => {
              const data = new DataTransfer();
              data.setData("text/plain", "word ".repeat(1000));
              const paste = new ClipboardEvent("paste", {clipboardData: data, cancelable: true});
              document.getElementById("composer-text").dispatchEvent(paste);
            }"""
        )
        expect(chips).to_have_count(3)
        page.get_by_role("button", name="As text").click()
        expect(chips).to_have_count(2)
        expect(page.locator("#composer-text")).to_have_value(re.compile("word word"))
        page.locator("#composer-text").fill("What do these show?")
        page.keyboard.press("Enter")
        expect(page.locator(".question .files li")).to_have_count(2)
        wait_for_end(page.locator(".answer-turn"))


def test_a_dropped_file_that_cannot_be_read_says_why(served: ServedHome) -> None:
    with browser_page(tolerates=("422",)) as page:
        open_chat(page, served)
        page.evaluate(
            """() => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array([0, 1, 2, 255])], "program.exe"));
              const options = {dataTransfer: data, bubbles: true, cancelable: true};
              document.querySelector("main").dispatchEvent(new DragEvent("drop", options));
            }"""
        )
        expect(page.locator("[data-problem]")).to_contain_text(
            "neither a picture, a PDF nor plain text"
        )


def test_comparing_keeps_one_of_several(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        page.locator("[data-compare-toggle]").click()
        for name in ("demo-1", "demo-2"):
            page.locator(f"[data-compare] input[value={name}]").check()
        ask(page, "Compare cats and dogs")
        expect(page.locator(".rivals .turn")).to_have_count(2)
        expect(page.locator(".rivals .turn-foot")).to_have_count(2, timeout=30_000)
        page.get_by_role("button", name="Keep this one").first.click()
        expect(page.locator(".rivals")).to_have_count(0)
        expect(page.locator(".answer-turn h2")).to_have_text("G1 · demo-1")


def test_everything_goes_by_keyboard_alone(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        page.keyboard.press("Control+k")
        expect(page.locator("#palette-q")).to_be_focused()
        page.keyboard.type("dashb")
        expect(page.locator("[role=option]").first).to_contain_text("Dashboard")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{served.url}/")
        page.keyboard.press("Control+k")
        page.keyboard.type("new chat")
        expect(page.locator("[role=option]").first).to_contain_text("New chat")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{served.url}/chat/")
        page.locator("main").focus()
        page.keyboard.press("?")
        expect(page.locator("#shortcuts")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        expect(page.locator("#composer-text")).to_be_focused()
        page.keyboard.type("What is a mortgage?")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("In one line.")
        page.keyboard.press("Enter")
        wait_for_end(page.locator(".answer-turn"))
        expect(page.locator(".said")).to_have_text("What is a mortgage?\nIn one line.")


def test_an_enter_that_ends_a_composition_sends_nothing(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        page.locator("#composer-text").fill("日本")
        page.evaluate(
            """() => {
              const box = document.getElementById("composer-text");
              const enter = (more) => box.dispatchEvent(new KeyboardEvent("keydown",
                {key: "Enter", bubbles: true, cancelable: true, ...more}));
              enter({isComposing: true});
              enter({keyCode: 229});
              box.dispatchEvent(new CompositionEvent("compositionstart"));
              enter({});
            }"""
        )
        expect(page.locator("#composer-text")).to_have_value("日本")
        assert page.locator(".turn").count() == 0


def test_a_draft_outlives_the_page_and_the_server(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        page.locator("#composer-text").fill("a thought not yet sent")
        page.goto(f"{served.url}/")
        page.goto(f"{served.url}/chat/")
        expect(page.locator("#composer-text")).to_have_value("a thought not yet sent")


def test_a_stale_tab_is_told_and_may_branch(served: ServedHome) -> None:
    with browser_page(tolerates=("409",)) as page:
        open_chat(page, served)
        wait_for_end(ask(page, "What is a mortgage?"))
        second = page.context.new_page()
        second.goto(page.url)
        wait_for_end(ask(second, "And a bond?"))
        page.locator("#composer-text").fill("And a share?")
        page.keyboard.press("Enter")
        expect(page.locator("[data-problem]")).to_contain_text("another window")
        expect(page.locator("#composer-text")).to_have_value("And a share?")
        page.get_by_role("button", name="Send as a branch").click()
        expect(page.locator(".question .versions").last).to_contain_text("2/2")


def test_chats_are_found_renamed_and_deleted_with_undo(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        wait_for_end(ask(page, "Tell me about zebras"))
        page.get_by_role("searchbox").fill("zebr")
        expect(page.locator("#chat-list mark").first).to_be_visible()
        page.get_by_role("searchbox").fill("")
        page.locator("[data-chat-menu]").click()
        page.get_by_label("Title", exact=True).fill("Striped horses")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#chat-title")).to_have_text("Striped horses")
        expect(page).to_have_title(re.compile("Striped horses"))
        expect(page.locator("#chat-list")).to_contain_text("Striped horses")
        page.locator("[data-chat-menu]").click()
        page.get_by_role("button", name=re.compile("Delete")).click()
        expect(page.locator("#chat-list .undo")).to_contain_text("was deleted")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#chat-list")).to_contain_text("is back")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_phone_shows_one_column_and_reaches_everything(served: ServedHome) -> None:
    with browser_page(viewport=PHONE, has_touch=True) as page:
        open_chat(page, served)
        assert fits(page)
        answer = ask(page, "What is a mortgage?")
        wait_for_end(answer)
        assert fits(page)
        assert page.locator("#composer-text").bounding_box()["y"] < PHONE["height"]  # type: ignore[index]
        page.get_by_role("button", name="Chats and pages").click()
        expect(page.locator(".side")).to_be_visible()
        page.get_by_role("link", name="Dashboard").click()
        page.wait_for_url(f"{served.url}/")
        assert fits(page)


def test_dark_follows_the_system_and_the_switch(served: ServedHome) -> None:
    def background(page: Page) -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    with browser_page(color_scheme="dark") as page:
        open_chat(page, served)
        assert background(page) == "rgb(17, 20, 23)"
        page.locator("[data-theme-toggle]").click()
        assert background(page) == "rgb(251, 251, 249)"
        page.reload()
        assert background(page) == "rgb(251, 251, 249)"


def test_a_visitor_without_a_session_sees_nothing(served: ServedHome) -> None:
    with browser_page() as page:
        page.goto(served.url)
        expect(page).to_have_title(re.compile("Sign in"))
        assert page.locator("#chat-list").count() == 0


def test_a_slash_inserts_a_prompt_and_asks_for_its_places(served: ServedHome) -> None:
    with browser_page() as page:
        open_chat(page, served)
        page.goto(f"{served.url}/prompts/new/")
        page.get_by_label("Title", exact=True).fill("Explain to a child")
        written = "Explain {{subject}} to a {{reader:child|student}}."
        page.locator("#prompt-text").fill(written)
        page.get_by_role("button", name="Save").click()
        page.goto(f"{served.url}/chat/")
        page.locator("#composer-text").press("/")
        page.keyboard.type("child")
        expect(page.locator("[role=option]").first).to_contain_text("Explain to a child")
        page.keyboard.press("Enter")
        page.get_by_label("subject").fill("gravity")
        page.get_by_label("reader").select_option("student")
        page.get_by_role("button", name="Insert").click()
        expect(page.locator("#composer-text")).to_have_value("Explain gravity to a student.")
        expect(page.locator("#composer-text")).to_be_focused()
