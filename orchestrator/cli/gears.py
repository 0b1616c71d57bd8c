"""`clutch gears`: the models that can be chosen."""

from typing import Annotated, Any

import typer

from orchestrator.cli import (
    completions,
    exits,
    fleet_edits,
    gear_trials,
    names,
    output,
    session,
    wishes,
)

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"gears": app, "models": app}


@app.command("list")
def list_gears(as_json: wishes.Json = False) -> None:
    """All gears, what they cost and whether they can be used."""
    session.ready()
    from orchestrator.models import Gear
    from orchestrator.services.setup import fleet

    unavailable = fleet.availability()
    rows = [_document(gear, unavailable) for gear in Gear.objects.select_related("provider")]
    if as_json:
        output.write_json(rows)
        return
    output.table(
        ("gear", "level", "provider", "in / out per M", "window", "state"),
        (
            (
                row["name"],
                f"G{row['level']}",
                row["provider"],
                _price(row),
                f"{row['context_window']:,}",
                row["state"].partition(":")[0],  # how to mend it: clutch gears show
            )
            for row in rows
        ),
    )


def _document(gear: Any, unavailable: dict[str, str]) -> dict[str, Any]:
    problem = unavailable.get(gear.name) or unavailable.get(gear.provider.name) or ""
    state = "retired" if gear.retired_at else "off" if not gear.is_enabled else problem or "ready"
    return {
        "name": gear.name,
        "title": gear.title,
        "level": gear.level,
        "provider": gear.provider.name,
        "model_id": gear.model_id,
        "price_source": gear.price_source,
        "prices": gear.prices,
        "context_window": gear.context_window,
        "max_output_tokens": gear.max_output_tokens,
        "capabilities": gear.capabilities,
        "strengths": gear.strengths,
        "is_enabled": gear.is_enabled,
        "is_ready": state == "ready",
        "state": state,
    }


def _price(row: dict[str, Any]) -> str:
    if not row["prices"]:
        return str(row["price_source"])
    base = row["prices"]["base"]
    return f"{output.dollars(base['input'])} / {output.dollars(base['output'])}"


@app.command()
def show(name: completions.GearName, as_json: wishes.Json = False) -> None:
    """One gear in full."""
    session.ready()
    from orchestrator.services.setup import fleet

    document = _document(names.gear(name), fleet.availability())
    if as_json:
        output.write_json(document)
    else:
        output.table(("", ""), [(key, value) for key, value in document.items()])


@app.command()
def add(
    name: str,
    provider: Annotated[
        str,
        typer.Option("--provider", help="Who serves it.", autocompletion=completions.providers),
    ],
    model: Annotated[str, typer.Option("--model", help="The model's id at the provider.")],
    level: Annotated[
        int, typer.Option("--level", min=1, max=5, help="1 cheapest, 5 strongest.")
    ] = 3,
    window: Annotated[
        int | None, typer.Option("--window", min=1, help="Context in tokens.")
    ] = None,
    can: Annotated[list[str] | None, typer.Option("--can", help="tools, vision, pdf, …")] = None,
    as_json: wishes.Json = False,
) -> None:
    """Make a gear of a provider's model."""
    session.ready()
    from django.core.exceptions import ValidationError

    from orchestrator.services.setup import discovery, fleet

    new = discovery.NewGear(name, provider, model, level, window, tuple(can or ()))
    try:
        gear = discovery.add_gear(new)
    except discovery.GearRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    except ValidationError as invalid:
        exits.leave(exits.USAGE, " ".join(invalid.messages))
    document = _document(gear, fleet.availability())
    if as_json:
        output.write_json(document)
    else:
        output.line(f"{name} is there. Try it: clutch gears test {name}")
        if not document["prices"] and gear.price_source == "unknown":
            output.note(
                f"Its price is unknown, so it is not chosen yet: clutch gears price {name} IN OUT"
            )


@app.command()
def price(
    name: completions.GearName, input_usd: str, output_usd: str, as_json: wishes.Json = False
) -> None:
    """Set a price in dollars per million tokens, in and out."""
    session.ready()
    names.gear(name)
    from orchestrator.services.money import budgets
    from orchestrator.services.setup import discovery, fleet

    try:
        gear = discovery.set_price(name, input_usd, output_usd)
    except budgets.InvalidAmount as wrong:
        exits.leave(exits.USAGE, str(wrong))
    document = _document(gear, fleet.availability())
    if as_json:
        output.write_json(document)
    else:
        output.line(f"{name} costs {_price(document)} per million tokens.")


@app.command()
def enable(name: completions.GearName, as_json: wishes.Json = False) -> None:
    """Let a gear be chosen again."""
    _switch(name, is_enabled=True, as_json=as_json)


@app.command()
def disable(name: completions.GearName, as_json: wishes.Json = False) -> None:
    """Keep a gear from being chosen."""
    _switch(name, is_enabled=False, as_json=as_json)


def _switch(name: str, *, is_enabled: bool, as_json: bool) -> None:
    session.ready()
    from orchestrator.services.setup import fleet

    gear = names.gear(name)
    gear.is_enabled = is_enabled
    gear.save(update_fields=["is_enabled", "updated_at"])
    output.result(
        f"{name} is {'on' if is_enabled else 'off'}.",
        _document(gear, fleet.availability()),
        as_json=as_json,
    )


app.command("set")(fleet_edits.set_gear)
app.command()(fleet_edits.move)
app.command()(fleet_edits.retire)
app.command()(fleet_edits.restore)
app.command("test")(gear_trials.try_gear)
app.command()(gear_trials.discover)
app.command()(gear_trials.pull)
