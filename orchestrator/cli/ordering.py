"""A run ordered at the terminal: read, priced, agreed on, and driven here."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import exits, output, session, wishes
from orchestrator.files import items as reading

if TYPE_CHECKING:
    from orchestrator.routing.types import Pattern
    from orchestrator.services.driving.requests import TripRequest
    from orchestrator.services.runs.orders import Order
    from orchestrator.services.runs.templates import Template

MAX_DIRECTORY_FILES = 5_000
Plan = Annotated[
    str,
    typer.Option("--plan", help="A plan: its name (clutch runs plans) or a TOML or JSON file."),
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", help="Fill a place of the plan: --set topic=tea.")
]
Items = Annotated[
    Path | None,
    typer.Option("--items", help="Lines, CSV, JSONL or JSON; a folder gives each of its files."),
]
Column = Annotated[
    str, typer.Option("--column", help="The CSV column or JSON entry that is the item.")
]
Cap = Annotated[str, typer.Option("--cap", help="Dollars to spend at most; it pauses there.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Start with the proposed cap, unasked.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed about a run, beside its task."""

    plan: str = ""
    places: tuple[str, ...] = ()
    items: Path | None = None
    column: str = ""
    cap: str = ""
    is_agreed: bool = False
    document: dict[str, Any] = field(default_factory=dict)


def order(wished: wishes.Wishes, text: str, asked: Asked) -> "Order":
    """Leaves with what to change where it cannot be driven."""
    from orchestrator.services.driving.requests import RequestRefused

    try:
        return _order(wished, text, asked)
    except RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))


def _order(wished: wishes.Wishes, text: str, asked: Asked) -> "Order":
    from dataclasses import replace

    from orchestrator.services.runs.orders import Order

    pattern, document = wished.overrides().pattern, asked.document or None
    if asked.plan:
        template = plan_named(asked.plan).fill(_places(asked.places))
        pattern, document = template.pattern, dict(template.document)
        text = text or template.task
    if pattern is None:
        exits.leave(exits.USAGE, "Say which pattern or plan: --pattern team, or --plan NAME.")
    request: TripRequest = replace(wished.request(text), run=document)
    return Order(pattern, request, read_items(asked.items, asked.column), nano(asked.cap))


def plan_named(name: str) -> "Template":
    """A file where there is one of that name, else a plan that is known by it."""
    from orchestrator.services.people import signin
    from orchestrator.services.runs import templates

    file = Path(name)
    if file.suffix in (".toml", ".json") or file.is_file():
        return templates.parse(_text(file), file.name)
    found = templates.find(signin.ensure_owner().pk, name)
    if found is None:
        exits.leave(exits.USAGE, f"There is no plan {name!r}.", "See: clutch runs plans")
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        exits.leave(exits.USAGE, f"{file} is not UTF-8 text.")
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")


def _places(pairs: tuple[str, ...]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            exits.leave(exits.USAGE, f"{pair!r} fills no place. Write: --set name=value")
    return dict(pair.split("=", 1) for pair in pairs)


def read_items(source: Path | None, column: str = "") -> tuple[str, ...]:
    if source is None:
        return ()
    try:
        if str(source) == "-":
            return reading.read(sys.stdin.buffer.read(), reading.Form.LINES, column)
        if source.is_dir():
            return _files(source)
        return reading.read(source.read_bytes(), reading.form_of(source.name), column)
    except reading.UnusableItems as error:
        exits.leave(exits.USAGE, str(error))
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {source}: {error.strerror}.")


def _files(folder: Path) -> tuple[str, ...]:
    """Each text file as an item that begins with its name; others are left out and named."""
    found, left_out = [], []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            continue
        try:
            found.append(f"{name}\n\n{file.read_text('utf-8')}")
        except UnicodeDecodeError:
            left_out.append(str(name))
        if len(found) > MAX_DIRECTORY_FILES:
            raise reading.UnusableItems(f"{folder} has more than {MAX_DIRECTORY_FILES:,} files.")
    if left_out:
        output.note(f"Left out, not text: {', '.join(left_out[:10])}")
    if not found:
        raise reading.UnusableItems(f"{folder} has no text files.")
    return tuple(found)


def nano(dollars: str) -> int | None:
    from orchestrator.services.money import budgets

    if not dollars:
        return None
    try:
        return budgets.parse_usd(dollars)
    except ValueError as error:
        exits.leave(exits.USAGE, str(error))


def begin(wanted: "Order", *, is_agreed: bool, is_quiet: bool) -> Any:
    """Price it, ask a person at a terminal, and start it with its cap; the trip."""
    from dataclasses import replace

    from orchestrator.services.driving.requests import RequestRefused
    from orchestrator.services.runs import orders

    caller = session.caller()
    try:
        quote = orders.quote(caller, wanted)
        cap_nano = quote.cap_nano if wanted.cap_nano is None else wanted.cap_nano
        if not is_quiet:
            cap = output.dollars(cap_nano, "demo" if quote.is_demo else "usd")
            output.note(f"{quote.line} · it pauses at {cap}")
            _agree(is_agreed or wanted.cap_nano is not None)
        return orders.start(caller, replace(wanted, cap_nano=cap_nano))
    except RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))


def _agree(is_agreed: bool) -> None:
    if is_agreed or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    if not typer.confirm("Start?", default=True, err=True):
        exits.leave(exits.DONE, "Nothing was started.")


def is_run(pattern: "Pattern | None") -> bool:
    return pattern is not None and pattern.value != "single"
