"""Clutch Web: the engine and its faces. `from orchestrator import Driver` for scripts."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.driver import Driver

__all__ = ["Driver"]


def __getattr__(name: str) -> Any:
    if name == "Driver":
        from orchestrator.driver import Driver

        return Driver
    raise AttributeError(f"module 'orchestrator' has no attribute {name!r}")
