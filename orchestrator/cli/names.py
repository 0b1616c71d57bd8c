"""Rows by the names that people type; an unknown one is answered with the nearest."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from uuid import UUID

from orchestrator.cli import exits

if TYPE_CHECKING:
    from orchestrator.models import (
        Conversation,
        Gear,
        Prompt,
        PromptVersion,
        Provider,
        Road,
        Rule,
        Trip,
        User,
    )
    from orchestrator.services.prompts.access import Owner


def gear(name: str) -> "Gear":
    from orchestrator.models import Gear

    return _one(Gear.objects.select_related("provider"), "gear", name)  # type: ignore[no-any-return]


def provider(name: str) -> "Provider":
    from orchestrator.models import Provider

    return _one(Provider.objects.all(), "provider", name)  # type: ignore[no-any-return]


def road(name: str) -> "Road":
    from orchestrator.models import Road

    return _one(Road.objects.all(), "road", name)  # type: ignore[no-any-return]


def rule(name: str) -> "Rule":
    from orchestrator.models import Rule

    return _one(Rule.objects.all(), "rule", name)  # type: ignore[no-any-return]


def _one(rows: Any, kind: str, name: str) -> Any:
    row = rows.filter(name=name).first()
    if row is None:
        near = get_close_matches(name, rows.values_list("name", flat=True), n=3, cutoff=0.5)
        hint = f"Did you mean {', '.join(near)}?" if near else f"See: clutch {kind}s list"
        exits.leave(exits.USAGE, f"There is no {kind} named {name!r}.", hint)
    return row


def prompt_owner(user: "User", team: str, *, everyone: bool = False) -> "Owner | None":
    """Where prompts are to be put; None stands for the person themselves."""
    from orchestrator.services.prompts import access

    owners = access.owners_open_to(user)
    if everyone and team:
        exits.leave(exits.USAGE, "Choose a team or everyone, not both.")
    if everyone:
        if access.EVERYONE not in owners:
            exits.leave(exits.REFUSED, "Only administrators keep prompts for everyone.")
        return owners[access.EVERYONE]
    if not team:
        return None
    of_teams = {str(each): each for each in owners.values() if each.team is not None}
    if team not in of_teams:
        known = ", ".join(of_teams) or "none"
        exits.leave(
            exits.USAGE, f"You write prompts for no team named {team!r}.", f"Yours: {known}"
        )
    return of_teams[team]


def trip(text: str) -> "Trip":
    """`last`, or an id."""
    from orchestrator.models import Trip
    from orchestrator.services.people import signin

    mine = Trip.objects.filter(user=signin.ensure_owner()).select_related("payload").order_by("-id")
    found = mine.first() if text == "last" else mine.filter(pk=_uuid(text)).first()
    if found is None and text == "last":
        exits.leave(exits.FAILED, "Nothing was driven yet.", 'Begin with: clutch "your task"')
    if found is None:
        exits.leave(exits.USAGE, f"There is no trip {text!r}.", "See the newest: clutch last")
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        exits.leave(
            exits.USAGE, f"{text!r} is not the id of a trip.", "See the newest: clutch last"
        )


def chat(text: str) -> "Conversation":
    from orchestrator.services.chat import conversations
    from orchestrator.services.people import signin

    try:
        found = conversations.own(signin.ensure_owner().pk).filter(pk=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        exits.leave(exits.USAGE, f"There is no chat {text!r}.", "See: clutch chats list")
    return found


def prompt(name: str) -> "Prompt":
    """One's own before a team's, a team's before everyone's; with or without the slash."""
    from orchestrator.services.people import signin
    from orchestrator.services.prompts import access

    user, name = signin.ensure_owner(), name.removeprefix("/")
    found = access.by_name(user, name)
    if found is None:
        known = access.visible_to(user).values_list("name", flat=True)
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"Did you mean {', '.join(near)}?" if near else "See: clutch prompt list"
        exits.leave(exits.USAGE, f"There is no prompt named {name!r}.", hint)
    return found


def prompt_version(prompt: "Prompt", number: int | None) -> "PromptVersion":
    """Without a number the one in use."""
    if number is None:
        found = prompt.live
    else:
        found = prompt.versions.filter(state="kept", number=number).first()
    if found is None:
        hint = f"See: clutch prompt versions {prompt.name}"
        exits.leave(exits.USAGE, f"{prompt.name} has no version {number}.", hint)
    return found
