"""Options as one table of names and values."""

from dataclasses import dataclass
from typing import Any

from orchestrator.services.setup import options
from orchestrator.services.setup.options import UnknownOption
from orchestrator.services.setup.sections.base import Changes, Entry


@dataclass(frozen=True, slots=True)
class OptionSection:
    name: str = "options"
    is_table: bool = True

    def export(self) -> dict[str, Any]:
        return options.everything()

    def apply(self, entry: Entry, changes: Changes) -> None:
        for name, value in entry.items():
            try:
                after = options.check(name, value)
            except UnknownOption as unknown:
                raise ValueError(str(unknown)) from None
            if changes.note(f"options {name}", {name: options.get(name)}, {name: after}):
                options.put(name, value)


OPTIONS = OptionSection()
