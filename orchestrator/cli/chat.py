"""`clutch chat`: a conversation at the terminal, with history kept and sent."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import typer

from orchestrator.cli import exits, names, output, route, run, screen, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import Conversation
    from orchestrator.services.chat.turns import Turn

app = typer.Typer(add_completion=False)
apps = {"chat": app}
HELP = """/gear NAME       use this gear (none: choose for me)
/throttle 0-100  reasoning level (none: as the task needs)
/profile NAME    drive with this profile
/policy NAME     budget, balanced or premium
/why             the receipt of the last answer
/cost            what this conversation has cost
/new             start anew
/quit            leave (or Ctrl-D)"""


@app.command()
def chat(
    gear: wishes.Gear = "",
    throttle: wishes.Throttle = None,
    profile: wishes.Profile = "",
    policy: wishes.Policy = "",
    as_json: wishes.Json = False,
) -> None:
    """Talk to and fro, with history."""
    session.ready()
    wished = wishes.Wishes(gear=gear, throttle=throttle, profile=profile, policy=policy)
    talk = Talk(wished, "silent" if as_json else "text")
    for text in _typed() if sys.stdin.isatty() else sys.stdin:
        if text.strip() in ("/quit", "/exit"):
            break
        if text.strip():
            talk.take(text.strip())
    if as_json:
        output.write_json(talk.document())


def _typed() -> Iterator[str]:
    from django.conf import settings
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory

    file = Path(settings.CLUTCH_HOME) / "chat-history"
    file.touch(mode=0o600)
    prompt: PromptSession[str] = PromptSession(history=FileHistory(str(file)))
    output.note("Write, or /help. Ctrl-C stops an answer, Ctrl-D leaves.")
    while True:
        try:
            yield prompt.prompt("› ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


@dataclass
class Talk:
    wished: wishes.Wishes
    mode: screen.Mode = "text"
    conversation: "Conversation | None" = None
    cost_nano: int = 0
    last: dict[str, Any] = field(default_factory=dict)
    trips: list[UUID] = field(default_factory=list)

    def take(self, text: str) -> None:
        """A slash command, or something to answer. Neither ends the conversation when it fails."""
        try:
            if text.startswith("/") and not text.startswith("/demo"):
                self._command(*text[1:].split(maxsplit=1))
            else:
                self._answer(text)
        except exits.Ended as end:
            output.note("\n".join(filter(None, (end.message, end.next_step))))

    def _command(self, name: str = "help", value: str = "") -> None:
        match name:
            case "gear" | "profile" | "policy":
                wanted = "" if value == "none" else value
                self._check(name, wanted)
                self._wish(name, wanted)
                output.note(f"{name}: {wanted or 'chosen for you'}")
            case "throttle":
                self._set_throttle(value)
            case "why":
                self._show_why()
            case "cost":
                output.note(
                    f"So far: {output.dollars(self.cost_nano, self.last.get('currency', 'usd'))}"
                )
            case "new":
                self.conversation, self.cost_nano, self.trips = None, 0, []
                output.note("A new conversation.")
            case _:
                output.note(HELP)

    def _check(self, name: str, value: str) -> None:
        """An unknown name is answered at once, not with the next message."""
        from orchestrator.services.driving.requests import RequestRefused
        from orchestrator.services.setup import policies

        if name == "gear" and value:
            names.gear(value)
        elif value:
            wanted = {"policy": "", "profile": "", name: value}
            try:
                policies.driving(session.caller(), wanted["policy"], wanted["profile"])
            except RequestRefused as refused:
                exits.leave(exits.USAGE, str(refused))

    def _wish(self, name: str, value: str) -> None:
        wished: dict[str, Any] = {name: value}
        self.wished = replace(self.wished, **wished)

    def _set_throttle(self, value: str) -> None:
        if value in ("", "none"):
            self.wished = replace(self.wished, throttle=None)
        elif value.isascii() and value.isdigit() and int(value) <= 100:
            self.wished = replace(self.wished, throttle=int(value))
        else:
            exits.leave(exits.USAGE, "The throttle is a number from 0 to 100.")
        output.note(f"throttle: {self.wished.throttle if value else 'as the task needs'}")

    def _show_why(self) -> None:
        from orchestrator.models import TripPayload

        payload = TripPayload.objects.filter(pk__in=self.trips[-1:]).first()
        if self.mode == "silent":
            return  # the receipt is part of the document
        if payload is None or not payload.receipt:
            output.note("Nothing was decided yet.")
        else:
            route.show(payload.receipt)

    def _answer(self, text: str) -> None:
        from orchestrator.services.chat import conversations, turns
        from orchestrator.services.driving.requests import RequestRefused

        caller = session.caller()
        try:
            turn = self._turn(text)
            self.conversation = self.conversation or conversations.start(caller.user_id)
            [answer] = turns.send(caller, self.conversation, turn).answers
        except RequestRefused as refused:
            exits.leave(exits.USAGE, str(refused))
        trip_id = cast(UUID, answer.trip_id)
        self.trips.append(trip_id)
        self.last = run.drive(trip_id, self.mode)
        self.cost_nano += self.last.get("cost_nano", 0)
        if self.last.get("state") == "failed":
            run.finish({**self.last, "was_interrupted": False})

    def _turn(self, text: str) -> "Turn":
        """A terminal has one branch: what is written follows what was said last."""
        from orchestrator.services.chat.turns import Turn

        request = self.wished.request(text)
        parent = self.conversation.head_id if self.conversation else None
        return Turn(
            text,
            parent=parent,
            is_fork=True,
            overrides=request.overrides,
            profile=request.profile,
            policy=request.policy,
        )

    def document(self) -> dict[str, Any]:
        from orchestrator.services.driving import trip_documents

        return {
            "conversation": self.conversation and str(self.conversation.pk),
            "cost_nano": self.cost_nano,
            "turns": [trip_documents.document(trip) for trip in self.trips],
        }
