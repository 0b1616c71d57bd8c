"""Prices: from the catalogue, typed by a person, kept as JSON, never guessed and never zero."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing.types import FREE, Prices, Rates
from orchestrator.services.money import prices
from orchestrator.services.money.budgets import InvalidAmount
from orchestrator.services.money.prices import InvalidPrices, PerMillion
from tests.services.drivers import NOW

RATES = st.builds(Rates, *[st.integers(0, 10**12)] * 4)


def model(*listed: Any) -> ModelInfo:
    found = listed[0] if len(listed) == 1 else list(listed)
    return ModelInfo(id="m", match=ClauseEquals(equals="m"), prices=found)


def price(**usd: Any) -> ModelPrice:
    return ModelPrice(
        **{
            name: value if isinstance(value, TieredPrices) else Decimal(value)
            for name, value in usd.items()
        }
    )


def tiers(base: str, *above: tuple[int, str]) -> TieredPrices:
    return TieredPrices(Decimal(base), [Tier(start, Decimal(value)) for start, value in above])


def test_the_catalogue_knows_the_models_of_a_vendor() -> None:
    found = prices.listing("anthropic", "", "claude-haiku-4-5", NOW)
    assert found is not None
    assert found.context_window == 200_000
    assert found.prices is not None
    assert found.prices.base == Rates(10**9, 5 * 10**9, 10**8, 1_250_000_000)
    assert found.prices.version.startswith("genai-prices ")
    assert found.prices.version.endswith(" 2026-11-20")


def test_long_prompts_have_their_dearer_rates() -> None:
    found = prices.lookup("google", "", "gemini-2.5-pro", NOW)
    assert found is not None
    [(threshold, dearer)] = found.above
    assert threshold == 200_000
    assert dearer.input > found.base.input
    assert dearer.output > found.base.output


def test_an_address_decides_not_the_kind_of_its_interface() -> None:
    groq = prices.lookup("openai", "https://api.deepseek.com/v1", "deepseek-chat", NOW)
    assert groq is not None
    assert prices.lookup("openai", "", "gpt-5", NOW) is not None


@pytest.mark.parametrize(
    ("kind", "base_url", "model_id"),
    [
        ("openai", "http://127.0.0.1:1234/v1", "gpt-5"),
        ("anthropic", "https://proxy.example.com", "claude-haiku-4-5"),
        ("openai", "", "a-model-nobody-made"),
        ("ollama", "", "qwen3:4b"),
        ("demo", "", "demo-1"),
        ("claude-cli", "", "claude-haiku-4-5"),
    ],
)
def test_what_the_catalogue_cannot_know_is_unknown(kind: str, base_url: str, model_id: str) -> None:
    assert prices.lookup(kind, base_url, model_id, NOW) is None


def test_a_charge_for_each_request_makes_a_price_unknown() -> None:
    found = prices.listing("openai", "https://api.perplexity.ai", "sonar-pro", NOW)
    assert found is not None
    assert found.prices is None


@pytest.mark.parametrize("missing", ["input_mtok", "output_mtok"])
def test_half_a_price_is_unknown(missing: str) -> None:
    known = {"input_mtok": "1", "output_mtok": "2"}
    del known[missing]
    assert prices.prices_of(model(price(**known)), NOW) is None


def test_a_cached_token_without_price_costs_what_others_do() -> None:
    found = prices.prices_of(model(price(input_mtok="1", output_mtok="2")), NOW)
    assert found is not None
    assert found.base == Rates(10**9, 2 * 10**9, 10**9, 10**9)


def test_thresholds_of_all_columns_are_kept_in_order() -> None:
    listed = price(
        input_mtok=tiers("1", (500, "3"), (100, "2")), output_mtok=tiers("5", (200, "9"))
    )
    found = prices.prices_of(model(listed), NOW)
    assert found is not None
    assert [(start, each.input, each.output) for start, each in found.above] == [
        (100, 2 * 10**9, 5 * 10**9),
        (200, 2 * 10**9, 9 * 10**9),
        (500, 3 * 10**9, 9 * 10**9),
    ]


def test_the_dearest_hour_of_the_day_counts() -> None:
    night = TimeOfDateConstraint(time(16, 30, tzinfo=UTC), time(0, 30, tzinfo=UTC))
    found = prices.prices_of(
        model(
            ConditionalPrice(prices=price(input_mtok="2", output_mtok="4")),
            ConditionalPrice(night, prices=price(input_mtok="1", output_mtok="5")),
        ),
        NOW,
    )
    assert found is not None
    assert (found.base.input, found.base.output) == (2 * 10**9, 5 * 10**9)


@pytest.mark.parametrize(("day", "usd"), [(19, 3), (20, 4)])
def test_a_new_price_counts_from_its_day(day: int, usd: int) -> None:
    found = prices.prices_of(
        model(
            ConditionalPrice(prices=price(input_mtok="3", output_mtok="9")),
            ConditionalPrice(
                StartDateConstraint(date(2026, 11, 20)),
                prices=price(input_mtok="4", output_mtok="9"),
            ),
        ),
        datetime(2026, 11, day, 23, tzinfo=UTC),
    )
    assert found is not None
    assert found.base.input == usd * 10**9


def test_fractions_of_a_nano_dollar_are_rounded_up() -> None:
    found = prices.prices_of(model(price(input_mtok="0.0000000001", output_mtok="1")), NOW)
    assert found is not None
    assert found.base.input == 1


def test_a_person_types_dollars_per_million() -> None:
    typed = prices.manual(PerMillion("0.25", "1.5", cached_input_usd="0.025"), NOW)
    assert typed.base == Rates(250_000_000, 1_500_000_000, 25_000_000, 250_000_000)
    assert typed.version == "manual 2026-11-20"


def test_a_typed_price_that_is_no_amount_is_refused() -> None:
    with pytest.raises(InvalidAmount):
        prices.manual(PerMillion("cheap", "1"), NOW)


@pytest.mark.parametrize(
    ("known", "days", "is_current"),
    [
        (None, 0, False),
        (FREE, 1000, True),
        (Prices(FREE.base, version="genai-prices 0.2.3 2026-11-20"), 45, True),
        (Prices(FREE.base, version="genai-prices 0.2.3 2026-11-20"), 46, False),
        (Prices(FREE.base, version="manual 2026-11-20"), 46, False),
    ],
)
def test_missing_and_old_prices_are_not_current(
    known: Prices | None, days: int, is_current: bool
) -> None:
    assert prices.is_current(known, NOW + timedelta(days=days)) is is_current


@given(
    st.builds(
        Prices,
        RATES,
        st.lists(st.tuples(st.integers(1, 10**7), RATES), unique_by=lambda tier: tier[0]).map(
            lambda above: tuple(sorted(above, key=lambda tier: tier[0]))
        ),
        st.text(max_size=60),
    )
)
def test_a_document_keeps_prices_exactly(known: Prices) -> None:
    assert prices.from_document(prices.to_document(known)) == known


def test_no_document_is_no_price() -> None:
    assert prices.to_document(None) is None
    assert prices.from_document(None) is None


GOOD = {"input": 1, "output": 2, "cached_input": 1, "cache_write": 1}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"base": {}},
        {"base": {**GOOD, "input": -1}},
        {"base": {**GOOD, "input": 1.5}},
        {"base": {**GOOD, "input": True}},
        {"base": {**GOOD, "input": "1"}},
        {"base": {**GOOD, "input": float("nan")}},
        {"base": {**GOOD, "input": 10**18}},
        {"base": {**GOOD, "extra": 1}},
        {"base": GOOD, "above": [[1]]},
        {"base": GOOD, "above": [["x", GOOD]]},
        {"base": [1, 2, 3, 4]},
    ],
)
def test_documents_that_hold_no_prices_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidPrices):
        prices.from_document(document)
