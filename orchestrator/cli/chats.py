"""`clutch chats`: what was talked about, as files out of it and files into it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from orchestrator.cli import exits, names, output, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import Conversation, ImportBatch
    from orchestrator.services.chat.exchange.archiving import Form
    from orchestrator.services.chat.exchange.importing import Findings

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"chats": app}
FIRST = 50


@app.command("list")
def list_chats(
    everything: Annotated[
        bool, typer.Option("--all", help=f"All of them, not the newest {FIRST}.")
    ] = False,
    as_json: wishes.Json = False,
) -> None:
    """Your chats, newest first."""
    session.ready()
    from orchestrator.services.chat import conversations
    from orchestrator.services.people import signin

    mine = conversations.own(signin.ensure_owner().pk).order_by("-updated_at")
    fields = ("id", "title", "created_at", "updated_at", "import_batch")
    rows = list(mine.values(*fields)[: None if everything else FIRST])
    if as_json:
        output.write_json(rows)
    elif not rows:
        output.line("There are no chats yet. Begin one: clutch serve")
    else:
        output.table(
            ("id", "title", "last used", "import"),
            (
                (r["id"], r["title"], f"{r['updated_at']:%Y-%m-%d %H:%M}", r["import_batch"])
                for r in rows
            ),
        )


@app.command()
def export(
    ids: Annotated[list[str] | None, typer.Argument(help="Chats; without one all.")] = None,
    form: Annotated[
        str, typer.Option("--form", help="markdown to read, json to import again.")
    ] = "markdown",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file; a ZIP of several.")
    ] = None,
    as_json: wishes.Json = False,
) -> None:
    """One chat as text, or several as a ZIP."""
    session.ready()
    wanted = _form(form)
    if ids and len(ids) == 1:
        _export_one(names.chat(ids[0]), wanted, out, as_json=as_json)
    else:
        _export_many([names.chat(each).pk for each in ids or []], wanted, out, as_json=as_json)


def _form(name: str) -> "Form":
    from orchestrator.services.chat.exchange.archiving import Form

    try:
        return Form(name)
    except ValueError:
        exits.leave(exits.USAGE, f"There is no form {name!r}. Use one of: {', '.join(Form)}.")


def _export_one(chat: "Conversation", form: "Form", out: Path | None, *, as_json: bool) -> None:
    from orchestrator.services.chat.exchange import archiving, exporting

    if out is not None:
        _write(out, [archiving.document(chat, form)])
        _tell_written(1, out, as_json=as_json)
    elif as_json:
        output.write_json(exporting.as_json(chat))
    else:
        output.line(archiving.document(chat, form).decode().rstrip("\n"))


def _export_many(ids: list[UUID], form: "Form", out: Path | None, *, as_json: bool) -> None:
    from django.utils import timezone

    from orchestrator.services.chat import conversations
    from orchestrator.services.chat.exchange import archiving
    from orchestrator.services.people import signin

    owner = signin.ensure_owner()
    mine = conversations.own(owner.pk)
    mine = mine.filter(pk__in=ids) if ids else mine
    count, file = mine.count(), out or Path(f"clutch-chats-{timezone.localdate()}.zip")
    if not count:
        output.result("There are no chats to export.", {"chats": 0, "file": None}, as_json=as_json)
        return
    _write(file, archiving.archive(owner, mine, form))
    _tell_written(count, file, as_json=as_json)


def _write(file: Path, pieces: Any) -> None:
    try:
        with file.open("wb") as opened:
            for piece in pieces:
                opened.write(piece)
    except OSError as error:
        exits.leave(exits.FAILED, f"Cannot write {file}: {error.strerror}.")


def _tell_written(count: int, file: Path, *, as_json: bool) -> None:
    text = f"{count} chat{'' if count == 1 else 's'} written to {file}"
    output.result(text, {"chats": count, "file": str(file)}, as_json=as_json)


@app.command("import")
def import_chats(
    file: Annotated[Path, typer.Argument(help="A ZIP or JSON of ChatGPT, Claude or Clutch Web.")],
    is_dry: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be imported; write nothing.")
    ] = False,
    as_json: wishes.Json = False,
) -> None:
    """Bring in chats from an export of ChatGPT, Claude or Clutch Web."""
    session.ready()
    from orchestrator.services.chat.exchange import importing
    from orchestrator.services.chat.exchange.neutral import ExportUnreadable
    from orchestrator.services.people import signin

    try:
        with file.open("rb") as opened:
            if is_dry:
                _tell_findings(
                    importing.examine(signin.ensure_owner(), file.name, opened), as_json=as_json
                )
                return
            batch = importing.apply(signin.ensure_owner(), file.name, opened, _progress)
    except (ExportUnreadable, importing.ImportRunning, importing.ImportStopped) as refused:
        exits.leave(exits.FAILED, str(refused))
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")
    _tell_import(batch, as_json=as_json)


def _progress(done: int, total: int) -> None:
    if total > 500:
        output.note(f"{done:,} of {total:,} chats")


def _tell_findings(found: "Findings", *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "title": r.title,
                "messages": r.messages,
                "files": r.files,
                "date": r.date,
                "verdict": r.verdict,
            }
            for r in found.rows
        ]
        output.write_json({"source": found.source, "counts": found.counts, "chats": rows})
        return
    output.table(
        ("chat", "messages", "from", "what happens"),
        (
            (r.title, r.messages, f"{r.date:%Y-%m-%d}" if r.date else "", r.verdict)
            for r in found.rows
        ),
    )
    output.line(" · ".join(f"{count:,} {verdict}" for verdict, count in found.counts.items()))


def _tell_import(batch: "ImportBatch", *, as_json: bool) -> None:
    text = f"{batch.done:,} chats imported, {batch.skipped:,} passed over."
    text += f" {batch.error}" if batch.error else ""
    undo = f" Take it back: clutch chats undo {batch.pk}" if batch.done else ""
    document = {"batch": batch.pk, "imported": batch.done, "skipped": batch.skipped}
    output.result(text + undo, document, as_json=as_json)


@app.command()
def undo(
    batch: Annotated[int, typer.Argument(help="The number that the import printed.")],
    as_json: wishes.Json = False,
) -> None:
    """Remove the chats of an import; those you have continued since stay."""
    session.ready()
    from orchestrator.models import ImportBatch
    from orchestrator.services.chat.exchange import importing
    from orchestrator.services.people import signin

    owner = signin.ensure_owner()
    try:
        removed = importing.undo(owner, batch)
    except ImportBatch.DoesNotExist:
        exits.leave(exits.USAGE, f"There is no import {batch}.", "See: clutch chats list")
    kept = importing.continued(ImportBatch.objects.get(pk=batch))
    output.result(
        f"{removed:,} chats removed, {kept:,} kept because you have continued them.",
        {"batch": batch, "removed": removed, "kept": kept},
        as_json=as_json,
    )
