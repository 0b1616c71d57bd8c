"""Opening provider calls: each has its row and its worst case held, or is refused by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from orchestrator.models import Leg, Provider, Reservation
from orchestrator.patterns.crew import LegRefused
from orchestrator.providers import registry
from orchestrator.providers.base import ProviderSpec, Timeouts
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Candidate
from orchestrator.services.driving import alerts, breakers, paces
from orchestrator.services.driving.legs.bookings import Opened, Opening, Paced, request_tokens
from orchestrator.services.money import ledger
from orchestrator.services.setup import fleet, options

# A hold outlives any attempt (10 minutes) and the lease that would renew it.
HOLD = timedelta(minutes=15)
Result = Opened | LegRefused | Paced


def open_many(openings: Sequence[Opening]) -> list[Result]:
    """One transaction; a refused call leaves nothing behind."""
    now = timezone.now()
    providers = Provider.objects.filter(
        name__in={each.candidate.gear.provider for each in openings}
    )
    for provider in providers:
        registry.load(provider.kind)  # here in a thread: a vendor's SDK takes seconds to import
    with transaction.atomic():
        counter = _Counter(openings, providers, now)
        results = [counter.look(opening) for opening in openings]
        admitted = [each for each in results if isinstance(each, _Admitted)]
        held = ledger.reserve_many([each.hold() for each in admitted], now)
        for admission, reservation in zip(admitted, held, strict=True):
            admission.held = reservation
        legs = [each.leg for each in admitted if isinstance(each.held, Reservation)]
        Leg.objects.bulk_create(legs)
        counter.close()
    return [_result(each) for each in results]


@dataclass(slots=True)
class _Admitted:
    """Past the breakers and the pace; the money decides."""

    opening: Opening
    leg: Leg
    opened: Opened
    held: Reservation | ledger.BudgetExhausted | None = None

    def hold(self) -> ledger.Hold:
        trip, leg = self.opening.trip, self.leg
        return ledger.Hold(
            leg_id=leg.pk,
            user_id=trip.user_id,
            team_id=trip.team_id,
            token_id=trip.token_id,
            provider=leg.provider,
            road=trip.road,
            profile=trip.profile_budget,
            amount_nano=self.opening.candidate.reserve_nano or 0,
            currency=leg.currency,
            expires_at=leg.started_at + HOLD,
        )


def _result(each: "_Admitted | LegRefused | Paced") -> Result:
    if not isinstance(each, _Admitted):
        return each
    if isinstance(each.held, ledger.BudgetExhausted):
        return LegRefused("budget", each.held.message, can_shift=True)
    return each.opened


@dataclass(slots=True)
class _Counter:
    """Looks at each call in turn; what is the same for several is asked once."""

    openings: Sequence[Opening]
    providers: Iterable[Provider]
    now: datetime
    _clear: set[str] = field(default_factory=set)
    _paces: paces.Paces = field(init=False)
    _before: Mapping[tuple[object, str], int] = field(init=False)
    _specs: Mapping[str, ProviderSpec] = field(init=False)

    def __post_init__(self) -> None:
        # Read for each call, so that a new key counts at once.
        self._specs = {each.name: fleet.keyed_spec(each) for each in self.providers}
        self._paces = paces.Paces(self.providers, self.now.timestamp())
        self._before = _tries_before(self.openings)

    def look(self, opening: Opening) -> "_Admitted | LegRefused | Paced":
        gear = opening.candidate.gear
        spec = self._specs[gear.provider]
        if opening.candidate.reserve_nano is None:
            return _unpriced(opening.candidate)
        wait_s = self._paces.admit(gear.provider, _tokens(opening))
        if wait_s > 0:
            return Paced(wait_s)
        if gear.name not in self._clear:
            try:
                breakers.admit(gear, spec, self.now)
            except LegRefused as refused:
                return refused
            self._clear.add(gear.name)
        request = fit(opening.request, opening.candidate)
        leg = self._leg(opening)
        opened = Opened(leg.pk, spec, request, timeouts_for(opening.candidate))
        return _Admitted(opening, leg, opened)

    def _leg(self, opening: Opening) -> Leg:
        gear, setting = opening.candidate.gear, opening.candidate.setting
        trip, path = opening.trip, opening.path
        return Leg(
            trip=trip,
            path=path,
            attempt=self._before.get((trip.pk, path), 0) + opening.attempt,
            gear=gear.name,
            level=gear.level,
            provider=gear.provider,
            model_id=gear.model_id,
            throttle=setting.throttle,
            setting=asdict(setting),
            started_at=self.now,
            currency="demo" if gear.is_demo else "usd",
            expected_output_tokens=alerts.expected_output_tokens(trip.road, gear.name),
            price_version=gear.prices.version if gear.prices else "",
        )

    def close(self) -> None:
        self._paces.keep()


def _tries_before(openings: Iterable[Opening]) -> dict[tuple[object, str], int]:
    """A trip that is driven again after a crash goes on counting its tries."""
    again = [opening for opening in openings if opening.trip.attempts > 1]
    if not again:
        return {}
    rows = (
        Leg.objects.filter(
            trip__in={opening.trip.pk for opening in again},
            path__in={opening.path for opening in again},
        )
        .order_by()
        .values_list("trip", "path")
        .annotate(count=Count("id"))
    )
    # This attempt counts from one again, so only what was tried before it is added.
    first = {(each.trip.pk, each.path): each.attempt for each in again}
    return {(trip, path): count - (first.get((trip, path), 1) - 1) for trip, path, count in rows}


def _unpriced(candidate: Candidate) -> LegRefused:
    name = candidate.gear.name
    return LegRefused(
        "price_unknown",
        f"The price of {name} is unknown, so its cost cannot be held.",
        f"Set one with: clutch gears price {name} INPUT OUTPUT",
        can_shift=True,
    )


def _tokens(opening: Opening) -> int:
    """What a call counts against a provider's tokens per minute, before it is known."""
    return request_tokens(opening.request) + opening.candidate.setting.max_output_tokens // 4


def fit(request: ModelRequest, candidate: Candidate) -> ModelRequest:
    """The call as this gear takes it."""
    setting = candidate.setting
    return replace(
        request,
        model_id=candidate.gear.model_id,
        max_output_tokens=setting.max_output_tokens,
        effort=setting.effort,
        budget_tokens=setting.budget_tokens,
        temperature=request.temperature if setting.temperature is not None else None,
        context_window=candidate.gear.context_window,
    )


def timeouts_for(candidate: Candidate) -> Timeouts:
    """Thinking models may take five times as long to their first token."""
    base = options.timeouts()
    thinks = candidate.setting.effort is not None or candidate.setting.budget_tokens is not None
    return replace(base, first_token_s=base.first_token_s * 5) if thinks else base
