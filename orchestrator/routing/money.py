"""Exact money: whole nano-dollars, rounded up once per call."""

from orchestrator.routing.types import Prices, Rates

TOKENS_PER_PRICE = 1_000_000
NANO = 1_000_000_000


def rates_for(prices: Prices, prompt_tokens: int) -> Rates:
    """The rates of the longest threshold that the prompt exceeds."""
    rates = prices.base
    for threshold, dearer in prices.above:
        if prompt_tokens > threshold:
            rates = dearer
    return rates


def cost_nano(
    prices: Prices,
    input_tokens: int,
    output_tokens: int,
    cached_input: int = 0,
    cache_write: int = 0,
) -> int:
    rates = rates_for(prices, input_tokens + cached_input + cache_write)
    total = (
        input_tokens * rates.input
        + output_tokens * rates.output
        + cached_input * rates.cached_input
        + cache_write * rates.cache_write
    )
    return -(-total // TOKENS_PER_PRICE)


def worst_case_nano(prices: Prices, prompt_tokens: int, output_tokens: int) -> int:
    """Every token at the dearest rates that can apply: nobody knows yet what will be cached."""
    reachable = [prices.base, *(rates for limit, rates in prices.above if prompt_tokens > limit)]
    total = prompt_tokens * max(
        max(rates.input, rates.cached_input, rates.cache_write) for rates in reachable
    ) + output_tokens * max(rates.output for rates in reachable)
    return -(-total // TOKENS_PER_PRICE)
