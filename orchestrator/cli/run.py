"""`clutch run` and bare `clutch "TEXT"`: drive a task here and stream the answer."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from orchestrator.cli import exits, ordering, output, screen, session, wishes
from orchestrator.cli.route import read_text

app = typer.Typer(add_completion=False)
apps = {"run": app}
OWNER_KIND = "cli"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", min=1, help="Longest answer.")
    ] = None,
    system: Annotated[str, typer.Option("--system", help="Instructions beside the task.")] = "",
    file: Annotated[
        list[Path] | None, typer.Option("--file", "--image", "-f", help="Attach it.")
    ] = None,
    thinking: Annotated[bool, typer.Option("--thinking", help="Show the reasoning too.")] = False,
    plan: ordering.Plan = "",
    places: ordering.Sets = None,
    items: ordering.Items = None,
    column: ordering.Column = "",
    cap: ordering.Cap = "",
    yes: ordering.Yes = False,
    stream: Annotated[bool, typer.Option("--stream", help="One JSON line per event.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Drive a task and stream the answer."""
    session.ready()
    from orchestrator.services.driving import requests, trips

    wished = wishes.Wishes(gear, throttle, road, pattern, profile, policy, max_tokens, system)
    if plan or ordering.is_run(wished.overrides().pattern):
        if file:
            exits.leave(exits.USAGE, "Files go with single answers. Give a run its --items.")
        asked = ordering.Asked(plan, tuple(places or ()), items, column, cap)
        task = "" if plan and not text else read_text(text)
        wanted = ordering.order(wished, task, asked)
        begun = ordering.begin(wanted, is_agreed=yes, is_quiet=as_json or stream)
        finish(drive(begun.pk, "stream" if stream else "run-json" if as_json else "text"))
        return
    try:
        request = wished.request(read_text(text), tuple(file or ()))
        trip = trips.start(session.caller(), request)
    except requests.RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    mode: screen.Mode = "thinking" if thinking else "text"
    finish(drive(trip.pk, "stream" if stream else "json" if as_json else mode))


def drive(trip_id: UUID, mode: screen.Mode) -> dict[str, Any]:
    """Drive to the end, printing as the mode says; the last event's payload."""
    return asyncio.run(_drive(trip_id, mode))


async def _drive(trip_id: UUID, mode: screen.Mode) -> dict[str, Any]:
    from orchestrator import runtime
    from orchestrator.services.database import in_thread
    from orchestrator.services.driving import drive as engine
    from orchestrator.services.driving import event_documents, leases, stops

    loop = asyncio.get_running_loop()
    runtime.adopt(loop)
    asked: list[asyncio.Task[Any]] = []
    is_run = await in_thread(_is_run, trip_id)

    def stop() -> None:
        """A run is paused, so that it can go on; who insists, ends it."""
        deed = stops.request if asked or not is_run else _pause
        asked.append(asyncio.create_task(in_thread(deed, trip_id)))

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    last: dict[str, Any] = {}
    shown = screen.Screen(mode)
    try:
        async with aclosing(engine.drive(trip_id, leases.new_owner(OWNER_KIND))) as events:
            async for event in events:
                kind, last = event_documents.kind_of(event), event_documents.payload_of(event)
                shown.show(kind, last)
    finally:
        shown.close()
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
        await asyncio.gather(*asked)
        await runtime.close()
    result = {"trip": str(trip_id), "was_interrupted": bool(asked), "is_run": is_run, **last}
    if mode in DOCUMENTS:
        output.write_json(await in_thread(DOCUMENTS[mode], trip_id, result))
    return result


def _is_run(trip_id: UUID) -> bool:
    from orchestrator.models import Trip

    return Trip.objects.filter(pk=trip_id).exclude(pattern="single").exists()


def _pause(trip_id: UUID) -> None:
    from orchestrator.models import Trip
    from orchestrator.services.runs import controls

    with suppress(controls.NotNow):
        controls.pause(Trip.objects.get(pk=trip_id))


def _document(trip_id: UUID, last: dict[str, Any]) -> dict[str, Any]:
    from orchestrator.services.driving import trip_documents

    return {**trip_documents.document(trip_id), "next_step": last.get("next_step", "")}


def _run_document(trip_id: UUID, last: dict[str, Any]) -> dict[str, Any]:
    """A run with the results of its items, which may be many, and without its calls."""
    from orchestrator.models import Trip
    from orchestrator.services.runs import boards, results

    trip = Trip.objects.select_related("payload").get(pk=trip_id)
    return {
        **boards.document(boards.of(trip)),
        "answer": trip.payload.answer,
        "results": results.documents(trip_id),
        "next_step": last.get("next_step", ""),
    }


DOCUMENTS: dict[str, Callable[[UUID, dict[str, Any]], dict[str, Any]]] = {
    "json": _document,
    "run-json": _run_document,
}


def finish(last: dict[str, Any]) -> None:
    """The status of a driven trip."""
    if "reason" in last:
        going_on = f"clutch runs resume {last['trip']}"
        status = exits.INTERRUPTED if last["was_interrupted"] else exits.status_for(last["code"])
        cap = " --cap DOLLARS" if last["code"] == "cap" else ""
        exits.leave(status, f"Paused. {last['reason']}", f"To go on: {going_on}{cap}")
    if last.get("was_interrupted"):
        exits.leave(exits.INTERRUPTED)
    if last.get("state") != "done":
        exits.leave(
            exits.status_for(last.get("error_code", "")),
            last.get("error", "") or "Nothing was answered.",
            last.get("next_step", ""),
        )
