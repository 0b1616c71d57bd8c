"""`clutch providers`: where models are served."""

import asyncio
from typing import Annotated, Any

import typer

from orchestrator.cli import completions, exits, names, output, session, wishes

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"providers": app}


@app.command("list")
def list_providers(as_json: wishes.Json = False) -> None:
    """All providers and what keeps them from being used."""
    session.ready()
    from orchestrator.models import Provider
    from orchestrator.services.setup import fleet

    rows: list[dict[str, Any]] = [
        {
            "name": provider.name,
            "title": provider.title,
            "kind": provider.kind,
            "base_url": provider.base_url,
            "credential": provider.credential,
            "is_local": provider.is_local,
            "problem": fleet.why_unavailable(provider),
            "checked_at": provider.checked_at,
        }
        for provider in Provider.objects.filter(is_enabled=True)
    ]
    if as_json:
        output.write_json(rows)
        return
    output.table(
        ("provider", "kind", "address", "state"),
        ((r["name"], r["kind"], r["base_url"], r["problem"] or "ready") for r in rows),
    )


@app.command()
def check(
    name: Annotated[
        str,
        typer.Argument(
            help="One provider; none looks for local servers.",
            autocompletion=completions.providers,
        ),
    ] = "",
    as_json: wishes.Json = False,
) -> None:
    """Reach a provider, or look for local servers."""
    session.ready()
    from orchestrator.services.setup import discovery

    if not name:
        found = asyncio.run(session.on_loop(discovery.probe_local()))
        if as_json:
            output.write_json({"found": found})
        else:
            output.line(f"Found: {', '.join(found)}." if found else "No local server answers.")
        return
    names.provider(name)
    problem = asyncio.run(session.on_loop(discovery.check(name)))
    if as_json:
        output.write_json({"provider": name, "ok": not problem, "problem": problem})
    elif not problem:
        output.line(f"{name} answers.")
    if problem:
        exits.leave(exits.FAILED, "" if as_json else problem)


@app.command()
def trust(name: completions.ProviderName, as_json: wishes.Json = False) -> None:
    """Say that this provider's address may have its key."""
    session.ready()
    from orchestrator.services.setup import credentials

    provider = names.provider(name)
    if not provider.credential:
        exits.leave(exits.USAGE, f"{name} needs no key.")
    origins = credentials.trust(provider)
    output.result(
        f"{provider.credential} may go to: {', '.join(origins)}",
        {"key": provider.credential, "origins": origins},
        as_json=as_json,
    )
