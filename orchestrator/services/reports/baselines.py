"""What the same answers would have cost on one gear, and the formula of it in words."""

from dataclasses import dataclass

from orchestrator.models import Gear
from orchestrator.routing import fuel, money
from orchestrator.routing.types import Prices
from orchestrator.services.reports.figures import Figures
from orchestrator.services.reports.refusals import ReportRefused
from orchestrator.services.setup import fleet

RECORDED = (
    "Saved = what the tokens of each answered trip would have cost on the dearest gear on offer "
    "when it was decided, minus what the trip cost. Trips without an answer or without a known "
    "price are left out."
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Without a name: what was written down with each trip."""

    name: str = ""
    prices: Prices | None = None

    @property
    def title(self) -> str:
        return f"always {self.name}" if self.name else "always the dearest gear"

    @property
    def formula(self) -> str:
        if self.prices is None:
            return RECORDED
        rates = self.prices.base
        parts = (
            (rates.input, "new input"),
            (rates.cached_input, "cached input"),
            (rates.cache_write, "input written to the cache"),
            (rates.output, "output"),
        )
        priced = " + ".join(f"{name} × {fuel.dollars(rate)}" for rate, name in parts)
        return (
            f"Saved = ({priced}) per million tokens, the base price of {self.name} today, "
            "minus what the same answered trips cost."
        )

    def baseline_nano(self, figures: Figures) -> int:
        if self.prices is None:
            return figures["baseline_nano"]
        return money.cost_nano(
            Prices(self.prices.base),
            figures["compared_input_tokens"],
            figures["compared_output_tokens"],
            figures["compared_cached_tokens"],
            figures["compared_written_tokens"],
        )

    def saved_nano(self, figures: Figures) -> int:
        return self.baseline_nano(figures) - figures["compared_nano"]


def named(name: str) -> Baseline:
    if not name:
        return Baseline()
    gear = Gear.objects.select_related("provider").filter(name=name).first()
    prices = fleet.prices_of(gear) if gear else None
    if prices is None:
        raise ReportRefused(f"There is no gear {name[:63]!r} with a known price to compare with.")
    return Baseline(name, prices)
