"""`clutch profile`: ways of driving, kept by name."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import completions, exits, output, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import Profile

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"profile": app}
Name = Annotated[str, typer.Argument(help="A profile's name.", autocompletion=completions.profiles)]


@app.command("list")
def list_all(as_json: wishes.Json = False) -> None:
    """All profiles you can drive with."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.profiles import library
    from orchestrator.services.setup import policies

    owner = signin.ensure_owner()
    default = policies.own_default(owner.pk)
    rows = [
        {**_document(each), "is_default": each == default} for each in library.visible_to(owner)
    ]
    if as_json:
        output.write_json(rows)
        return
    output.table(
        ("profile", "whose", "policy", "gears", "throttle"),
        (
            (
                row["name"] + (" (default)" if row["is_default"] else ""),
                row["whose"],
                row["policy"] or "as usual",
                ", ".join(row["allowed_gears"]) or f"up to G{row['max_level']}",
                f"{row['min_throttle']}-{row['max_throttle']} %",
            )
            for row in rows
        ),
    )


def _document(profile: "Profile") -> dict[str, Any]:
    from orchestrator.services.profiles import fields

    whose = "yours" if profile.user_id else profile.team.name if profile.team else "everyone's"
    values = {name: getattr(profile, name) for name in fields.NAMES}
    return {"name": profile.name, "whose": whose, **values}


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(help="A name; none: your default.", autocompletion=completions.profiles)
    ] = "",
    as_json: wishes.Json = False,
) -> None:
    """What counts with a profile, and where each value comes from."""
    session.ready()
    from orchestrator.routing import effective
    from orchestrator.services.driving.requests import RequestRefused
    from orchestrator.services.setup import policies

    try:
        found = policies.driving(session.caller(), "", name)
    except RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused), "See: clutch profile list")
    rows = [
        {
            "field": each.field,
            "value": each.value,
            "text": effective.text_of(each),
            "source": each.source,
            "from": each.name,
        }
        for each in found.settings
    ]
    if as_json:
        output.write_json({"profile": found.profile, "settings": rows})
        return
    output.table(
        ("setting", "what counts", "from"),
        ((row["field"], row["text"], f"{row['source']} {row['from']}".strip()) for row in rows),
        title=found.profile or "no profile",
    )


@app.command("set")
def set_fields(
    name: Name,
    title: Annotated[str | None, typer.Option("--title", help="What people read.")] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="budget, balanced, premium or 0 to 100.")
    ] = None,
    max_level: Annotated[
        int | None, typer.Option("--max-level", help="Highest gear, 1 to 5.")
    ] = None,
    throttle: Annotated[
        str | None, typer.Option("--throttle", help="A range such as 20-60.")
    ] = None,
    gears: Annotated[
        str | None, typer.Option("--gears", help="Only these, with commas; empty: all.")
    ] = None,
    patterns: Annotated[
        str | None, typer.Option("--patterns", help="Only these, with commas; empty: all.")
    ] = None,
    instructions: Annotated[
        str | None, typer.Option("--instructions", help="What models are told.")
    ] = None,
    tags: Annotated[
        str | None, typer.Option("--tags", help="Tags of new chats, with commas.")
    ] = None,
    share: Annotated[
        str | None, typer.Option("--share", help="Percent of the day's budget; empty: all.")
    ] = None,
    as_json: wishes.Json = False,
) -> None:
    """Make or change a profile of your own; what is not named stays as it is."""
    session.ready()
    given: dict[str, Any] = {
        "title": title,
        "policy": policy,
        "max_level": max_level,
        "instructions": instructions,
        "allowed_gears": _words(gears),
        "allowed_patterns": _words(patterns),
        "default_tags": _words(tags),
        "budget_share": share,
        **_range(throttle),
    }
    profile = _keep(name, {key: value for key, value in given.items() if value is not None})
    output.result(f"{profile.name} is kept.", _document(profile), as_json=as_json)


def _keep(name: str, given: dict[str, Any]) -> "Profile":
    from orchestrator.models import Profile
    from orchestrator.services.people import signin
    from orchestrator.services.profiles import fields, library

    owner = signin.ensure_owner()
    own = Profile.objects.filter(user=owner, team=None, name=name).first()
    try:
        if own is None:
            return library.create(owner, name, fields.read({"title": name, **given}))
        return library.edit(own, fields.read(given, fields.of(own)), own.revision)
    except (fields.ProfileRefused, library.Edited) as refused:
        exits.leave(exits.USAGE, str(refused))


def _words(text: str | None) -> list[str] | None:
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def _range(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    low, dash, high = text.partition("-")
    if not dash:
        exits.leave(exits.USAGE, f"{text!r} is no range. Write one such as 20-60.")
    return {"min_throttle": low.strip(), "max_throttle": high.strip()}


@app.command()
def use(
    name: Annotated[
        str,
        typer.Argument(
            help="What to drive with by default, or none.", autocompletion=completions.profiles
        ),
    ],
    as_json: wishes.Json = False,
) -> None:
    """Drive with a profile whenever no other is named."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.profiles import library

    profile = None if name == "none" else _find(name)
    library.set_own_default(signin.ensure_owner(), profile)
    text = f"You drive with {name} by default." if profile else "You drive without a default."
    output.result(text, {"default": profile.name if profile else None}, as_json=as_json)


@app.command()
def remove(name: Name, as_json: wishes.Json = False) -> None:
    """Delete a profile of your own, or one of everyone's."""
    session.ready()
    from orchestrator.services.profiles import library

    library.delete(_find(name))
    output.result(f"{name} was removed.", {"removed": name}, as_json=as_json)


@app.command()
def export(name: Name, as_json: wishes.Json = False) -> None:
    """Print a profile as TOML."""
    session.ready()
    import tomllib

    from orchestrator.services.profiles import documents

    text = documents.export(_find(name))
    if as_json:
        output.write_json(tomllib.loads(text))
    else:
        sys.stdout.write(text)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A TOML file; - reads a pipe.")],
    as_json: wishes.Json = False,
) -> None:
    """Keep a profile from a TOML file; one of yours with the same name is changed."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.profiles import documents
    from orchestrator.services.profiles.fields import ProfileRefused

    try:
        text = sys.stdin.read() if str(file) == "-" else _text(file, documents.MAX_BYTES)
        profile, is_new = documents.apply(signin.ensure_owner(), text)
    except ProfileRefused as refused:
        exits.leave(exits.USAGE, str(refused), "Nothing was changed.")
    word = "new" if is_new else "changed"
    document = {"name": profile.name, "is_new": is_new}
    output.result(f"{word}: {profile.name}", document, as_json=as_json)


def _text(file: Path, most: int) -> str:
    try:
        with file.open("rb") as source:
            return source.read(most + 1).decode()
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")
    except UnicodeDecodeError:
        exits.leave(exits.USAGE, f"{file} is not text in UTF-8.")


def _find(name: str) -> "Profile":
    from orchestrator.services.driving.requests import RequestRefused
    from orchestrator.services.setup import policies

    try:
        return policies.find_profile(session.caller(), name)
    except RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused), "See: clutch profile list")
