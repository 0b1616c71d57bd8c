"""`clutch roads` and `clutch rules`: kinds of tasks, and what people decided about them."""

from typing import Annotated

import typer

from orchestrator.cli import exits, output, session, wishes

roads_app = typer.Typer(no_args_is_help=True)
rules_app = typer.Typer(no_args_is_help=True)
apps = {"roads": roads_app, "rules": rules_app}


@roads_app.callback()
def roads() -> None:
    """Kinds of tasks. (A group even with one command, so that `roads list` stays right.)"""


@roads_app.command("list")
def list_roads(as_json: wishes.Json = False) -> None:
    """All task classes with the gear, throttle and pattern they start from."""
    session.ready()
    from orchestrator.models import Road

    fields = ("name", "task_type", "default_gear", "level", "throttle", "pattern", "is_enabled")
    rows = list(Road.objects.values(*fields))
    if as_json:
        output.as_json(rows)
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


@rules_app.command("list")
def list_rules(as_json: wishes.Json = False) -> None:
    """Rules in the order they are tried."""
    session.ready()
    from orchestrator.models import Rule

    fields = ("name", "when", "then", "reason", "origin", "is_enabled", "ends_at", "order")
    rows = list(Rule.objects.values(*fields))
    if as_json:
        output.as_json(rows)
    elif not rows:
        output.line("There are no rules. Decisions follow the roads alone.")
    else:
        output.table(("rule", "when", "then"), ((r["name"], r["when"], r["then"]) for r in rows))


@rules_app.command()
def add(
    name: str,
    gear: Annotated[str, typer.Option("--gear", help="Use this gear.")],
    road: Annotated[list[str] | None, typer.Option("--road", help="For this kind of task.")] = None,
    keyword: Annotated[
        list[str] | None, typer.Option("--keyword", help="When this word occurs.")
    ] = None,
) -> None:
    """Always use a gear for a kind of task, or when a word occurs."""
    session.ready()
    from django.core.exceptions import ValidationError

    from orchestrator.models import Rule
    from orchestrator.services import rules, signin

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
    output.line(f"Rule {name} is there. Try it: clutch route TEXT")


@rules_app.command()
def remove(name: str) -> None:
    """Forget a rule."""
    session.ready()
    from orchestrator.models import Rule

    rule = Rule.objects.filter(name=name).first()
    if rule is None:
        exits.leave(exits.USAGE, f"There is no rule named {name!r}.", "See: clutch rules list")
    rule.delete()
    output.line(f"Rule {name} is gone.")
