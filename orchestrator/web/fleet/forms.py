"""What people type about gears and roads, between form fields and entries of the draft."""

from decimal import Decimal
from typing import Any

from django import forms

from orchestrator.models import Gear
from orchestrator.routing.types import Pattern
from orchestrator.services.drafts.gears import Price
from orchestrator.services.money.prices import PerMillion
from orchestrator.services.setup.sections.fleet import CAPABILITIES

LEVELS = [(level, f"G{level}") for level in range(1, 6)]
LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "zh": "Chinese",
    "ja": "Japanese",
    "ru": "Russian",
}
NANO = Decimal(10**9)
SOURCES = {
    "catalogue": "From the catalogue",
    "manual": "Typed here",
    "free": "Free: it costs nothing",
    "subscription": "Paid by a subscription",
    "unknown": "Unknown: not used until it is known",
    "demo": "Demo dollars",
}
TYPED = ("input", "output", "cached_input", "cache_write")


def words(text: str) -> list[str]:
    """A list typed with commas or line ends between."""
    parts = text.replace("\n", ",").split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


class GearForm(forms.Form):
    title = forms.CharField(
        label="Title",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    level = forms.TypedChoiceField(label="Gear level", choices=LEVELS, coerce=int)
    model_id = forms.CharField(label="Model id at the provider", max_length=200)
    context_window = forms.IntegerField(label="Context window, tokens", min_value=1)
    max_output_tokens = forms.IntegerField(label="Longest answer, tokens", min_value=1)
    capabilities = forms.MultipleChoiceField(
        label="It can",
        required=False,
        choices=[(name, name.replace("_", " ")) for name in CAPABILITIES],
        widget=forms.CheckboxSelectMultiple,
    )
    strengths = forms.CharField(label="Strengths, with commas", max_length=500, required=False)
    is_enabled = forms.BooleanField(label="Switched on", required=False)
    price_source = forms.ChoiceField(label="Price", widget=forms.RadioSelect)
    renew = forms.BooleanField(label="Look the price up again", required=False)
    input = forms.CharField(label="In, $ per million tokens", max_length=20, required=False)
    output = forms.CharField(label="Out, $ per million", max_length=20, required=False)
    cached_input = forms.CharField(label="Cached in (else as in)", max_length=20, required=False)
    cache_write = forms.CharField(label="Cache write (else as in)", max_length=20, required=False)

    def __init__(self, data: Any = None, *, initial: Any = None, gear: dict[str, Any]) -> None:
        super().__init__(data, initial=initial, auto_id=f"id_{gear['name']}_%s")
        self.gear = gear
        kept = [name for name in SOURCES if name != "demo" or gear["price_source"] == "demo"]
        choices = [(name, SOURCES[name]) for name in kept]
        self.fields["price_source"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, gear: dict[str, Any]) -> "GearForm":
        initial = {**gear, "strengths": ", ".join(gear["strengths"]), **typed_prices(gear)}
        return cls(initial=initial, gear=gear)

    def price(self) -> Price | None:
        """None where nothing was said that is not so already."""
        cleaned = self.cleaned_data
        source = cleaned["price_source"]
        typed = {name: cleaned[name].strip() for name in TYPED}
        if source == self.gear["price_source"]:
            is_same = source != Gear.PriceSource.MANUAL or typed == typed_prices(self.gear)
            is_other_model = cleaned["model_id"] != self.gear["model_id"]
            looked_up = source == Gear.PriceSource.CATALOGUE and (
                cleaned["renew"] or is_other_model
            )
            if is_same and not looked_up:
                return None
        return Price(source, PerMillion(*(typed[name] for name in TYPED)))

    def entry(self) -> dict[str, Any]:
        plain = ("title", "level", "model_id", "context_window", "max_output_tokens", "is_enabled")
        return {
            **self.gear,
            **{name: self.cleaned_data[name] for name in plain},
            "capabilities": _in_old_order(self.gear["capabilities"], self.cleaned_data),
            "strengths": words(self.cleaned_data["strengths"]),
        }


def _in_old_order(before: list[str], cleaned: dict[str, Any]) -> list[str]:
    """Ticking nothing changes nothing, whatever order the list was kept in."""
    chosen = cleaned["capabilities"]
    return [name for name in before if name in chosen] + [n for n in chosen if n not in before]


def typed_prices(gear: dict[str, Any]) -> dict[str, str]:
    """The rates in dollars, as they would be typed."""
    base = (gear["prices"] or {}).get("base", {})
    return {name: _usd(base[name]) if name in base else "" for name in TYPED}


def _usd(nano: int) -> str:
    text = f"{Decimal(nano) / NANO:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class NewGearForm(forms.Form):
    provider = forms.CharField(max_length=63)
    model_id = forms.CharField(label="Model id", max_length=200)
    level = forms.TypedChoiceField(label="Gear level", choices=LEVELS, coerce=int, initial=3)
    context_window = forms.IntegerField(required=False, min_value=1, max_value=100_000_000)
    capabilities = forms.CharField(required=False, max_length=300)


class RoadForm(forms.Form):
    title = forms.CharField(
        label="Title", max_length=100, widget=forms.TextInput(attrs={"autofocus": True})
    )
    task_type = forms.CharField(label="Kind of task, in plain words", max_length=100)
    default_gear = forms.ChoiceField(label="Default gear")
    level = forms.TypedChoiceField(label="Difficulty", choices=LEVELS, coerce=int)
    throttle = forms.IntegerField(label="Throttle, %", min_value=0, max_value=100)
    pattern = forms.ChoiceField(label="Pattern", choices=[(p.value, p.value) for p in Pattern])
    min_confidence = forms.IntegerField(
        label="Only when at least … % sure", min_value=0, max_value=100
    )
    needs_specialists = forms.BooleanField(label="Needs several specialists", required=False)
    is_enabled = forms.BooleanField(label="Switched on", required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        initial: Any = None,
        road: dict[str, Any],
        gears: list[dict[str, Any]],
    ) -> None:
        super().__init__(data, initial=initial, auto_id=f"id_{road.get('name') or 'new'}_%s")
        self.road = road
        offered = [gear for gear in gears if not gear["is_retired"]]
        choices = [(g["name"], f"G{g['level']} {g['title'] or g['name']}") for g in offered]
        self.fields["default_gear"].choices = choices  # type: ignore[attr-defined]
        if not road.get("name"):
            self.fields["name"] = forms.CharField(label="Name, as in rules", max_length=63)
            self.order_fields(["name"])
        for language in dict.fromkeys((*LANGUAGES, *road["triggers"])):
            self.fields[f"words_{language}"] = forms.CharField(
                label=f"Signals: {LANGUAGES.get(language, language)}",
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @classmethod
    def showing(cls, road: dict[str, Any], gears: list[dict[str, Any]]) -> "RoadForm":
        signals = {f"words_{key}": ", ".join(each) for key, each in road["triggers"].items()}
        sure = round(road["min_confidence"] * 100)
        return cls(initial={**road, **signals, "min_confidence": sure}, road=road, gears=gears)

    def signal_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("words_")]

    def entry(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        plain = {name: cleaned[name] for name in cleaned if not name.startswith("words_")}
        typed = {
            name.removeprefix("words_"): words(cleaned[name])
            for name in cleaned
            if name.startswith("words_")
        }
        triggers = {
            key: each for key, each in typed.items() if each or key in self.road["triggers"]
        }
        sure = cleaned["min_confidence"]
        if sure == round(self.road["min_confidence"] * 100):
            plain["min_confidence"] = self.road["min_confidence"]
        else:
            plain["min_confidence"] = sure / 100
        return {**self.road, **plain, "triggers": triggers}
