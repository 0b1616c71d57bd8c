"""Gears against the real thing: try one, see what a provider serves, fetch a local model."""

import asyncio
from typing import Any

from orchestrator.cli import completions, exits, names, output, run, session, wishes


def try_gear(name: completions.GearName, as_json: wishes.Json = False) -> None:
    """Ask a gear something tiny: does it answer, how fast, at what cost?"""
    session.ready()
    names.gear(name)
    from orchestrator.services.driving import gear_trials, trip_documents, trips

    trip = trips.start(session.caller(), gear_trials.request_for(name))
    last = run.drive(trip.pk, "silent")
    document = trip_documents.document(trip.pk)
    if as_json or last.get("state") == "done":
        output.result(_verdict(name, document), document, as_json=as_json)
    run.finish(last)


def _verdict(name: str, document: dict[str, Any]) -> str:
    leg = document["legs"][-1] if document["legs"] else {}
    first_s, seconds = leg.get("first_token_s") or 0, leg.get("seconds") or 0
    cost = output.dollars(document["cost_nano"], document["currency"])
    return f"{name} answers in {seconds:.1f} s (first word after {first_s:.1f} s) for {cost}."


def discover(provider: completions.ProviderName, as_json: wishes.Json = False) -> None:
    """List what a provider serves, with a suggested level."""
    session.ready()
    names.provider(provider)
    from orchestrator.providers.errors import ProviderError
    from orchestrator.services.setup import discovery

    try:
        found = asyncio.run(session.on_loop(discovery.discover(provider)))
    except ProviderError as error:
        exits.leave(exits.FAILED, error.message, f"See: clutch providers check {provider}")
    if as_json:
        output.write_json([suggestion.document() for suggestion in found])
        return
    output.table(
        ("model", "level", "window", "abilities", "gear"),
        (
            (
                d["model_id"],
                f"G{d['level']}",
                d["context_window"],
                ", ".join(d["capabilities"]),
                d["gear"],
            )
            for d in (suggestion.document() for suggestion in found)
        ),
    )


def pull(name: completions.GearName, as_json: wishes.Json = False) -> None:
    """Fetch a gear's model onto its Ollama host."""
    session.ready()
    gear = names.gear(name)
    if gear.provider.kind != "ollama":
        exits.leave(exits.USAGE, f"{name} is not served by Ollama; there is nothing to fetch.")
    from orchestrator.providers.errors import ProviderError

    try:
        asyncio.run(session.on_loop(_pull(gear.provider.name, gear.model_id)))
    except ProviderError as error:
        exits.leave(exits.FAILED, error.message, "Is Ollama running? clutch providers check ollama")
    output.result(f"{name} is ready.", {"gear": name, "is_ready": True}, as_json=as_json)


async def _pull(provider: str, model_id: str) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from orchestrator.providers.ollama.adapter import OllamaProvider
    from orchestrator.services.database import in_thread
    from orchestrator.services.setup import discovery, fleet

    adapter = OllamaProvider(await in_thread(fleet.provider_spec, provider))
    console = Console(stderr=True)
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task(model_id, total=None)
            async for step in adapter.pull(model_id):
                progress.update(
                    bar,
                    description=step.status,
                    completed=step.completed_bytes,
                    total=step.total_bytes or None,
                )
    finally:
        await adapter.aclose()
    await discovery.check(provider)
    await discovery.discover(provider)
