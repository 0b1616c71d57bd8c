"""The list of models in Anthropic's form; it is always one page."""

from collections.abc import Sequence
from typing import Any

from orchestrator.gateway.listing import Model


def listed(models: Sequence[Model]) -> dict[str, Any]:
    return {
        "data": [one(model) for model in models],
        "has_more": False,
        "first_id": models[0].id if models else None,
        "last_id": models[-1].id if models else None,
    }


def one(model: Model) -> dict[str, Any]:
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.title,
        "created_at": model.created_at.isoformat(),
    }
