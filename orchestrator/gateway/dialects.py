"""What every dialect has to say in its own words."""

from typing import Any, Protocol

from orchestrator.gateway.driving import Asked
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.fields import Fields
from orchestrator.gateway.gathered import Gathered
from orchestrator.gateway.http import Exchange
from orchestrator.patterns.events import Event
from orchestrator.services.people.identity import Caller


class Stream(Protocol):
    """One streamed answer, event by event; empty bytes where there is nothing to tell."""

    def begin(self) -> bytes: ...

    def tell(self, event: Event) -> bytes: ...

    def quiet(self) -> bytes:
        """Says that the answer is still coming."""

    def end(self) -> bytes: ...

    def fail(self, refused: Refused) -> bytes: ...


class Dialect(Protocol):
    def asked(self, caller: Caller, body: Fields, exchange: Exchange) -> Asked:
        """Reads a request, with the database. Raises `Refused`."""

    def whole(self, asked: Asked, gathered: Gathered) -> dict[str, Any]: ...

    def stream(self, asked: Asked, gathered: Gathered) -> Stream: ...

    def status(self, refused: Refused) -> int: ...

    def refusal(self, refused: Refused, request_id: str) -> dict[str, Any]: ...

    def cut(self, refused: Refused, request_id: str) -> bytes:
        """The same in the middle of a stream."""
