"""Asking on the chat page, and what the books say of the answer."""

import httpx

from tests.faults import rows, swarms
from tests.faults.vendor import MODEL, PIECES, long_text
from tests.process.served import ServedHome

ANSWER = "SELECT answer FROM orchestrator_trippayload WHERE trip_id = {run}"


def ask(page: httpx.Client, text: str) -> str:
    """The id of the trip that answers."""
    answer = page.post("/chat/send/", data=form(page, text))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["added"].split('data-trip="')[1].split('"')[0])


def form(page: httpx.Client, text: str) -> dict[str, str]:
    return {"text": text, "gear": MODEL, "csrfmiddlewaretoken": swarms.token(page)}


def whole_answer(pieces: int = PIECES) -> str:
    return "".join(long_text(number) for number in range(1, pieces, 2))


def kept_answer(home: ServedHome) -> str:
    """Of the newest trip."""
    return str(rows.one(home, ANSWER))
