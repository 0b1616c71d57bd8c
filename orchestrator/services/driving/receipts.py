"""The receipt of a decision as it is kept, shown, sent and reported: always this one document."""

from typing import Any

from orchestrator.routing import receipt
from orchestrator.routing.types import Plan, Refusal


def receipt_document(decision: Plan | Refusal) -> dict[str, Any]:
    return receipt.document(decision)
