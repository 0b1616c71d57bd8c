"""The list of models in OpenAI's form."""

from collections.abc import Sequence
from typing import Any

from orchestrator.gateway.listing import Model


def listed(models: Sequence[Model]) -> dict[str, Any]:
    return {"object": "list", "data": [one(model) for model in models]}


def one(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": int(model.created_at.timestamp()),
        "owned_by": model.owner,
        "name": model.title,
    }
