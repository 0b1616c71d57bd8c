"""What a drive brings back, or why it brought nothing."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Event = dict[str, Any]


class DriveFailed(Exception):
    """The task was not answered; `code` and `next_step` say why and what to do."""

    def __init__(self, code: str, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Answer:
    """What a drive brought back. `cost_nano` is whole nano-dollars, demo dollars if it says so."""

    text: str
    gear: str
    cost_nano: int
    currency: str
    usage: dict[str, int]
    seconds: float
    trip: str
    receipt: dict[str, Any]

    @property
    def cost_usd(self) -> Decimal:
        return Decimal(self.cost_nano) / 10**9


def answer_of(events: list[Event]) -> Answer:
    last = events[-1] if events else {}
    if last.get("kind") == "run_paused":
        next_step = f"Driver.resume({last['trip']!r}, cap=…)"
        raise DriveFailed(last["code"], f"Paused. {last['reason']}", next_step)
    if last.get("state") != "done":
        raise DriveFailed(
            last.get("error_code", ""), last.get("error", ""), last.get("next_step", "")
        )
    legs = [event for event in events if event["kind"] == "leg_finished"]
    return Answer(
        text=last["text"],
        gear=legs[-1]["gear"] if legs else "",  # the calls of a swarm are too many to be told
        cost_nano=last["cost_nano"],
        currency=last["currency"],
        usage=last["usage"],
        seconds=last["seconds"],
        trip=last["trip"],
        receipt=next(event["receipt"] for event in events if event["kind"] == "routed"),
    )
