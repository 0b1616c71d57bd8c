"""The administration: one file per subject."""

from orchestrator.admin import chat, fleet, health, learning, money, people, work

__all__ = ["chat", "fleet", "health", "learning", "money", "people", "work"]
