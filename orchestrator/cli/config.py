"""`clutch config`: options, and the whole configuration as text."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator.cli import exits, output, session, wishes

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"config": app}
Name = Annotated[str, typer.Argument(help="An option; none lists all.")]


@app.command()
def get(name: Name = "", as_json: wishes.Json = False) -> None:
    """Show options."""
    session.ready()
    from orchestrator.services.setup import options

    try:
        values = {name: options.get(name)} if name else options.everything()
    except options.UnknownOption as unknown:
        exits.leave(exits.USAGE, str(unknown))
    if as_json:
        output.write_json(values)
    elif name:
        output.line(str(values[name]))
    else:
        rows = ((key, value, options.find(key).help) for key, value in values.items())
        output.table(("option", "value", "what it does"), rows)


@app.command("set")
def set_option(name: str, value: str, as_json: wishes.Json = False) -> None:
    """Change an option."""
    session.ready()
    from orchestrator.services.setup import options

    try:
        stored = options.put(name, value)
    except (options.UnknownOption, options.WrongValue) as wrong:
        exits.leave(exits.USAGE, str(wrong))
    if as_json:
        output.write_json({name: stored})
    else:
        output.line(f"{name} is now {stored}.")


@app.command()
def export(as_json: wishes.Json = False) -> None:
    """Print fleet, rules, budgets and options as TOML. Keys are never part of it."""
    session.ready()
    import tomllib

    from orchestrator.services.setup import transfer

    text = transfer.export_document()
    if as_json:
        output.write_json(tomllib.loads(text))
    else:
        sys.stdout.write(text)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A TOML file; - reads a pipe.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply it without asking.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Show what a TOML document changes, ask, and apply all of it, or nothing when it is wrong."""
    session.ready()
    from orchestrator.services.setup import transfer

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        changes = transfer.import_document(text, dry_run=True)
        if dry_run or changes.is_empty:
            tell(changes.document(), dry_run=dry_run, as_json=as_json)
            return
        if not yes:
            _ask(changes.document(), is_pipe=str(file) == "-" or as_json)
        transfer.import_document(text, expected=changes)
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")
    except UnicodeDecodeError:
        exits.leave(exits.USAGE, f"{file} is not text in UTF-8.")
    except transfer.InvalidDocument as invalid:
        exits.leave(exits.USAGE, str(invalid), "Nothing was changed.")
    if yes or as_json:
        tell(changes.document(), dry_run=False, as_json=as_json)
    else:
        output.line("Done.")


def _ask(changes: dict[str, Any], *, is_pipe: bool) -> None:
    if is_pipe or not sys.stdin.isatty():
        exits.leave(
            exits.USAGE,
            "Nothing was changed: nobody can be asked here.",
            "See what would change with --dry-run, then apply it with --yes.",
        )
    tell(changes, dry_run=False, as_json=False)
    if not typer.confirm("Apply this?", default=False, err=True):
        exits.leave(exits.FAILED, "Nothing was changed.")


def tell(changes: dict[str, Any], *, dry_run: bool, as_json: bool) -> None:
    """What an import did, or would do, field by field."""
    if as_json:
        output.write_json({"dry_run": dry_run, **changes})
        return
    marked = [("new", each) for each in changes["created"]]
    marked += [("changed", each) for each in changes["changed"]]
    for section in dict.fromkeys(subject.split()[0] for _, subject in marked):
        mine = [each for each in marked if each[1].split()[0] == section]
        output.line(f"{section}: {_counted(mine)}")
        for word, subject in mine:
            output.line(f"  {word}: {subject}")
            for text in changes.get("differences", {}).get(subject, ()):
                output.line(f"      {text}")
    output.line(f"{changes['unchanged']} unchanged." + (" Nothing was written." if dry_run else ""))


def _counted(marked: list[tuple[str, str]]) -> str:
    words = [word for word, _ in marked]
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
