"""What commands print: one JSON document, or text and tables for a person."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

# Model text must not move the cursor, rename the window or fill the clipboard.
CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def write_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, indent=2, default=str) + "\n")


def result(text: str, document: Any, *, as_json: bool) -> None:
    """What a command did, in the form that was asked for."""
    if as_json:
        write_json(document)
    else:
        line(text)


def line(text: str = "") -> None:
    sys.stdout.write(safe(text) + "\n")


def note(text: str) -> None:
    """For a person, not for a pipe."""
    sys.stderr.write(safe(text) + "\n")


def safe(text: str) -> str:
    return CONTROL.sub("", text)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console  # drawing costs 60 ms that a dry run in JSON must not pay
    from rich.table import Table

    drawn = Table(title=title or None, title_justify="left", header_style="bold", box=SIMPLE_HEAD)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*("" if cell is None else safe(str(cell)) for cell in row))
    console = Console(highlight=False, markup=False, emoji=False)
    with console.capture() as captured:  # Rich would end the process itself when a pipe breaks
        console.print(drawn)
    sys.stdout.write(captured.get())


def dollars(nano: int | None, currency: str = "usd") -> str:
    from orchestrator.routing.fuel import dollars as text

    if nano is None:
        return "unknown"
    return text(nano) + (" demo" if currency == "demo" else "")
