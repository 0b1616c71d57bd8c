"""Refusals in Anthropic's form, with the statuses that its clients know."""

from typing import Any

from orchestrator.gateway.faults import Refused


def document(refused: Refused, request_id: str) -> dict[str, Any]:
    error = {"type": refused.fault.anthropic, "message": refused.message}
    return {"type": "error", "error": error, "request_id": request_id}


def status(refused: Refused) -> int:
    return refused.fault.anthropic_status or refused.fault.status
