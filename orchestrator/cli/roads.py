"""`clutch roads` and `clutch rules`: kinds of tasks, and what people decided about them."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator.cli import completions, config, exits, fleet_edits, names, output, session, wishes
from orchestrator.cli.route import read_text

roads_app = typer.Typer(no_args_is_help=True, add_completion=False)
rules_app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"roads": roads_app, "rules": rules_app}


@roads_app.command("list")
def list_roads(as_json: wishes.Json = False) -> None:
    """All task classes with the gear, throttle and pattern they start from."""
    session.ready()
    from orchestrator.models import Road

    fields = ("name", "task_type", "default_gear", "level", "throttle", "pattern", "is_enabled")
    rows = list(Road.objects.values(*fields))
    if as_json:
        output.write_json(rows)
    else:
        output.table(
            ("road", "task", "default gear", "throttle", "pattern"),
            (
                (
                    r["name"],
                    r["task_type"],
                    f"G{r['level']} {r['default_gear']}",
                    f"{r['throttle']} %",
                    r["pattern"],
                )
                for r in rows
            ),
        )


@roads_app.command()
def show(name: completions.RoadName, as_json: wishes.Json = False) -> None:
    """One road in full."""
    session.ready()
    from django.forms import model_to_dict

    document = model_to_dict(names.road(name))
    if as_json:
        output.write_json(document)
    else:
        output.table(("", ""), list(document.items()))


roads_app.command("set")(fleet_edits.set_road)


@rules_app.command("list")
def list_rules(as_json: wishes.Json = False) -> None:
    """Rules in the order they are tried."""
    session.ready()
    from orchestrator.models import Rule

    fields = ("name", "when", "then", "reason", "origin", "is_enabled", "ends_at", "order")
    rows = list(Rule.objects.values(*fields))
    if as_json:
        output.write_json(rows)
    elif not rows:
        output.line("There are no rules. Decisions follow the roads alone.")
    else:
        output.table(
            ("rule", "when", "then"),
            ((r["name"], _told(r["when"]), _told(r["then"])) for r in rows),
        )


def _told(conditions: dict[str, Any]) -> str:
    said = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in conditions.items()
    }
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in said.items())


@rules_app.command()
def add(
    name: str,
    gear: Annotated[
        str, typer.Option("--gear", help="Use this gear.", autocompletion=completions.gears)
    ],
    road: Annotated[
        list[str] | None,
        typer.Option("--road", help="For this kind of task.", autocompletion=completions.roads),
    ] = None,
    keyword: Annotated[
        list[str] | None, typer.Option("--keyword", help="When this word occurs.")
    ] = None,
    as_json: wishes.Json = False,
) -> None:
    """Always use a gear for a kind of task, or when a word occurs."""
    session.ready()
    from django.core.exceptions import ValidationError

    from orchestrator.models import Rule
    from orchestrator.services.people import signin
    from orchestrator.services.setup import rules

    when = {key: value for key, value in (("roads", road), ("keywords", keyword)) if value}
    rule = Rule(name=name, when=when, then={"use_gear": gear}, made_by=signin.ensure_owner())
    try:
        rules.validate(rule.when, rule.then)
        rule.full_clean(exclude=["when", "then"])
    except rules.InvalidRule as invalid:
        exits.leave(exits.USAGE, str(invalid))
    except ValidationError as invalid:
        exits.leave(exits.USAGE, " ".join(invalid.messages))
    rule.save()
    output.result(
        f"Rule {name} is there. Try it: clutch rules test TEXT",
        {"name": name, "when": rule.when, "then": rule.then},
        as_json=as_json,
    )


@rules_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A Markdown file with a table; - reads a pipe.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Make rules of a Markdown table: all of them, or none when something is wrong."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.setup import rule_imports, rule_tables

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
        changes = rule_imports.import_table(text, signin.ensure_owner(), dry_run=dry_run)
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")
    except UnicodeDecodeError:
        exits.leave(exits.USAGE, f"{file} is not text in UTF-8.")
    except rule_tables.InvalidTable as invalid:
        exits.leave(exits.USAGE, str(invalid), "Nothing was changed.")
    config.tell(changes.document(), dry_run=dry_run, as_json=as_json)


@rules_app.command("test")
def try_rules(
    text: Annotated[list[str] | None, typer.Argument(help="A task; - reads a pipe.")] = None,
    as_json: wishes.Json = False,
) -> None:
    """Say which rule, if any, would decide about a task."""
    session.ready()
    from orchestrator.services.driving import planning, requests

    try:
        request = requests.from_text(read_text(text))
        receipt = planning.preview(session.caller(), request)
    except requests.RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    rule = receipt.get("rule", "")
    output.result(
        f"{f'Rule {rule} decides' if rule else 'No rule decides'}: {receipt['line']}",
        {"rule": rule or None, "road": receipt["road"], "gear": receipt.get("gear")},
        as_json=as_json,
    )


@rules_app.command()
def remove(name: completions.RuleName, as_json: wishes.Json = False) -> None:
    """Forget a rule."""
    session.ready()
    from orchestrator.services.school import corrections

    corrections.undo(names.rule(name))
    output.result(f"Rule {name} is gone.", {"name": name, "is_kept": False}, as_json=as_json)
