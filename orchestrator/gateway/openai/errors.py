"""Refusals in OpenAI's form."""

from typing import Any

from orchestrator.gateway import faults
from orchestrator.gateway.faults import Refused


def document(refused: Refused) -> dict[str, Any]:
    return {
        "error": {
            "message": refused.message,
            "type": refused.fault.openai,
            "param": refused.param,
            "code": faults.name_of(refused),
        }
    }
