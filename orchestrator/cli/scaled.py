"""`clutch scaled`: web processes, workers, a sweeper, PostgreSQL and Redis on this computer."""

import asyncio
from typing import Annotated

import typer

from orchestrator.cli import exits, output, serve, server, wishes

app = typer.Typer(add_completion=False)
apps = {"scaled": app}


@app.command()
def scaled(
    host: Annotated[str, typer.Option("--host", envvar="HOST", help="Listen here.")] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option("--port", envvar="PORT", min=1, max=65535, help="Or the next that is free."),
    ] = 8760,
    webs: Annotated[int, typer.Option("--webs", min=1, max=32, help="Web processes.")] = 2,
    workers: Annotated[int, typer.Option("--workers", min=1, max=32, help="Workers.")] = 2,
    install: Annotated[
        bool, typer.Option("--install", help="Install PostgreSQL and Redis with apt if missing.")
    ] = False,
    no_browser: serve.NoBrowser = False,
    public: serve.Public = False,
    as_json: wishes.Json = False,
) -> None:
    """Start everything a large installation has, on this computer."""
    serve.refuse_open(host, public)
    if (first := server.running()) is not None:
        server.refuse_second(first)
    from orchestrator.cli.topology import folders, machine, running, supervisor
    from orchestrator.cli.topology.programs import Shape

    if install:
        machine.install_missing()
    bound = server.listen(host, port)
    found = bound.getsockname()[1]
    serve.tell_port(port, found)
    serve.tell_settings(host, found)
    url = server.url_of(host, found)
    server.take_lock(url)
    kept = folders.prepared()
    shape = Shape(host, found, webs, workers, {}, kept.logs)
    voice = running.Voice(output.note, lambda link: serve.announce(link, no_browser, as_json))
    try:
        asyncio.run(running.run(shape, kept, bound.fileno(), url, voice))
    except (supervisor.NotStarted, TimeoutError) as error:
        exits.leave(exits.FAILED, str(error) or f"It did not start in time. See: {kept.logs}")
