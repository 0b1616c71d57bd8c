"""From a request to a decision: gathers the world as it is, then asks the pure computer."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.utils import timezone

from orchestrator.models import Trip
from orchestrator.patterns import cascade, plans
from orchestrator.patterns.plans import Part, Strength
from orchestrator.patterns.registry import PATTERNS
from orchestrator.providers.vocabulary import DocumentPart, ImagePart, ToolCallPart, ToolResultPart
from orchestrator.routing import computer
from orchestrator.routing.types import (
    Conditions,
    Fleet,
    Plan,
    PolicySpec,
    PreviousTurn,
    Refusal,
    RefusalKind,
    Task,
)
from orchestrator.services.chat import context
from orchestrator.services.driving import breakers, classifier, requests
from orchestrator.services.driving.receipts import receipt_document
from orchestrator.services.driving.requests import (
    TOKENS_PER_IMAGE,
    TOKENS_PER_PDF_BYTE,
    RequestRefused,
    TripRequest,
    run_plan,
)
from orchestrator.services.money import ledger, portions
from orchestrator.services.people.identity import Caller
from orchestrator.services.school import learning
from orchestrator.services.setup import fleet, policies
from orchestrator.services.setup.policies import Driving

STRENGTHS = {Strength.CHEAP: "budget", Strength.STRONG: "premium"}
FRESH_S = 2.0


def complete(caller: Caller, request: TripRequest) -> TripRequest:
    """The request as it is driven: with its chat's history, its profile's instructions, its items.

    Raises `RequestRefused` for a swarm without any.
    """
    whole = context.complete(requests.parted(request))
    driving = policies.driving(caller, request.policy, request.profile)
    if driving.share_of is not None and driving.share_percent is not None:
        portions.ensure(caller, driving.share_of, driving.share_percent)
    if not driving.instructions:
        return whole
    return replace(whole, system="\n\n".join(filter(None, (driving.instructions, whole.system))))


@dataclass(frozen=True, slots=True)
class World:
    """What is decided in: what may be chosen from, and the state it is in."""

    fleet: Fleet
    conditions: Conditions
    explores: bool = True
    read_at_s: float = field(default_factory=time.monotonic)

    @property
    def is_fresh(self) -> bool:
        """Good for decisions that are made together: what they book is checked again anyway."""
        return time.monotonic() - self.read_at_s < FRESH_S


def world(caller: Caller, known: Fleet | None = None) -> World:
    """As it is now, or with another fleet that is only tried."""
    now = fleet.snapshot()
    return World(known or now, conditions(caller, now), explores=known is None)


def decide(
    caller: Caller, request: TripRequest, *, seed: str, within: World | None = None
) -> Plan | Refusal:
    """The same seed in the same state of the world gives the same plan."""
    try:
        driving = policies.driving(caller, request.policy, request.profile)
    except RequestRefused as refused:
        hint = "See: clutch config get policy"
        return Refusal(RefusalKind.UNKNOWN_NAME, str(refused), hint)
    policy = driving.policy
    if (
        refused_pattern := _missing_pattern(request) or _closed_pattern(request, policy)
    ) is not None:
        return refused_pattern
    drivable = frozenset(PATTERNS) & (policy.allowed_patterns or frozenset(PATTERNS))
    policy = replace(policy, allowed_patterns=drivable)
    portion = portions.name_of(caller.user_id, driving.share_of) if driving.share_of else ""
    is_shared = within is not None and bool(portion)
    if within is None:
        known = fleet.snapshot()
        within = World(known, conditions(caller, known, portion))
    if not within.explores:
        policy = replace(policy, exploration_rate=0.0)
    task = task_of(request, previous_turn(request.follows) or _tool_loop(request))
    decision = computer.plan(
        replace(task, hint=classifier.remembered(task.text)),
        _for(caller, within.fleet),
        _within_portion(caller, within.conditions, portion) if is_shared else within.conditions,
        policy,
        random.Random(seed),  # noqa: S311  # reproducible exploration, nothing secret
    )
    return _signed(decision, driving, portion)


def _signed(decision: Plan | Refusal, driving: Driving, portion: str) -> Plan | Refusal:
    """With what was driven with, for the receipt."""
    if isinstance(decision, Refusal):
        return replace(decision, settings=driving.settings, profile=driving.profile)
    return replace(
        decision, settings=driving.settings, profile=driving.profile, profile_budget=portion
    )


def for_part(request: TripRequest, part: Part) -> TripRequest:
    """The request as one place of a run decides on it. A gear that a person fixed stays."""
    overrides = request.overrides
    fixed = replace(
        overrides,
        gear=request.instead or part.gear or overrides.gear,
        throttle=overrides.throttle if part.throttle is None else part.throttle,
    )
    policy = request.policy if fixed.gear else STRENGTHS.get(part.strength, request.policy)
    return replace(request, overrides=fixed, policy=policy)


def _missing_pattern(request: TripRequest) -> Refusal | None:
    asked = request.overrides.pattern
    if asked is None or asked in PATTERNS:
        return None
    known = ", ".join(PATTERNS)
    return Refusal(
        RefusalKind.UNKNOWN_NAME, f"The pattern {asked.value!r} cannot be driven.", f"Use: {known}."
    )


def _closed_pattern(request: TripRequest, policy: PolicySpec) -> Refusal | None:
    """A pattern that a person asked for is never silently exchanged for another."""
    asked, allowed = request.overrides.pattern, policy.allowed_patterns
    if asked is None or allowed is None or asked in allowed:
        return None
    names = ", ".join(sorted(pattern.value for pattern in allowed))
    return Refusal(
        RefusalKind.POLICY,
        f"The profile allows no {asked.value}; it allows: {names}.",
        "Choose another profile, or let the pattern be chosen.",
    )


def _for(caller: Caller, known: Fleet) -> Fleet:
    """Without the personal rules of other people."""
    return replace(
        known, rules=tuple(r for r in known.rules if r.user_id in (None, caller.user_id))
    )


def preview(caller: Caller, request: TripRequest, known: Fleet | None = None) -> dict[str, Any]:
    """A dry run: the receipt as a document, nothing stored, nothing sent."""
    decision = decide(caller, request, seed="preview", within=world(caller, known))
    document = receipt_document(decision)
    if isinstance(decision, Plan) and (plan := run_plan(decision.pattern, request)) is not None:
        document["calls"] = len(plans.places(plan)) or cascade.MOST_ASKED
    return document


def task_of(request: TripRequest, previous: PreviousTurn | None = None) -> Task:
    parts = [part for message in request.messages for part in message.parts]
    kinds = Counter(type(part) for part in parts)
    last = request.messages[-1] if request.messages else None
    in_tool_loop = last is not None and any(isinstance(p, ToolResultPart) for p in last.parts)
    if previous is not None and in_tool_loop:
        previous = replace(previous, in_tool_loop=True)
    return Task(
        text=request.text,
        context_tokens=_context_tokens(request),
        images=kinds[ImagePart],
        pdfs=kinds[DocumentPart],
        has_tools=bool(request.tools),
        needs_json_schema=request.json_schema is not None,
        previous=previous,
        overrides=request.overrides,
    )


def _context_tokens(request: TripRequest) -> int:
    """Everything but the user's last words, counted: about four characters make a token."""
    chars = len(request.system) + sum(len(str(tool.schema)) for tool in request.tools)
    chars += sum(len(message.text) for message in request.messages) - len(request.text)
    tokens = float(-(-chars // 4))
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ImagePart):
                tokens += TOKENS_PER_IMAGE
            elif isinstance(part, DocumentPart):
                tokens += len(part.data) * TOKENS_PER_PDF_BYTE
            elif isinstance(part, ToolResultPart):
                tokens += len(part.content) / 4
            elif isinstance(part, ToolCallPart):
                tokens += len(str(part.arguments)) / 4
    return int(tokens)


def previous_turn(answer_id: UUID | None) -> PreviousTurn | None:
    if answer_id is None:
        return None
    done = Trip.objects.filter(state=Trip.State.DONE, messages=answer_id)
    trip = done.select_related("payload").first()
    if trip is None or trip.finished_at is None:
        return None
    return PreviousTurn(
        road=trip.road,
        gear=trip.gear,
        age_s=(timezone.now() - trip.finished_at).total_seconds(),
        had_code="```" in trip.payload.answer,
    )


def _tool_loop(request: TripRequest) -> PreviousTurn | None:
    """The turn before, where nothing is known of it but who called the tools."""
    if not request.tool_gear:
        return None
    return PreviousTurn(road="", gear=request.tool_gear, age_s=0.0)


def _within_portion(caller: Caller, known: Conditions, portion: str) -> Conditions:
    """The world of many decisions, with the budget that only this one draws on."""
    scopes = (caller.user_id, caller.team_id, caller.token_id)
    return replace(known, fuel=ledger.fuel_for(*scopes, timezone.now(), profile=portion))


def conditions(caller: Caller, known: Fleet, profile_budget: str = "") -> Conditions:
    now = timezone.now()
    return Conditions(
        fuel=ledger.fuel_for(
            caller.user_id, caller.team_id, caller.token_id, now, profile=profile_budget
        ),
        unavailable=fleet.availability(),
        open_breakers=breakers.open_for(known, now),
        learned=learning.learned(),
        is_owner_at_machine=caller.is_owner_at_machine,
    )
