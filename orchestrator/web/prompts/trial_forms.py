"""What a person asks of a test drive: a version, inputs and gears, as the page sends them."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.http import HttpRequest, QueryDict

from orchestrator.models import Prompt, PromptTrial, PromptVersion
from orchestrator.prompting import template
from orchestrator.services.prompts.trials import driving
from orchestrator.services.prompts.trials.quotes import MOST_INPUTS, Quote, Wanted
from orchestrator.web.chat import wishes
from orchestrator.web.context import PageRequest, page_of
from orchestrator.web.prompts.using import PREFIX, Place, places

# Levels far apart say most about a prompt.
FIRST_LEVELS = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    before: str
    places: list[Place]


def number_from(text: str) -> int:
    """Nought for what is no number of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def version_from(prompt: Prompt, text: str) -> PromptVersion | None:
    kept = prompt.versions.filter(state=PromptVersion.State.KEPT)
    return kept.filter(number=number_from(text)).first() or prompt.live


def baseline_from(request: HttpRequest, prompt: Prompt, text: str) -> PromptTrial | None:
    mine = driving.own(page_of(request).user).filter(prompt=prompt)
    return mine.filter(pk=number_from(text)).first()


def opened(page: PageRequest, version: PromptVersion, baseline: PromptTrial | None) -> Wanted:
    """What the page begins with: the baseline again, or one empty input on gears far apart."""
    if baseline is not None:
        return driving.again(baseline, version)
    return Wanted(version, ({},), tuple(_first_gears(page)))


def _first_gears(page: PageRequest) -> list[str]:
    usable = {
        level.number: next((each.name for each in level.choices if not each.missing), "")
        for level in wishes.offered(page)
    }
    chosen = [usable[number] for number in FIRST_LEVELS if usable.get(number)]
    return chosen or [name for name in usable.values() if name][:1]


def sent(form: QueryDict, version: PromptVersion) -> Wanted:
    count = min(max(number_from(form.get("rows", "")), 1), MOST_INPUTS)
    names = [field.name for field in template.parse(version.text).fields]
    inputs = [
        {name: _value(form, row, name) for name in names if _key(row, name) in form}
        for row in range(count)
    ]
    return Wanted(version, tuple(_arranged(inputs, form.get("do", ""))), _gears(form))


def _key(row: int, name: str) -> str:
    return f"row-{row}-{PREFIX}{name}"


def _value(form: QueryDict, row: int, name: str) -> str:
    return form.get(_key(row, name), "").replace("\r\n", "\n").replace("\x00", "")


def _gears(form: QueryDict) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.getlist("gears")))


def _arranged(inputs: list[dict[str, str]], deed: str) -> list[dict[str, str]]:
    """One more, or one less."""
    if deed == "add" and len(inputs) < MOST_INPUTS:
        return [*inputs, dict(inputs[-1])]
    without = number_from(deed.removeprefix("remove-"))
    if deed.startswith("remove-") and 0 < without <= len(inputs) > 1:
        return inputs[: without - 1] + inputs[without:]
    return inputs


def rows(wanted: Wanted) -> list[Row]:
    fields = template.parse(wanted.version.text).fields
    return [
        Row(number + 1, f"row-{number}-", places(fields, values))
        for number, values in enumerate(wanted.inputs)
    ]


def key_from(form: QueryDict) -> UUID:
    try:
        return UUID(form.get("key", ""))
    except ValueError:
        return uuid4()


def is_agreed(form: QueryDict, quote: Quote) -> bool:
    """Whether the person saw this price, or a higher one, for exactly this test drive."""
    if form.get("mark") != quote.wanted.mark:
        return False
    agreed = {name: number_from(form.get(f"agreed-{name}", "")) for name in quote.totals}
    return all(total <= agreed[name] for name, total in quote.totals.items())
