"""The retry budget of this process: at most a tenth of its calls may be second tries."""

import threading

from orchestrator.routing.clutch import RetryBudget

_lock = threading.Lock()
_budget = RetryBudget()


def earn() -> None:
    """A first try went out."""
    global _budget
    with _lock:
        _budget = _budget.earned()


def take() -> bool:
    global _budget
    with _lock:
        _budget, is_allowed = _budget.taken()
    return is_allowed
