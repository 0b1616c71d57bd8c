"""What a person says about a choice: it was wrong, or always so, which becomes a dated rule."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from orchestrator.models import Rule, Trip, User
from orchestrator.services.people import audit
from orchestrator.services.people.audit import Area
from orchestrator.services.school import learning
from orchestrator.services.setup import rules

# A rule made with one click should not outlive what it was made for unseen.
LASTS = timedelta(days=180)


def choice_was_wrong(trip: Trip, user_id: int, gear: str = "") -> str:
    """Says what was learned, as a sentence."""
    if not gear:
        learning.rate(trip.pk, user_id, "bad", note="the choice was wrong")
        return f"Noted: {trip.gear} was the wrong choice. Similar tasks move away from it."
    correction = learning.correct(trip.pk, user_id, gear)
    if correction.suggests_rule_for_road:
        return (
            f"Noted: {gear} would have been right. You said so three times for this kind of "
            "task; “Always for tasks like this” makes a rule of it."
        )
    return f"Noted: {gear} would have been right here."


def always(trip: Trip, user: User, gear: str) -> Rule:
    """This person's tasks of the trip's road go to a gear, until the rule ends or is undone."""
    when, then = {"roads": [trip.road]}, {"use_gear": gear}
    rules.validate(when, then)
    now = timezone.now()
    rule, _ = Rule.objects.update_or_create(
        name=f"own-{user.pk}-{trip.road}"[:63],
        defaults={
            "when": when,
            "then": then,
            "reason": f"chosen by hand on {now:%Y-%m-%d}",
            "origin": Rule.Origin.CORRECTION,
            "made_by": user,
            "is_personal": True,
            "is_enabled": True,
            "ends_at": now + LASTS,
            "order": 50,
        },
    )
    audit.record(Area.RULES, f"Rule {rule.name} made", after=f"{trip.road}: {gear}")
    return rule


def undo(rule: Rule) -> None:
    with transaction.atomic():
        audit.record(Area.RULES, f"Rule {rule.name} removed", before=f"{rule.when} {rule.then}")
        rule.delete()


def rules_of(user: User) -> QuerySet[Rule]:
    """What binds this person's tasks: their own rules before everyone's."""
    mine = Q(is_personal=True, made_by=user) | Q(is_personal=False)
    return Rule.objects.filter(mine).order_by("-is_personal", "order", "name")


def may_undo(rule: Rule, user: User) -> bool:
    return user.is_owner or user.is_staff or (rule.is_personal and rule.made_by_id == user.pk)
