"""`clutch doctor`, `status` and `version`: is this installation well?"""

import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator.cli import exits, output, run, session, wishes

doctor_app, status_app, version_app = (
    typer.Typer(add_completion=False),
    typer.Typer(add_completion=False),
    typer.Typer(add_completion=False),
)
apps = {
    "doctor": doctor_app,
    "verify": doctor_app,
    "status": status_app,
    "version": version_app,
}
LOW_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    is_well: bool
    message: str
    next_step: str = ""


@doctor_app.command()
def doctor(
    invariants: Annotated[
        bool, typer.Option("--invariants", help="Only what must always hold.")
    ] = False,
    as_json: wishes.Json = False,
) -> None:
    """Check the installation from end to end."""
    session.ready()
    from orchestrator.services.upkeep import invariants as checks

    if invariants:
        _tell_invariants(checks.document(), as_json=as_json)
        return
    breaches = checks.breaches()
    findings = [finding for check in CHECKS for finding in check()]
    findings += [Finding(b.invariant, False, f"{b.subject}: {b.message}") for b in breaches]
    if as_json:
        output.write_json({"findings": [asdict(finding) for finding in findings]})
    else:
        _draw(findings)
    if any(not finding.is_well for finding in findings):
        exits.leave(exits.FAILED)


def _tell_invariants(found: dict[str, Any], *, as_json: bool) -> None:
    breaches = found["breaches"]
    if as_json:
        output.write_json(found)
    elif not breaches:
        output.line("All invariants hold.")
    for breach in [] if as_json else breaches:
        output.line(f"{breach['invariant']}: {breach['subject']}: {breach['message']}")
    if breaches:
        exits.leave(exits.FAILED)


def _draw(findings: list[Finding]) -> None:
    for finding in findings:
        mark = "ok  " if finding.is_well else "BAD "
        output.line(f"{mark} {finding.subject}: {finding.message}")
        if finding.next_step:
            output.line(f"     → {finding.next_step}")


def _home() -> Iterator[Finding]:
    from django.conf import settings

    from orchestrator.services.upkeep import schema

    home = Path(settings.CLUTCH_HOME)
    mode = stat.S_IMODE(home.stat().st_mode)
    yield Finding(
        "home",
        not mode & 0o077,
        f"{home}, mode {mode:o}",
        "" if not mode & 0o077 else f"chmod 700 {home}",
    )
    for name in ("secret.key", "vault.key", "credentials.json"):
        file = home / name
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Finding(name, False, "can be read by others", f"chmod 600 {file}")
    free = schema.free_bytes()
    yield Finding("disk", free > LOW_BYTES, f"{free // 1024 // 1024:,} MiB free")


def _database() -> Iterator[Finding]:
    from orchestrator.services.upkeep import schema

    verdict = schema.check_integrity()
    place = str(schema.database_file() or "PostgreSQL")
    yield Finding("database", verdict == "ok", f"{place}: {verdict}")


def _keys() -> Iterator[Finding]:
    from orchestrator.services.setup import credentials, fleet

    for problem, names in credentials.problems(credentials.list_keys()).items():
        yield Finding(names[0] if len(names) == 1 else "provider keys", False, problem)
    if fleet.usable_real_gear_exists():
        yield Finding("models", True, "at least one real model can answer")
    else:
        yield Finding(
            "models", True, "only the demo can answer", "clutch keys set ANTHROPIC_API_KEY"
        )


def _local_servers() -> Iterator[Finding]:
    import asyncio

    from orchestrator.services.setup import discovery

    found = asyncio.run(session.on_loop(discovery.probe_local()))
    yield Finding("local servers", True, ", ".join(found) or "none answers")


def _demo_trip() -> Iterator[Finding]:
    """Through the whole engine: decision, hold, stream, settlement."""
    from orchestrator.routing.types import Overrides
    from orchestrator.services.driving import requests, trips

    request = requests.from_text("Say hello.", overrides=Overrides(gear="demo-1", throttle=0))
    last = run.drive(trips.start(session.caller(), request).pk, "silent")
    is_well = last.get("state") == "done"
    yield Finding("demo trip", is_well, last.get("error") or "driven from end to end")


def _server() -> Iterator[Finding]:
    from orchestrator.cli import server

    running = server.running()
    yield Finding("server", True, f"runs at {running.url}" if running else "is not running")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _home,
    _database,
    _keys,
    _local_servers,
    _demo_trip,
    _server,
)


@status_app.command()
def status(as_json: wishes.Json = False) -> None:
    """Server, gauge and providers at a glance."""
    session.ready()
    from orchestrator.cli import server
    from orchestrator.models import Provider, Trip
    from orchestrator.services.money import gauges
    from orchestrator.services.people import signin
    from orchestrator.services.setup import fleet

    running = server.running()
    unavailable = fleet.availability()
    usable = Provider.objects.filter(is_enabled=True).exclude(name__in=unavailable)
    owner, currency = signin.ensure_owner(), fleet.currency_now(unavailable)
    gauge = gauges.for_user_id(owner.pk, owner.current_team_id, currency=currency)
    document = {
        "server": running.url if running else None,
        "gauge": gauge,
        "providers": [provider.name for provider in usable],
        "driving": Trip.objects.filter(state=Trip.State.DRIVING).count(),
    }
    if as_json:
        output.write_json(document)
        return
    output.line(f"server: {document['server'] or 'not running'}")
    output.line(f"budget: {gauge['text'] if gauge else 'none set'}")
    output.line(f"ready: {', '.join(usable.values_list('name', flat=True))}")


@version_app.command()
def version(as_json: wishes.Json = False) -> None:
    """Print the version."""
    number = version_of("clutch-web")
    if as_json:
        output.write_json({"version": number})
    else:
        output.line(f"clutch {number}")
