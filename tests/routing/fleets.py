"""The shipped roads and gears as a decision sees them, with list prices of their day."""

import tomllib
from dataclasses import replace
from importlib import resources

from orchestrator.routing.types import (
    FREE,
    BudgetView,
    Capability,
    Conditions,
    Effort,
    Fleet,
    Fuel,
    GearSpec,
    Pattern,
    Prices,
    Rates,
    ReasoningStyle,
    ReasoningSupport,
    RoadSpec,
)

USD = 10**9
LIST_PRICES = {
    "claude-haiku": (1, 5), "claude-sonnet": (3, 15), "claude-opus": (5, 25),
    "gemini-flash": (0.3, 2.5), "gemini-pro": (1.25, 10), "kimi-code": (0.95, 4),
    "kimi-vision": (0.95, 4), "demo-1": (1, 5), "demo-2": (1.5, 7.5), "demo-3": (3, 15),
    "demo-4": (4, 20), "demo-5": (5, 25),
}  # fmt: skip
ANTHROPIC = ("claude-haiku", "claude-sonnet", "claude-opus")


def shipped(group: str) -> list[dict[str, object]]:
    text = resources.files("orchestrator.defaults").joinpath(f"{group}.toml").read_text("utf-8")
    entries: list[dict[str, object]] = tomllib.loads(text)[group]
    return entries


def prices(input_usd: float, output_usd: float) -> Prices:
    low, high = round(input_usd * USD), round(output_usd * USD)
    return Prices(Rates(low, high, low // 10, low * 5 // 4))


def road(entry: dict[str, object]) -> RoadSpec:
    triggers = {language: tuple(words) for language, words in entry["triggers"].items()}  # type: ignore[attr-defined]
    fields = {**entry, "triggers": triggers, "pattern": Pattern(entry["pattern"])}
    return RoadSpec(**fields)  # type: ignore[arg-type]


def gear(entry: dict[str, object]) -> GearSpec:
    name, provider = str(entry["name"]), str(entry["provider"])
    reasoning: dict[str, object] = entry["reasoning"]  # type: ignore[assignment]
    listed = LIST_PRICES.get(name)
    return GearSpec(
        name=name,
        level=int(str(entry["level"])),
        provider=provider,
        model_id=str(entry["model_id"]),
        prices=prices(*listed) if listed else FREE,
        context_window=int(str(entry["context_window"])),
        max_output_tokens=int(str(entry["max_output_tokens"])),
        capabilities=frozenset(Capability(c) for c in entry["capabilities"]),  # type: ignore[attr-defined]
        strengths=frozenset(entry["strengths"]),  # type: ignore[call-overload]
        reasoning=ReasoningSupport(
            ReasoningStyle(str(reasoning["style"])),
            tuple(Effort(level) for level in reasoning["levels"]),  # type: ignore[attr-defined]
            int(str(reasoning["max_budget_tokens"])),
        ),
        order=int(str(entry["order"])),
        is_local=provider == "ollama",
        is_demo=provider == "demo",
        is_agentic=provider in ("claude-code", "kimi-cli", "codex-cli", "gemini-cli"),
    )


ROADS = tuple(road(entry) for entry in shipped("roads"))
GEARS = {entry["name"]: gear(entry) for entry in shipped("gears")}
FLEET = Fleet(tuple(GEARS.values()), ROADS, version=7)


def fleet_of(*names: str) -> Fleet:
    return replace(FLEET, gears=tuple(GEARS[name] for name in names))


def budget(limit_usd: float, used_usd: float = 0.0, **changes: object) -> BudgetView:
    view = BudgetView(
        name="this installation",
        scope="global",
        period="day",
        limit_nano=round(limit_usd * USD),
        spent_nano=round(used_usd * USD),
        reserved_nano=0,
        refills_at="tomorrow",
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def with_budget(view: BudgetView, **changes: object) -> Conditions:
    return replace(Conditions(fuel=Fuel(shared=(view,), demo=(view,))), **changes)  # type: ignore[arg-type]
