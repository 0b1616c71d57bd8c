"""`clutch run` and bare `clutch "TEXT"`: drive a task here and stream the answer."""

import asyncio
import json
import signal
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from orchestrator.cli import exits, output, session, wishes
from orchestrator.cli.route import read_text

app = typer.Typer()
apps = {"run": app}
OWNER_KIND = "cli"


@app.command()
def run(
    text: Annotated[
        list[str] | None, typer.Argument(help="The task; - reads it from a pipe.")
    ] = None,
    gear: wishes.Gear = "",
    throttle: wishes.Throttle = None,
    road: wishes.Road = "",
    pattern: wishes.Pattern = "",
    profile: wishes.Profile = "",
    policy: wishes.Policy = "",
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", min=1)] = None,
    system: Annotated[str, typer.Option("--system", help="Instructions beside the task.")] = "",
    file: Annotated[list[Path] | None, typer.Option("--file", "-f", help="Attach it.")] = None,
    thinking: Annotated[bool, typer.Option("--thinking", help="Show the reasoning too.")] = False,
    stream: Annotated[bool, typer.Option("--stream", help="One JSON line per event.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Drive a task and stream the answer."""
    session.ready()
    from orchestrator.services import requests, trips

    wished = wishes.Wishes(gear, throttle, road, pattern, profile, policy, max_tokens, system)
    try:
        request = wished.request(read_text(text), tuple(file or ()))
        trip = trips.start(session.caller(), request)
    except requests.RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    mode = "stream" if stream else "json" if as_json else "thinking" if thinking else "text"
    finish(drive(trip.pk, mode))


def drive(trip_id: UUID, mode: str) -> dict[str, Any]:
    """Drive to the end, printing as the mode says; the last event's payload."""
    return asyncio.run(_drive(trip_id, mode))


async def _drive(trip_id: UUID, mode: str) -> dict[str, Any]:
    from orchestrator import runtime
    from orchestrator.services import drive as engine
    from orchestrator.services import event_documents, leases, stops
    from orchestrator.services.database import in_thread

    loop = asyncio.get_running_loop()
    runtime.adopt(loop)
    asked: list[asyncio.Task[bool]] = []
    loop.add_signal_handler(
        signal.SIGINT,
        lambda: asked.append(asyncio.create_task(in_thread(stops.request, trip_id))),
    )
    last: dict[str, Any] = {}
    try:
        async with aclosing(engine.drive(trip_id, leases.new_owner(OWNER_KIND))) as events:
            async for event in events:
                kind, last = event_documents.kind_of(event), event_documents.payload_of(event)
                show(kind, last, mode)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        await asyncio.gather(*asked)
        await runtime.close()
    result = {"trip": str(trip_id), "was_interrupted": bool(asked), **last}
    if mode == "json":
        output.as_json(await in_thread(_document, trip_id, result))
    return result


def show(kind: str, payload: dict[str, Any], mode: str) -> None:
    """Text goes to standard output, what is said about it to standard error."""
    if mode == "stream":
        sys.stdout.write(json.dumps({"kind": kind, **payload}, default=str) + "\n")
        sys.stdout.flush()
    elif mode in ("json", "silent"):
        return
    elif kind == "text":
        sys.stdout.write(output.safe(payload["text"]))
        sys.stdout.flush()
    elif kind == "thinking" and mode == "thinking":
        sys.stderr.write(output.safe(payload["text"]))
    elif kind == "routed" and not payload["receipt"]["refused"] and sys.stderr.isatty():
        output.note(payload["receipt"]["line"])
    elif kind == "gear_shifted":
        output.note(f"{payload['from_gear']} → {payload['to_gear']}: {payload['reason']}")
    elif kind == "trip_finished":
        _show_end(payload)


def _show_end(payload: dict[str, Any]) -> None:
    if payload["text"] and not payload["text"].endswith("\n"):
        output.line()
    usage = payload["usage"]
    if not (payload["text"] or payload["cost_nano"] or usage["input_tokens"]):
        return  # nothing was sent, so there is nothing to tell of
    parts = [
        f"{usage['input_tokens']:,} in ({usage['cached_input_tokens']:,} cached)",
        f"{usage['output_tokens']:,} out",
        output.dollars(payload["cost_nano"], payload["currency"]),
        f"{payload['seconds']:.1f} s",
    ]
    if payload["saved_nano"]:
        parts.append(f"saved {output.dollars(payload['saved_nano'], payload['currency'])}")
    if payload["state"] != "done":
        parts.insert(0, payload["state"])
    output.note(" · ".join(parts))


def _document(trip_id: UUID, last: dict[str, Any]) -> dict[str, Any]:
    from orchestrator.services import trip_documents

    return {**trip_documents.document(trip_id), "next_step": last.get("next_step", "")}


def finish(last: dict[str, Any]) -> None:
    """The status of a driven trip."""
    if last.get("was_interrupted"):
        raise typer.Exit(exits.INTERRUPTED)
    if last.get("state") != "done":
        exits.leave(
            exits.status_for(last.get("error_code", "")),
            last.get("error", "") or "Nothing was answered.",
            last.get("next_step", ""),
        )
