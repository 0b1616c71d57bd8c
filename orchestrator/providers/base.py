"""What every adapter is given and what it must offer."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.providers.vocabulary import DiscoveredModel, ModelRequest, ProviderEvent


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds at each boundary of one attempt (the limits are the product's defaults)."""

    connect_s: float = 5.0
    first_token_s: float = 60.0
    idle_s: float = 45.0
    total_s: float = 600.0


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """How to reach one provider. The secret never shows in a repr, a log or an argument list."""

    name: str
    kind: str
    base_url: str = ""
    secret: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """An adapter. One instance serves all calls to its provider in this process.

    Closing the iterator of `stream` closes the vendor's stream. Every vendor failure leaves as a
    `ProviderError`. Adapters never retry and never apply first-token, idle or total timeouts
    themselves (`deadlines.guard` does), but they do pass the connect timeout on.
    """

    spec: ProviderSpec

    def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]: ...

    async def list_models(self) -> tuple[DiscoveredModel, ...]: ...

    async def check(self) -> None:
        """The cheapest authenticated call; returns when the key and the address work."""

    async def aclose(self) -> None: ...
