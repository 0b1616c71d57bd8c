"""`clutch serve` and `clutch link`: the local web application."""

import os
import sys
import webbrowser
from typing import Annotated

import typer

from orchestrator.cli import exits, output, session, wishes

serve_app, link_app = typer.Typer(add_completion=False), typer.Typer(add_completion=False)
apps = {"serve": serve_app, "link": link_app}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Only print the link.")]
Public = Annotated[bool, typer.Option("--public", help="Yes, other computers may reach this one.")]


@serve_app.command()
def serve(
    host: Annotated[str, typer.Option("--host", envvar="HOST", help="Listen here.")] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option("--port", envvar="PORT", min=1, max=65535, help="Or the next that is free."),
    ] = 8760,
    no_browser: NoBrowser = False,
    public: Public = False,
    as_json: wishes.Json = False,
) -> None:
    """Start the local web application."""
    refuse_open(host, public)
    from orchestrator.cli import server

    if (first := server.running()) is not None:
        server.refuse_second(first)
    bound = server.listen(host, port)
    free = bound.getsockname()[1]
    tell_port(port, free)
    tell_settings(host, free)
    server.run(bound, server.url_of(host, free), lambda link: announce(link, no_browser, as_json))


def refuse_open(host: str, public: bool) -> None:
    if host not in LOOPBACK and not public:
        exits.leave(
            exits.USAGE,
            f"{host} can be reached by other computers, and the connection is not encrypted.",
            "Put it behind a server with HTTPS; to do it all the same, add --public.",
        )


def tell_port(wanted: int, found: int) -> None:
    if found != wanted:
        output.note(f"Port {wanted} is taken; using {found}.")


def tell_settings(host: str, port: int) -> None:
    """Cookie names and the hosts we answer for depend on both, so they come before Django."""
    from orchestrator.cli.server import EVERYWHERE

    os.environ["HOST"], os.environ["PORT"] = host, str(port)
    if host not in (*LOOPBACK, *EVERYWHERE):  # all addresses together are no name of ours
        allowed = os.environ.get("CLUTCH_ALLOWED_HOSTS", "")
        os.environ["CLUTCH_ALLOWED_HOSTS"] = ",".join(filter(None, [allowed, host]))


def announce(link: str, no_browser: bool, as_json: bool) -> None:
    output.result(f"Clutch Web is running. Sign in: {link}", {"url": link}, as_json=as_json)
    sys.stdout.flush()
    if sys.stdout.isatty() and not no_browser:
        webbrowser.open(link)


@link_app.command()
def link(as_json: wishes.Json = False) -> None:
    """Print a new one-time sign-in link."""
    session.ready()
    from django.conf import settings
    from django.utils import timezone

    from orchestrator.cli import server
    from orchestrator.services.people import signin

    running = server.running()
    if running is None and settings.IS_EMBEDDED:
        exits.leave(exits.FAILED, "No server is running here.", "Start one: clutch serve")
    # The servers of a large installation hold no lock: they answer where its settings say.
    here = running.url if running else server.url_of(settings.HOST, settings.PORT)
    address = settings.PUBLIC_URL or here
    made = signin.make_link(address, signin.ensure_owner(), timezone.now())
    output.result(made, {"url": made}, as_json=as_json)
