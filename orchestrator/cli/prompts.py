"""`clutch prompt`: prompts that are kept, filled, changed and compared."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import (
    completions,
    exits,
    names,
    output,
    prompt_files,
    prompt_trials,
    prompt_values,
    run,
    session,
    wishes,
)

if TYPE_CHECKING:
    from orchestrator.models import Prompt, User
    from orchestrator.services.prompts.access import Owner

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"prompt": app}
SIGNS = {"same": " ", "removed": "-", "added": "+"}
Number = Annotated[int, typer.Argument(min=1, help="Of a version.")]


@app.command("list")
def list_prompts(
    words: Annotated[list[str] | None, typer.Argument(help="All of them must occur.")] = None,
    tag: Annotated[str, typer.Option("--tag", help="Only with this tag.")] = "",
    scope: Annotated[str, typer.Option("--scope", help="mine, team or everyone.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Those put aside.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Prompts by words and tag: the best first, without words the most used."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.prompts import finding

    if scope and scope not in finding.SCOPES:
        known = ", ".join(finding.SCOPES)
        exits.leave(exits.USAGE, f"There is no scope {scope!r}. Use one of: {known}.")
    wanted = finding.Wanted(" ".join(words or []), tag, scope, archived)
    user = signin.ensure_owner()
    starred = set(user.prompt_stars.values_list("prompt_id", flat=True))
    found = finding.find(user, wanted).prefetch_related("tags")
    if as_json:
        output.write_json([_summary(prompt) for prompt in found])
    elif not found:
        output.line("There is no such prompt. Keep one: clutch prompt save NAME TEXT")
    else:
        output.table(
            ("prompt", "title", "whose", "version", "used", "tags"),
            (
                (
                    f"{'★ ' if prompt.pk in starred else ''}{prompt.name}",
                    prompt.title,
                    _whose(prompt),
                    prompt.live.number if prompt.live else "",
                    prompt.times_used,
                    ", ".join(each.name for each in prompt.tags.all()),
                )
                for prompt in found
            ),
        )


def _whose(prompt: "Prompt") -> str:
    if prompt.team is not None:
        return str(prompt.team)
    return "yours" if prompt.user_id is not None else "everyone's"


def _summary(prompt: "Prompt") -> dict[str, Any]:
    from orchestrator.services.prompts import access

    return {
        "name": prompt.name,
        "title": prompt.title,
        "description": prompt.description,
        "scope": access.key_of(prompt),
        "whose": _whose(prompt),
        "version": prompt.live.number if prompt.live else None,
        "times_used": prompt.times_used,
        "tags": [tag.name for tag in prompt.tags.all()],
    }


@app.command()
def show(
    name: completions.PromptName,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="Not the one in use.")
    ] = None,
    as_json: wishes.Json = False,
) -> None:
    """The text of a prompt, and the places it has to fill."""
    session.ready()
    from dataclasses import asdict

    from orchestrator.prompting import template

    prompt = names.prompt(name)
    found = names.prompt_version(prompt, version)
    fields = [asdict(field) for field in template.parse(found.text).fields]
    document = _summary(prompt) | {"version": found.number, "text": found.text, "fields": fields}
    output.result(found.text, document, as_json=as_json)


@app.command()
def use(
    name: completions.PromptName,
    values: prompt_values.Values = None,
    drive: Annotated[bool, typer.Option("--run", help="Drive it at once.")] = False,
    gear: wishes.Gear = "",
    throttle: wishes.Throttle = None,
    profile: wishes.Profile = "",
    as_json: wishes.Json = False,
) -> None:
    """Fill a prompt and print it, or drive it at once."""
    session.ready()
    from orchestrator.prompting import template
    from orchestrator.prompting.template import MissingValue
    from orchestrator.services.driving import requests, trips
    from orchestrator.services.prompts import library

    prompt = names.prompt(name)
    fields = template.parse(prompt.text).fields
    given = prompt_values.filled(fields, prompt_values.read(fields, values), may_ask=not as_json)
    try:
        text = library.use(prompt, given)
        if not drive:
            number = prompt.live.number if prompt.live else None
            document = {"prompt": prompt.name, "version": number, "text": text}
            output.result(text, document, as_json=as_json)
            return
        wished = wishes.Wishes(gear, throttle, profile=profile)
        asked = replace(wished.request(text), prompt_version=prompt.live_id)
        trip = trips.start(session.caller(), asked)
    except MissingValue as missing:
        exits.leave(exits.USAGE, str(missing), f"See its places: clutch prompt show {name} --json")
    except requests.RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    run.finish(run.drive(trip.pk, "json" if as_json else "text"))


@app.command()
def save(
    name: str,
    text: Annotated[list[str] | None, typer.Argument(help="The text; - reads a pipe.")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Read it from here.")] = None,
    note: Annotated[str, typer.Option("--note", help="What changed.")] = "",
    title: Annotated[str, typer.Option("--title", help="Of a new prompt.")] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Of a new prompt.")] = None,
    team: Annotated[str, typer.Option("--team", help="A new prompt is this team's.")] = "",
    seen: Annotated[
        int | None, typer.Option("--seen", min=1, help="The version this was written on.")
    ] = None,
    as_json: wishes.Json = False,
) -> None:
    """Keep a new prompt, or a new version of one; what is not yours to change is suggested."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.prompts.library import ChangedMeanwhile, Draft, PromptRefused

    user = signin.ensure_owner()
    written = prompt_values.text_from(text, file)
    draft = Draft(title or name, written, name, tags=tuple(tag or ()), note=note)
    try:
        told, document = _saved(user, draft, names.prompt_owner(user, team), seen)
    except ChangedMeanwhile as changed:
        live = names.prompt_version(names.prompt(name), None).number
        hint = f"See what: clutch prompt diff {name} {seen} {live}. Then save with --seen {live}."
        exits.leave(exits.FAILED, str(changed), hint)
    except PromptRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    output.result(told, document, as_json=as_json)


def _saved(
    user: "User", draft: Any, owner: "Owner | None", seen: int | None
) -> tuple[str, dict[str, Any]]:
    from orchestrator.services.prompts import access, library, suggestions

    known = access.by_name(user, draft.name)
    if known is None or (owner is not None and known.team != owner.team):
        made = library.create(user, draft, owner)
        return f"Prompt {made.name} is kept.", _outcome(made.name, 1, "created")
    if not access.may_change(known, user):
        if not access.may_suggest(known, user):
            exits.leave(exits.REFUSED, f"{draft.name} is not yours to change.")
        waiting = suggestions.suggest(known, user, draft.text, draft.note)
        told = f"{_whose(known)} decides about it; your change was suggested."
        return told, _outcome(known.name, waiting.number, "suggested")
    base = names.prompt_version(known, seen).pk if seen is not None else None
    before = known.live_id
    version = library.save(known, user, draft.text, draft.note, seen=base)
    if version.pk == before:
        told = f"{known.name} says this already: version {version.number}."
        return told, _outcome(known.name, version.number, "unchanged")
    return (
        f"Version {version.number} of {known.name} is in use.",
        _outcome(known.name, version.number, "saved"),
    )


def _outcome(name: str, version: int, outcome: str) -> dict[str, Any]:
    return {"prompt": name, "version": version, "outcome": outcome}


@app.command()
def versions(name: completions.PromptName, as_json: wishes.Json = False) -> None:
    """Every version of a prompt, newest first."""
    session.ready()
    prompt = names.prompt(name)
    kept = prompt.versions.filter(state="kept").select_related("author")
    rows = [
        {
            "number": each.number,
            "is_live": each.pk == prompt.live_id,
            "note": each.note,
            "author": each.author.username if each.author else None,
            "created_at": each.created_at.isoformat(),
        }
        for each in kept
    ]
    if as_json:
        output.write_json(rows)
    else:
        output.table(
            ("", "version", "when", "author", "note"),
            (
                (
                    "→" if row["is_live"] else "",
                    row["number"],
                    str(row["created_at"])[:16].replace("T", " "),
                    row["author"],
                    row["note"],
                )
                for row in rows
            ),
        )


@app.command()
def diff(
    name: completions.PromptName, old: Number, new: Number, as_json: wishes.Json = False
) -> None:
    """What changed from one version to another."""
    session.ready()
    from orchestrator.services.prompts import differences

    prompt = names.prompt(name)
    before, after = (names.prompt_version(prompt, number) for number in (old, new))
    lines = differences.between(before.text, after.text)
    if as_json:
        told = [{"kind": line.kind, "text": line.text} for line in lines]
        output.write_json({"prompt": prompt.name, "old": old, "new": new, "lines": told})
    else:
        output.line("\n".join(f"{SIGNS[line.kind]} {line.text}" for line in lines))


@app.command()
def rollback(name: completions.PromptName, number: Number, as_json: wishes.Json = False) -> None:
    """Use the text of an old version again, as a new one."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.prompts import access, library

    user, prompt = signin.ensure_owner(), names.prompt(name)
    if not access.may_change(prompt, user):
        exits.leave(exits.REFUSED, f"{name} is not yours to change.")
    names.prompt_version(prompt, number)
    version = library.roll_back(prompt, user, number)
    output.result(
        f"{name} says what version {number} said; it is version {version.number} now.",
        _outcome(prompt.name, version.number, "rolled back"),
        as_json=as_json,
    )


app.command("export")(prompt_files.export)
app.command("import")(prompt_files.import_file)
app.command("test")(prompt_trials.try_prompt)
