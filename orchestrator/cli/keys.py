"""`clutch keys`: provider keys. They are typed hidden, tested before they are kept, never shown."""

import asyncio
import sys
from dataclasses import asdict
from getpass import getpass
from typing import Annotated

import typer

from orchestrator.cli import exits, output, session, wishes

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"keys": app}


@app.command("set")
def set_key(
    name: Annotated[
        str, typer.Argument(help="Such as ANTHROPIC_API_KEY; none: by its looks.")
    ] = "",
    no_test: Annotated[bool, typer.Option("--no-test", help="Keep it without trying it.")] = False,
    try_each: Annotated[
        bool, typer.Option("--try-each", help="Let every provider whose keys look like it try it.")
    ] = False,
    as_json: wishes.Json = False,
) -> None:
    """Keep a key, encrypted, after it has been tried."""
    session.ready()
    from orchestrator.services.setup import credentials

    if credentials.owners(name):
        exits.leave(
            exits.USAGE,
            "That is a key itself, and the shell has written it into its history.",
            "Make a new key, then type it where nobody sees it: clutch keys set",
        )
    try:
        secret = credentials.clean(_typed(name))
        names = _names(name, credentials.owners(secret), try_each=try_each and not no_test)
        name = names[0] if no_test else _tried(names, secret)
        credentials.set_key(name, secret)
    except credentials.KeyRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    output.result(
        f"{name} is kept{'' if no_test else ' and works'}. See: clutch gears list",
        {"key": name, "is_tested": not no_test},
        as_json=as_json,
    )


def _typed(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return getpass(f"Paste {name or 'the key'} (not shown): ")


def _names(name: str, owners: tuple[str, ...], *, try_each: bool) -> tuple[str, ...]:
    """The name that was given or is clear; several only where each may be tried."""
    if name:
        if owners and name not in owners:
            output.note(f"This looks like {' or '.join(owners)}, not {name}.")
        return (name,)
    if len(owners) > 1 and not try_each:
        exits.leave(
            exits.USAGE,
            f"Keys of several providers look like this: {', '.join(owners)}.",
            "Name it: clutch keys set NAME, or show it to each of them: clutch keys set --try-each",
        )
    if not owners:
        from orchestrator.services.setup import credentials

        known = ", ".join(credentials.presets())
        exits.leave(exits.USAGE, "Whose key is this?", f"Name it: clutch keys set NAME ({known})")
    return owners


def _tried(names: tuple[str, ...], secret: str) -> str:
    """The name under which the key works."""
    from orchestrator.services.setup import key_tests

    name, verdict = asyncio.run(session.on_loop(key_tests.try_each(names, secret)))
    if not verdict.is_good:
        exits.leave(
            exits.FAILED,
            f"{verdict.message} Nothing was kept.",
            f"To keep it all the same: clutch keys set {name or names[0]} --no-test",
        )
    return name


@app.command("list")
def list_keys(as_json: wishes.Json = False) -> None:
    """Which keys are there and where they come from."""
    session.ready()
    from orchestrator.services.setup import credentials

    rows = credentials.list_keys()
    if as_json:
        output.write_json([asdict(row) for row in rows])
        return
    output.table(
        ("key", "used from", "ends with", "since", "also in", "providers"),
        (
            (
                row.name,
                row.source or "–",
                row.last4,
                row.saved_at[:10],
                ", ".join(place.source for place in row.places if not place.is_used),
                ", ".join(row.providers),
            )
            for row in rows
        ),
    )
    for problem, names in credentials.problems(rows).items():
        output.note(f"{', '.join(names)}: {problem}")


@app.command("test")
def try_key(name: str, as_json: wishes.Json = False) -> None:
    """Try the key that is in use now."""
    session.ready()
    from orchestrator.services.setup import credentials, key_tests

    try:
        verdict = asyncio.run(session.on_loop(key_tests.try_key(name)))
    except credentials.KeyRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    if as_json:
        output.write_json(asdict(verdict))
    elif verdict.is_good:
        output.line(verdict.message)
    if not verdict.is_good:
        exits.leave(exits.FAILED, "" if as_json else verdict.message)


@app.command()
def remove(name: str, as_json: wishes.Json = False) -> None:
    """Forget a kept key. Keys in the environment stay."""
    session.ready()
    from orchestrator.services.setup import credentials

    if not credentials.remove_key(name):
        exits.leave(exits.USAGE, f"No key named {name!r} is kept here.", "See: clutch keys list")
    output.result(f"{name} is forgotten.", {"key": name, "is_kept": False}, as_json=as_json)


@app.command()
def rotate(as_json: wishes.Json = False) -> None:
    """Seal all kept keys anew under a new master key."""
    session.ready()
    from orchestrator.services.setup import vault

    count = vault.rotate_key()
    output.result(f"{count} keys were sealed anew.", {"keys": count}, as_json=as_json)
