"""Using the chat page as a person does."""

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.process.served import ServedHome

LONG = "/demo long 4000"


def open_chat(page: Page, home: ServedHome) -> None:
    """Signs in by a fresh link and waits until the page is alive."""
    page.goto(home.new_link())
    expect(page.locator("#composer-text")).to_be_visible()


def ask(page: Page, text: str) -> Locator:
    """Sends a message; the turn that will hold its answer."""
    known = page.locator(".answer-turn").count()
    page.locator("#composer-text").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    answer = page.locator(".answer-turn").nth(known)
    expect(answer).to_be_visible()
    return answer


def wait_for_text(answer: Locator) -> None:
    expect(answer.locator(".md")).to_contain_text("demo", timeout=20_000)


def wait_for_end(answer: Locator) -> None:
    expect(answer.locator(".turn-foot")).to_be_visible(timeout=30_000)


def chat_id(page: Page) -> str:
    page.wait_for_url("**/chat/*/")
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def send(reader: httpx.Client, home: ServedHome, text: str) -> str:
    """The same without a browser; the address of the trip it began."""
    page = reader.get("/chat/").text
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    asked = {"text": text, "csrfmiddlewaretoken": token}
    answer = reader.post("/chat/send/", data=asked, headers={"Origin": home.url})
    trip = answer.json()["added"].split('data-trip="')[1].split('"')[0]
    return f"/trips/{trip}/"
