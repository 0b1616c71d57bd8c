"""`clutch budget`: what may be spent."""

from typing import Annotated, Any

import typer

from orchestrator.cli import exits, output, session, wishes

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"budget": app}
Scope = Annotated[str, typer.Option("--scope", help="global, team, user, token, provider or road.")]
ScopeId = Annotated[str, typer.Option("--id", help="Whose: a provider's or road's name, or an id.")]
Period = Annotated[str, typer.Option("--period", help="day or month.")]
Demo = Annotated[bool, typer.Option("--demo", help="Demo dollars instead of real ones.")]


@app.command()
def show(as_json: wishes.Json = False) -> None:
    """All budgets and what is left of them."""
    session.ready()
    from orchestrator.services.money import overviews
    from orchestrator.services.people import signin

    rows = [_document(line) for line in overviews.overview(signin.ensure_owner())]
    if as_json:
        output.write_json(rows)
        return
    output.table(
        ("budget", "per", "limit", "spent", "held", "left", "refills"),
        (
            (
                r["name"],
                r["period"],
                "none"
                if r["limit_nano"] is None
                else output.dollars(r["limit_nano"], r["currency"]),
                output.dollars(r["spent_nano"], r["currency"]),
                output.dollars(r["reserved_nano"], r["currency"]),
                "" if r["left_nano"] is None else output.dollars(r["left_nano"], r["currency"]),
                r["refills_at"],
            )
            for r in rows
        ),
    )


def _document(line: Any) -> dict[str, Any]:
    view = line.view
    return {
        "name": view.name,
        "scope": view.scope,
        "scope_id": view.scope_id,
        "period": view.period,
        "currency": line.currency,
        "limit_nano": view.limit_nano,
        "spent_nano": view.spent_nano,
        "reserved_nano": view.reserved_nano,
        "left_nano": view.left_nano,
        "refills_at": view.refills_at,
    }


@app.command("set")
def set_limit(
    amount: Annotated[str, typer.Argument(help="Dollars such as 2.50, or none for no limit.")],
    period: Period = "day",
    scope: Scope = "global",
    scope_id: ScopeId = "",
    demo: Demo = False,
    as_json: wishes.Json = False,
) -> None:
    """Set a limit."""
    session.ready()
    from orchestrator.services.money import budgets

    _check(period, scope)
    currency = "demo" if demo else "usd"
    try:
        limit = None if amount == "none" else budgets.parse_usd(amount)
        budgets.set_limit(scope, scope_id, period, limit, currency)
    except ValueError as wrong:
        exits.leave(exits.USAGE, str(wrong))
    shown = "no limit" if limit is None else output.dollars(limit, currency)
    output.result(
        f"The {scope} budget per {period} is now {shown}.",
        {"scope": scope, "period": period, "currency": currency, "limit_nano": limit},
        as_json=as_json,
    )


@app.command()
def grant(
    amount: Annotated[str, typer.Argument(help="Extra dollars for the running period.")],
    period: Period = "day",
    scope: Scope = "global",
    scope_id: ScopeId = "",
    demo: Demo = False,
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    as_json: wishes.Json = False,
) -> None:
    """Give extra money for the running day or month only."""
    session.ready()
    from orchestrator.models import Budget
    from orchestrator.services.money import budgets
    from orchestrator.services.people import signin

    _check(period, scope)
    currency = "demo" if demo else "usd"
    row = Budget.objects.filter(
        scope=scope, scope_id=scope_id, period=period, currency=currency
    ).first()
    if row is None:
        exits.leave(exits.USAGE, "There is no such budget.", "See: clutch budget show")
    try:
        nano = budgets.parse_usd(amount)
        budgets.grant(row, nano, note, signin.ensure_owner())
    except ValueError as wrong:
        exits.leave(exits.USAGE, str(wrong))
    output.result(
        f"{output.dollars(nano, currency)} more for this {period}.",
        {"scope": scope, "period": period, "currency": currency, "granted_nano": nano},
        as_json=as_json,
    )


def _check(period: str, scope: str) -> None:
    from orchestrator.models import Budget

    if period not in Budget.Period.values:
        exits.leave(exits.USAGE, f"{period!r} is none of: {', '.join(Budget.Period.values)}.")
    if scope not in Budget.Scope.values:
        exits.leave(exits.USAGE, f"{scope!r} is none of: {', '.join(Budget.Scope.values)}.")
