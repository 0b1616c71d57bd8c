"""`clutch prompt export` and `import`: prompts as files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import exits, names, output, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import Prompt
    from orchestrator.services.prompts.exchange.importing import Findings

FORMS = ("markdown", "json", "zip")
# A file that is larger is refused anyway; it need not be read to its end.
MOST_READ_BYTES = 3 * 1024 * 1024


def export(
    prompts: Annotated[list[str] | None, typer.Argument(help="Names; without one all.")] = None,
    form: Annotated[
        str, typer.Option("--form", help="markdown (several as a ZIP), json or zip.")
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
    as_json: wishes.Json = False,
) -> None:
    """One prompt as Markdown, or several as a ZIP or JSON."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.prompts import access
    from orchestrator.services.prompts.exchange import exporting

    if form and form not in FORMS:
        exits.leave(exits.USAGE, f"There is no form {form!r}. Use one of: {', '.join(FORMS)}.")
    if prompts:
        chosen = [names.prompt(name) for name in prompts]
    else:
        seen = access.visible_to(signin.ensure_owner())
        chosen = list(seen.prefetch_related("tags").order_by("name", "pk"))
    if not chosen:
        exits.leave(exits.USAGE, "There are no prompts to export.")
    if out is None and form != "zip" and (form == "json" or as_json):
        output.write_json(exporting.as_json(chosen))
    elif out is None and form != "zip" and len(chosen) == 1:
        output.line(exporting.as_markdown(chosen[0]).rstrip("\n"))
    else:
        _write(chosen, form, out, as_json=as_json)


def _write(chosen: list["Prompt"], form: str, out: Path | None, *, as_json: bool) -> None:
    from django.utils import timezone

    file = out or Path(f"clutch-prompts-{timezone.localdate()}.zip")
    try:
        file.write_bytes(_packed(chosen, form))
    except OSError as error:
        exits.leave(exits.FAILED, f"Cannot write {file}: {error.strerror}.")
    many = f"{len(chosen):,} prompt{'' if len(chosen) == 1 else 's'}"
    document = {"file": str(file), "prompts": len(chosen)}
    output.result(f"{many} written to {file}.", document, as_json=as_json)


def _packed(chosen: list["Prompt"], form: str) -> bytes:
    from orchestrator.services.prompts.exchange import exporting

    if form == "json":
        return json.dumps(exporting.as_json(chosen), ensure_ascii=False, indent=1).encode()
    if form != "zip" and len(chosen) == 1:
        return exporting.as_markdown(chosen[0]).encode()
    return exporting.as_zip(chosen)


def import_file(
    file: Annotated[Path, typer.Argument(help="Markdown, JSON, or a ZIP of them.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    team: Annotated[str, typer.Option("--team", help="They become this team's.")] = "",
    everyone: Annotated[bool, typer.Option("--everyone", help="They become everyone's.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Prompts out of a file, all or none; also of what Open WebUI and LibreChat export."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.prompts.exchange import importing
    from orchestrator.services.prompts.exchange.reading import FileUnreadable
    from orchestrator.services.prompts.library import PromptRefused

    act = importing.examine if dry_run else importing.apply
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_READ_BYTES)
        user = signin.ensure_owner()
        findings = act(user, file.name, data, names.prompt_owner(user, team, everyone=everyone))
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")
    except (FileUnreadable, PromptRefused) as refused:
        exits.leave(exits.FAILED, str(refused), "Nothing was imported.")
    _tell(findings, dry_run=dry_run, as_json=as_json)


def _tell(findings: "Findings", *, dry_run: bool, as_json: bool) -> None:
    counts = {str(verdict): count for verdict, count in findings.counts.items()}
    rows: list[dict[str, Any]] = [
        {
            "where": row.where,
            "name": row.draft.name if row.draft else None,
            "verdict": str(row.verdict),
            "reason": row.reason,
        }
        for row in findings.rows
    ]
    if as_json:
        output.write_json({"is_imported": not dry_run, "counts": counts, "prompts": rows})
        return
    output.table(
        ("prompt", "name", "what happens" if dry_run else "what happened", "why"),
        ((row["where"], row["name"], row["verdict"], row["reason"]) for row in rows),
    )
    told = " · ".join(f"{count:,} {verdict}" for verdict, count in counts.items() if count)
    output.line(f"{told}. Nothing was changed." if dry_run else f"{told}.")
