"""Where the clutch stands at one place: which candidate is next, and what was tried before."""

from dataclasses import dataclass, field

from orchestrator.patterns.crew import LegRefused
from orchestrator.providers.errors import ProviderError, Unreachable
from orchestrator.routing.types import Candidate


@dataclass(slots=True)
class Progress:
    candidates: tuple[Candidate, ...]
    index: int = 0
    attempts: int = 0
    attempts_on_gear: int = 0
    # A gear's name to why its tries failed, in the order of the tries.
    failures: dict[str, list[ProviderError | LegRefused]] = field(default_factory=dict)
    # Providers that nobody gets through to: their other gears are passed over.
    away: set[str] = field(default_factory=set)

    @property
    def candidate(self) -> Candidate:
        return self.candidates[self.index]

    @property
    def has_next(self) -> bool:
        return self._next() is not None

    def _next(self) -> int | None:
        later = range(self.index + 1, len(self.candidates))
        return next((i for i in later if self.candidates[i].gear.provider not in self.away), None)

    def begin(self) -> None:
        self.attempts += 1
        self.attempts_on_gear += 1

    def note(self, failure: ProviderError | LegRefused) -> None:
        gear = self.candidate.gear
        self.failures.setdefault(gear.name, []).append(failure)
        if isinstance(failure, Unreachable):
            self.away.add(gear.provider)

    def shift(self) -> tuple[str, str]:
        """The names of the gear that is left and of the one that takes over."""
        before = self.candidate.gear.name
        self.index = self._next() or self.index
        self.attempts_on_gear = 0
        return before, self.candidate.gear.name

    def account(self) -> str:
        """For whoever waited: which gears were tried, and why none of them answered."""
        told = [self._line(name) for name in self.failures]
        return told[0] if len(told) == 1 else " ".join(["No model could answer.", *told])

    def _line(self, gear: str) -> str:
        tries = self.failures[gear]
        message = tries[-1].message
        if len(self.failures) == 1:
            return message if len(tries) == 1 else f"{message} {gear} was tried {_times(tries)}."
        return f"{gear} was tried {_times(tries)}: {message}"

    @property
    def next_step(self) -> str:
        tries = [failure for failures in self.failures.values() for failure in failures]
        if not all(isinstance(failure, Unreachable) for failure in tries):
            return ""
        return "Check the network of this computer, then send it again. Nothing was spent."


def _times(tries: list[ProviderError | LegRefused]) -> str:
    return "once" if len(tries) == 1 else f"{len(tries)} times"
