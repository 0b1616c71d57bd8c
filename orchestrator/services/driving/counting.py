"""How many tokens a request has, counted as decisions count them: an honest estimate."""

from orchestrator.routing import signals
from orchestrator.services.driving import planning
from orchestrator.services.driving.requests import TripRequest


def tokens(request: TripRequest) -> int:
    task = planning.task_of(request)
    return max(1, task.context_tokens + signals.count_tokens(task.text))
