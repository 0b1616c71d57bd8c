"""What a check hands back where something does not hold."""

from dataclasses import asdict, dataclass
from typing import Any

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Breach:
    invariant: str
    subject: str
    message: str

    def document(self) -> dict[str, Any]:
        return asdict(self)
