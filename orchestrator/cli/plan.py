"""`clutch plan`: what a task would cost with each pattern, or have it parted into steps."""

from typing import Annotated, Any

import typer

from orchestrator.cli import exits, ordering, output, run, session, wishes
from orchestrator.cli.route import read_text

app = typer.Typer(add_completion=False)
apps = {"plan": app}


@app.command()
def plan(
    text: Annotated[
        list[str] | None, typer.Argument(help="The task; - reads it from a pipe.")
    ] = None,
    pattern: wishes.Pattern = "",
    plan_name: ordering.Plan = "",
    places: ordering.Sets = None,
    items: ordering.Items = None,
    column: ordering.Column = "",
    gear: wishes.Gear = "",
    profile: wishes.Profile = "",
    policy: wishes.Policy = "",
    steps: Annotated[
        bool, typer.Option("--steps", help="Have a model part the task; prints a plan. Paid.")
    ] = False,
    as_json: wishes.Json = False,
) -> None:
    """Say what a run would cost and take; nothing is started, except with --steps."""
    session.ready()
    if steps:
        _part(" ".join(text or []), gear, as_json=as_json)
        return
    wished = wishes.Wishes(gear, None, "", pattern, profile, policy)
    asked = ordering.Asked(plan_name, tuple(places or ()), items, column)
    task = "" if plan_name and not text else read_text(text)
    found = _quotes(wished, task, asked)
    documents = [_document(each) for each in found]
    if as_json:
        output.write_json(documents)
    elif len(found) == 1:
        _show(documents[0])
    else:
        _compare(documents)


def _quotes(wished: wishes.Wishes, task: str, asked: ordering.Asked) -> list[Any]:
    from orchestrator.services.driving import planning, quotes
    from orchestrator.services.driving.requests import RequestRefused
    from orchestrator.services.runs import orders

    caller = session.caller()
    try:
        if wished.pattern or asked.plan:
            return [orders.quote(caller, ordering.order(wished, task, asked))]
        return list(quotes.suitable(caller, planning.complete(caller, wished.request(task))))
    except RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))


def _document(quote: Any) -> dict[str, Any]:
    from orchestrator.services.driving import quotes

    return quotes.document(quote)


def _show(quote: dict[str, Any]) -> None:
    output.line(f"{quote['pattern']}: {quote['line']}")
    output.table(
        ("place", "phase", "gear", "throttle"),
        (
            (each["name"], each["lane"], f"G{each['level']} {each['gear']}", each["throttle"])
            for each in quote["places"]
        ),
    )


def _compare(found: list[dict[str, Any]]) -> None:
    output.table(
        ("pattern", "calls", "cost", "seconds", "cap"),
        (
            (
                each["pattern"],
                each["calls"],
                f"{output.dollars(each['low_nano'])} to {output.dollars(each['high_nano'])}",
                f"{each['seconds']:.0f}",
                output.dollars(each["cap_nano"], "demo" if each["is_demo"] else "usd"),
            )
            for each in found
        ),
    )


def _part(task: str, gear: str, *, as_json: bool) -> None:
    import tomlkit

    from orchestrator.services.driving import trips
    from orchestrator.services.driving.requests import RequestRefused
    from orchestrator.services.runs import drafting

    try:
        trip = trips.start(session.caller(), drafting.request_for(task, gear))
        last = run.drive(trip.pk, "silent")
        run.finish(last)
        document = {"pattern": "convoy", "task": task, **drafting.read(last["text"])}
    except RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    if as_json:
        output.write_json(document)
    else:
        output.line(tomlkit.dumps(document))
        output.note("Save it as plan.toml, change it, and start it: clutch run --plan plan.toml")
