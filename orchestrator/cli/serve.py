"""`clutch serve` and `clutch link`: the local web application."""

import os
import sys
import webbrowser
from typing import Annotated

import typer

from orchestrator.cli import exits, output, session, wishes

serve_app, link_app = typer.Typer(), typer.Typer()
apps = {"serve": serve_app, "link": link_app}
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@serve_app.command()
def serve(
    host: Annotated[str, typer.Option("--host", envvar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", envvar="PORT", min=1, max=65535)] = 8760,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the link.")] = False,
    public: Annotated[
        bool, typer.Option("--public", help="Yes, other computers may reach this one.")
    ] = False,
) -> None:
    """Start the local web application."""
    if host not in LOOPBACK and not public:
        exits.leave(
            exits.USAGE,
            f"{host} can be reached by other computers, and the connection is not encrypted.",
            "Put it behind a server with HTTPS; to do it all the same, add --public.",
        )
    from orchestrator.cli import server

    free = server.free_port(host, port)
    if free != port:
        output.note(f"Port {port} is taken; using {free}.")
    os.environ["HOST"], os.environ["PORT"] = host, str(free)
    if host not in LOOPBACK:
        allowed = os.environ.get("CLUTCH_ALLOWED_HOSTS", "")
        os.environ["CLUTCH_ALLOWED_HOSTS"] = ",".join(filter(None, [allowed, host]))
    server.run(host, free, on_ready=lambda link: _announce(link, no_browser=no_browser))


def _announce(link: str, *, no_browser: bool) -> None:
    output.line(f"Clutch Web is running. Sign in: {link}")
    sys.stdout.flush()
    if sys.stdout.isatty() and not no_browser:
        webbrowser.open(link)


@link_app.command()
def link(as_json: wishes.Json = False) -> None:
    """Print a new one-time sign-in link."""
    session.ready()
    from django.utils import timezone

    from orchestrator.cli import server
    from orchestrator.services import signin

    running = server.running()
    if running is None:
        exits.leave(exits.FAILED, "No server is running here.", "Start one: clutch serve")
    made = signin.make_link(running.url, signin.ensure_owner(), timezone.now())
    if as_json:
        output.as_json({"url": made})
    else:
        output.line(made)


def run_bare(name: str) -> None:
    """`clutch` alone starts the server."""
    serve(
        host=os.environ.get("HOST") or "127.0.0.1",
        port=int(os.environ.get("PORT") or 8760),
        no_browser=False,
        public=False,
    )
