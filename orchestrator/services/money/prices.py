"""Prices from the installed catalogue or typed by a person, as a gear keeps them.

The catalogue ships with its package. Importing it takes 0.8 s, so that is done only when asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from orchestrator.routing.types import Prices, Rates
from orchestrator.services.money.budgets import parse_usd

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

NANO = 10**9
STALE_AFTER = timedelta(days=45)
MAX_RATE_NANO = 10**15
CATALOGUE = "genai-prices"
# Where a provider's own address is used. Other addresses are found by their URL alone: a model's
# name says nothing about what a third party charges for it.
HOMES = {"anthropic": "anthropic", "google": "google", "openai": "openai"}
# Our rates and the catalogue's columns that must not exceed them. A charge per request cannot be
# told in tokens; a model that has one counts as unknown, because leaving it out would understate.
COLUMNS = {
    "input": ("input_mtok",),
    "output": ("output_mtok", "output_reasoning_mtok"),
    "cached_input": ("cache_read_mtok",),
    "cache_write": ("cache_write_mtok",),
}


class InvalidPrices(ValueError):
    """A document that does not hold prices."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the catalogue knows of a model. Unknown parts are None, never zero."""

    prices: Prices | None
    context_window: int | None
    is_deprecated: bool = False


def lookup(
    provider_kind: str, base_url: str, model_id: str, now: datetime | None = None
) -> Prices | None:
    found = listing(provider_kind, base_url, model_id, now)
    return found.prices if found else None


def listing(
    provider_kind: str, base_url: str, model_id: str, now: datetime | None = None
) -> Listing | None:
    """None when the catalogue does not know the model at this provider."""
    if provider_kind not in HOMES:
        return None
    from genai_prices import data_snapshot

    home = None if base_url else HOMES[provider_kind]
    try:
        _, model = data_snapshot.get_snapshot().find_provider_model(
            model_id, None, home, base_url or None
        )
    except LookupError:
        return None
    return Listing(
        prices=prices_of(model, now or timezone.now()),
        context_window=model.context_window,
        is_deprecated=bool(model.deprecated),
    )


def prices_of(model: "ModelInfo", now: datetime) -> Prices | None:
    """The dearest price of this day: a night's discount must not be promised to the whole day."""
    lists = [model.get_prices(moment) for moment in _half_hours(now)]
    if not all(_is_told_in_tokens(each) for each in lists):
        return None
    thresholds = sorted({tokens for each in lists for tokens in _thresholds(each)})
    return Prices(
        base=_dearest(lists, tokens=0),
        above=tuple((tokens, _dearest(lists, tokens + 1)) for tokens in thresholds),
        version=f"{CATALOGUE} {version('genai-prices')} {now.astimezone(UTC):%Y-%m-%d}",
    )


def _half_hours(now: datetime) -> list[datetime]:
    """All of the catalogue's changes within a day fall on these."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [midnight + timedelta(minutes=30 * count) for count in range(48)]


def _is_told_in_tokens(price: "ModelPrice") -> bool:
    has_both = price.input_mtok is not None and price.output_mtok is not None
    return has_both and price.requests_kcount is None


def _thresholds(price: "ModelPrice") -> list[int]:
    values = (getattr(price, name) for names in COLUMNS.values() for name in names)
    return [tier.start for value in values for tier in getattr(value, "tiers", ())]


def _dearest(lists: Sequence["ModelPrice"], tokens: int) -> Rates:
    """The rates for a prompt of that many tokens, each the highest of all lists."""
    return Rates(
        **{
            rate: max(_nano(each, names, tokens) for each in lists)
            for rate, names in COLUMNS.items()
        }
    )


def _nano(price: "ModelPrice", names: Sequence[str], tokens: int) -> int:
    """Without a price of its own, a cached token costs what any other input token does."""
    known = [value for name in names if (value := getattr(price, name)) is not None]
    amounts = [_at(value, tokens) for value in known or [price.input_mtok]]
    return int((max(amounts) * NANO).to_integral_value(ROUND_CEILING))


def _at(value: "Decimal | TieredPrices", tokens: int) -> Decimal:
    if isinstance(value, Decimal):
        return value
    reached = [tier.price for tier in value.tiers if tokens > tier.start]
    return reached[-1] if reached else value.base


@dataclass(frozen=True, slots=True)
class PerMillion:
    """What a person typed: dollars per million tokens. Cached input defaults to input."""

    input_usd: str
    output_usd: str
    cached_input_usd: str = ""
    cache_write_usd: str = ""


def manual(typed: PerMillion, now: datetime | None = None) -> Prices:
    """Raises `InvalidAmount` with a sentence for the person."""
    rates = Rates(
        input=parse_usd(typed.input_usd),
        output=parse_usd(typed.output_usd),
        cached_input=parse_usd(typed.cached_input_usd or typed.input_usd),
        cache_write=parse_usd(typed.cache_write_usd or typed.input_usd),
    )
    return Prices(rates, version=f"manual {(now or timezone.now()).astimezone(UTC):%Y-%m-%d}")


def age(prices: Prices, now: datetime) -> timedelta | None:
    """Since the day they were looked up or typed; None for prices that do not age, such as free."""
    try:
        checked = date.fromisoformat(prices.version.rpartition(" ")[2])
    except ValueError:
        return None
    return timedelta(days=(now.astimezone(UTC).date() - checked).days)


def is_current(prices: Prices | None, now: datetime) -> bool:
    """Prices that are missing or have not been looked up for long are shown as unknown."""
    if prices is None:
        return False
    days = age(prices, now)
    return days is None or days <= STALE_AFTER


def to_document(prices: Prices | None) -> dict[str, Any] | None:
    return None if prices is None else asdict(prices)


def from_document(document: Mapping[str, Any] | None) -> Prices | None:
    """Read a gear's JSON; raises `InvalidPrices` where it says something else than prices."""
    if document is None:
        return None
    try:
        above = [(_whole(tokens), _rates(rates)) for tokens, rates in document.get("above", ())]
        base = _rates(document["base"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidPrices(
            "Prices must be {base, above, version} in whole nano-dollars per million tokens."
        ) from error
    return Prices(
        base, tuple(sorted(above, key=lambda tier: tier[0])), str(document.get("version", ""))
    )


def _rates(document: Mapping[str, Any]) -> Rates:
    return Rates(**{name: _whole(value) for name, value in document.items()})


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_RATE_NANO:
        raise ValueError(value)
    return value
