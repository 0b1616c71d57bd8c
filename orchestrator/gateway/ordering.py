"""What is wished beside the messages: gear, policy and limits, and for a run its plan and cap."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.gateway import listing
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.fields import Fields
from orchestrator.gateway.names import Named
from orchestrator.patterns.plans.shapes import MAX_ITEMS
from orchestrator.providers.vocabulary import TextPart
from orchestrator.routing.types import Overrides, Pattern
from orchestrator.services.driving import requests
from orchestrator.services.driving.requests import RequestRefused, TripRequest
from orchestrator.services.money import budgets
from orchestrator.services.people.identity import Caller
from orchestrator.services.runs import templates
from orchestrator.services.runs.orders import Order

OWN = "clutch"
ANY = ("profile", "road")
OF_RUNS = ("plan", "items", "cap_usd", "template", "values")
CAP_HEADER = "x-clutch-cap-usd"
MAX_TOKENS = 10_000_000
THINKS_FROM, MOST_THINKING_TOKENS = 40, 16_000
# As the throttle's own table reads them back.
EFFORTS = {
    "none": 0, "minimal": 15, "low": 30, "medium": 50, "high": 75, "xhigh": 90, "max": 100,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """`own` is the part of the body that only we know."""

    named: Named
    own: Fields
    cap: str = ""
    throttle: int | None = None
    max_output_tokens: int | None = None

    def request(self, bare: TripRequest) -> TripRequest:
        # What only one call can take keeps a rule from making several of it.
        is_single = bool(bare.tools) or bare.json_schema is not None
        overrides = Overrides(
            gear=self.named.gear,
            road=self.own.text("road"),
            throttle=self.throttle,
            pattern=self.named.pattern or (Pattern.SINGLE if is_single else None),
            max_output_tokens=self.max_output_tokens,
        )
        profile, policy = self.own.text("profile"), self.named.policy
        return replace(bare, overrides=overrides, profile=profile, policy=policy)


def wishes(caller: Caller, model: str, body: Fields, cap: str) -> Wishes:
    """Raises `Refused` for names that nothing has, and for words that nobody would read."""
    own = body.inner(OWN)
    named = listing.resolve(caller, model)
    known = (*ANY, *OF_RUNS)
    if unknown := sorted(own.document.keys() - set(known)):
        raise own.wrong(unknown[0], f"is not known; there are: {', '.join(known)}")
    if named.pattern is None:
        for name in OF_RUNS:
            if own.has(name):
                raise own.wrong(name, f"goes with a pattern, such as clutch-team, not with {model}")
        if cap:
            why = f"{CAP_HEADER} goes with a pattern. Limit a single answer with max_tokens."
            raise Refused("invalid_request", why, param=CAP_HEADER)
    return Wishes(named, own, cap or _dollars(own))


def _dollars(own: Fields) -> str:
    value = own.raw("cap_usd")
    return (
        str(value)
        if isinstance(value, int) and not isinstance(value, bool)
        else own.text("cap_usd")
    )


def order(caller: Caller, wished: Wishes, request: TripRequest) -> Order | None:
    """The run that is asked for, or None for a single answer. Raises `Refused`."""
    if not request.messages and not wished.own.has("template"):
        raise Refused("invalid_request", "There is no message to answer.", param="messages")
    if wished.named.pattern is None:
        return None
    _check_parts(request)
    try:
        return _order(caller, wished, wished.named.pattern, request)
    except RequestRefused as refused:
        raise Refused("invalid_request", str(refused)) from refused
    except budgets.InvalidAmount as wrong:
        raise Refused("invalid_request", str(wrong), param="cap_usd") from wrong


def _order(caller: Caller, wished: Wishes, pattern: Pattern, request: TripRequest) -> Order:
    own, document = wished.own, wished.own.raw("plan")
    if document is not None:
        document = _plan(own, pattern)
    if own.has("template"):
        request, document = _filled(caller, own, pattern, request)
    items = own.texts("items", MAX_ITEMS)
    request = replace(request, run=document)
    if pattern is Pattern.SWARM and not items and document is None:
        request = requests.parted(request)  # as written in a chat: the task, then the items
    cap_nano = budgets.parse_usd(wished.cap) if wished.cap else None
    return Order(pattern, request, items, cap_nano)


def _plan(own: Fields, pattern: Pattern) -> Mapping[str, Any]:
    plan = dict(own.inner("plan").document)
    if plan.pop("pattern", pattern.value) != pattern.value:
        raise own.wrong("plan", f"is of another pattern than clutch-{pattern}")
    return plan


def _filled(
    caller: Caller, own: Fields, pattern: Pattern, request: TripRequest
) -> tuple[TripRequest, Mapping[str, Any]]:
    """A plan that is known by its name; its task is used where the message has no words."""
    if own.has("plan"):
        raise own.wrong("template", "and a plan exclude each other")
    name = own.text("template")
    found = templates.find(caller.user_id, name)
    if found is None:
        raise own.wrong("template", f"{name!r} is not there. See: clutch runs plans")
    if found.pattern is not pattern:
        raise own.wrong("template", f"{name} is a {found.pattern}: use clutch-{found.pattern}")
    values = own.inner("values").document
    if not all(isinstance(value, str) for value in values.values()):
        raise own.wrong("values", "are texts")
    template = found.fill({str(key): str(value) for key, value in values.items()})
    if not request.messages:
        request = replace(request, messages=requests.from_text(template.task).messages)
    return request, dict(template.document)


def throttle_for(budget_tokens: int) -> int:
    """The reasoning level that comes nearest to so many tokens of thinking."""
    if budget_tokens <= 0:
        return 0
    return min(100, THINKS_FROM + budget_tokens * (100 - THINKS_FROM) // MOST_THINKING_TOKENS)


def _check_parts(request: TripRequest) -> None:
    """Several calls share one task: what only one call can take goes with a single answer."""
    is_plain = all(
        isinstance(part, TextPart) for message in request.messages for part in message.parts
    )
    if request.tools or request.json_schema is not None or not is_plain:
        raise Refused(
            "unsupported",
            "A pattern takes texts. Tools, files and response formats go with single answers, "
            "such as clutch-auto.",
        )
