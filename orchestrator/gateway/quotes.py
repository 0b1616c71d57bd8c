"""What a request would cost, before anything is sent."""

from typing import Any

from orchestrator.gateway.driving import Asked
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.gathered import dollars
from orchestrator.services.driving import planning, quotes
from orchestrator.services.driving.quotes import Undrivable
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.people.identity import Caller
from orchestrator.services.runs import orders


def document(caller: Caller, asked: Asked) -> dict[str, Any]:
    """Raises `Refused` where it cannot be driven."""
    try:
        return _single(caller, asked) if asked.order is None else _run(caller, asked.order)
    except Undrivable as refused:
        raise Refused(refused.code, str(refused)) from refused
    except RequestRefused as refused:
        raise Refused("invalid_request", str(refused)) from refused


def _run(caller: Caller, order: orders.Order) -> dict[str, Any]:
    quote = orders.quote(caller, order)
    one = quote.estimate
    return {
        "object": "clutch.quote",
        "pattern": quote.pattern,
        "line": quote.line,
        "calls": {"low": one.calls, "high": one.most_calls},
        "cost_usd": {"low": dollars(one.low_nano), "high": dollars(one.high_nano)},
        "currency": "demo" if quote.is_demo else "usd",
        "seconds": round(one.seconds, 1),
        "cap_usd": dollars(quote.cap_nano),
        "places": quotes.document(quote)["places"],
    }


def _single(caller: Caller, asked: Asked) -> dict[str, Any]:
    receipt = planning.preview(caller, planning.complete(caller, asked.request))
    if receipt["refused"]:
        raise Refused(receipt["code"], f"{receipt['message']} {receipt['next_step']}".strip())
    expected, held = receipt["estimated_cost_nano"] or 0, receipt["reserve_nano"] or 0
    return {
        "object": "clutch.quote",
        "pattern": receipt["pattern"],
        "line": receipt["line"],
        "calls": {"low": 1, "high": 1},
        "cost_usd": {"low": dollars(expected), "high": dollars(max(expected, held))},
        "currency": "demo" if receipt["is_demo"] else "usd",
        "seconds": round(receipt["estimated_seconds"], 1),
        "cap_usd": None,
        "places": [{"gear": receipt["gear"], "throttle": receipt["throttle"]}],
    }
