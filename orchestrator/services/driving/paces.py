"""The rates of providers, in one row each that all processes share."""

from collections.abc import Iterable
from dataclasses import asdict

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from orchestrator.models import Provider, ProviderPace
from orchestrator.routing import pacing
from orchestrator.routing.pacing import Limits, Pace

COLUMNS = ("requests_until_s", "tokens_until_s", "closed_until_s")


class Paces:
    """The paces of some providers, for one transaction. Only those with a limit have a row."""

    def __init__(self, providers: Iterable[Provider], now_s: float) -> None:
        self._now_s = now_s
        self._moved: set[str] = set()
        self._limits = {
            each.name: Limits(each.requests_per_minute, each.tokens_per_minute)
            for each in providers
        }
        limited = [name for name, limits in self._limits.items() if not limits.are_none]
        if limited:
            ProviderPace.objects.bulk_create(
                [ProviderPace(provider=name) for name in limited], ignore_conflicts=True
            )
        rows = ProviderPace.objects.filter(provider__in=list(self._limits)).order_by("pk")
        if limited:
            rows = rows.select_for_update(no_key=True)
        self._paces = {row[0]: Pace(*row[1:]) for row in rows.values_list("provider", *COLUMNS)}

    def admit(self, provider: str, tokens: int) -> float:
        """How long the call has to wait; 0 when it may leave, and then it is counted."""
        pace = self._paces.get(provider)
        if pace is None:
            return 0.0
        limits = self._limits.get(provider, Limits())
        passage = pacing.admit(pace, limits, tokens, self._now_s)
        if passage.pace != pace:
            self._paces[provider] = passage.pace
            self._moved.add(provider)
        return passage.wait_s

    def keep(self) -> None:
        for provider in sorted(self._moved):
            pace = asdict(self._paces[provider])
            ProviderPace.objects.filter(provider=provider).update(**pace)


def close(provider: str, retry_after_s: float) -> None:
    """The provider wants to be left alone for a while; every process keeps to it."""
    until_s = pacing.closed(Pace(), retry_after_s, timezone.now().timestamp()).closed_until_s
    ProviderPace.objects.get_or_create(provider=provider)
    ProviderPace.objects.filter(provider=provider).update(
        closed_until_s=Greatest(F("closed_until_s"), until_s)
    )
