"""`clutch move`: from the SQLite file of this home into an empty PostgreSQL."""

import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from clutchweb import env, home
from orchestrator.cli import exits, output, server, wishes

app = typer.Typer(add_completion=False)
apps = {"move": app}
POSTGRES = ("postgres", "postgresql", "pgsql")
TELL_EVERY = 10_000


@app.command()
def move(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            envvar="CLUTCH_MOVE_TO",
            help="postgres://USER:PASSWORD@HOST/NAME, an empty database.",
        ),
    ],
    as_json: wishes.Json = False,
) -> None:
    """Copy this installation from SQLite into an empty PostgreSQL, and verify the copy."""
    source = _source()
    if urlsplit(to).scheme not in POSTGRES:
        exits.leave(
            exits.USAGE,
            "That is no address of a PostgreSQL database.",
            "clutch move --to postgres://USER:PASSWORD@HOST/NAME",
        )
    held = _locked()
    os.environ.update({"DATABASE_URL": to, "CLUTCH_MOVE_FROM": str(source)})
    import django

    django.setup()
    from orchestrator.services.upkeep.moving import move as moving

    try:
        moved = moving.move(_tell)
    except moving.MoveRefused as refused:
        exits.leave(exits.FAILED, str(refused), refused.next_step)
    finally:
        if held is not None:
            os.close(held)
    text = (
        f"Copied {moved.rows:,} rows of {moved.tables} tables and verified them: counts, the sums "
        f"of {moved.checked} tables of money, and what must always hold.\n"
        f"From now on set DATABASE_URL to this address. The old file stays as it was: {source}"
    )
    document = {"rows": moved.rows, "tables": moved.tables, "source": str(source)}
    output.result(text, document, as_json=as_json)


def _locked() -> int | None:
    """Nobody else uses this home meanwhile; `clutch scaled` has seen to that for its own copy."""
    running = server.running()
    if running is None:
        return server.take_lock("")
    if running.pid != os.getppid():
        exits.leave(exits.FAILED, f"Clutch Web is running here, at {running.url}", "Stop it first.")
    return None


def _source() -> Path:
    address = env.text("DATABASE_URL")
    if address and not address.startswith("sqlite:"):
        exits.leave(exits.USAGE, "This installation is on PostgreSQL already.")
    file = Path(env.database("DATABASE_URL")["NAME"]) if address else home.path() / "clutch.db"
    if not file.exists():
        exits.leave(exits.FAILED, f"There is no installation to move: {file} is missing.")
    return file


def _tell(table: str, done: int, total: int) -> None:
    """A line for a long table now and then, and one for each that is done."""
    if done == total or done % TELL_EVERY == 0:
        name = table.removeprefix("orchestrator_")
        output.note(f"{name}: {done:,} of {total:,}")
        sys.stderr.flush()
