"""`clutch budget`: what may be spent, what is lent, and when it will be empty."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import exits, output, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import Budget, User
    from orchestrator.services.money.changes import Author

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"budget": app}
Scope = Annotated[str, typer.Option("--scope", help="global, team, user, token, provider or road.")]
ScopeId = Annotated[str, typer.Option("--id", help="Whose: a name; a token is person/token.")]
Period = Annotated[str, typer.Option("--period", help="day or month.")]
Demo = Annotated[bool, typer.Option("--demo", help="Demo dollars instead of real ones.")]
Note = Annotated[str, typer.Option("--note", help="Why, for the log.")]


@app.command("list")
def list_all(as_json: wishes.Json = False) -> None:
    """All budgets, what is left of them, and which is the tightest."""
    show(as_json)


@app.command()
def show(as_json: wishes.Json = False) -> None:
    """The same as list."""
    session.ready()
    from orchestrator.services.money import overviews

    rows = [_document(line) for line in overviews.overview(_owner())]
    if as_json:
        output.write_json(rows)
        return
    output.table(
        ("budget", "per", "zone", "limit", "spent", "held", "left", "refills"),
        (
            (
                r["name"] + (" (tightest)" if r["is_tightest"] else ""),
                r["period"],
                r["zone"],
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
        "zone": line.zone.value,
        "is_tightest": line.is_tightest,
        "limit_nano": view.limit_nano,
        "granted_nano": line.granted_nano,
        "lent_nano": line.lent_nano,
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
    note: Note = "",
    as_json: wishes.Json = False,
) -> None:
    """Set a limit, also where there is no such budget yet."""
    session.ready()
    from orchestrator.services.money import budgets

    _check(period, scope)
    currency = "demo" if demo else "usd"
    try:
        limit = None if amount == "none" else budgets.parse_usd(amount)
        place = budgets.Place(scope, _whose(scope, scope_id), period, currency)
        budgets.put(place, limit, _author(note))
    except ValueError as wrong:
        exits.leave(exits.USAGE, str(wrong))
    shown = "no limit" if limit is None else output.dollars(limit, currency)
    output.result(
        f"The {scope} budget per {period} is now {shown}.",
        {"scope": scope, "period": period, "currency": currency, "limit_nano": limit},
        as_json=as_json,
    )


@app.command()
def remove(
    period: Period = "day",
    scope: Scope = "global",
    scope_id: ScopeId = "",
    demo: Demo = False,
    note: Note = "",
    as_json: wishes.Json = False,
) -> None:
    """Remove a budget: it binds nobody from now on."""
    session.ready()
    from orchestrator.services.money import budgets

    budget = _find(period, scope, scope_id, demo)
    budgets.remove(budget, _author(note))
    output.result(
        f"The {scope} budget per {period} was removed.",
        {"scope": scope, "period": period, "currency": budget.currency, "removed": True},
        as_json=as_json,
    )


@app.command()
def grant(
    amount: Annotated[str, typer.Argument(help="Extra dollars.")],
    period: Period = "day",
    scope: Scope = "global",
    scope_id: ScopeId = "",
    demo: Demo = False,
    note: Note = "",
    for_good: Annotated[
        bool, typer.Option("--for-good", help="Raise the limit, not this period only.")
    ] = False,
    as_json: wishes.Json = False,
) -> None:
    """Give extra money: for the running day or month only, or for good."""
    session.ready()
    from orchestrator.services.money import budgets

    budget = _find(period, scope, scope_id, demo)
    try:
        nano = budgets.parse_usd(amount)
        if for_good:
            budgets.raise_for_good(budget, nano, _author(note))
        else:
            budgets.grant(budget, nano, note, _owner())
    except ValueError as wrong:
        exits.leave(exits.USAGE, str(wrong))
    currency = budget.currency
    when = f"every {period}" if for_good else f"this {period}"
    output.result(
        f"{output.dollars(nano, currency)} more for {when}.",
        {
            "scope": scope,
            "period": period,
            "currency": currency,
            "granted_nano": nano,
            "is_for_good": for_good,
        },
        as_json=as_json,
    )


@app.command()
def lend(
    amount: Annotated[str, typer.Argument(help="Dollars of the running period.")],
    giver: Annotated[str, typer.Option("--from", help="Who lends: a user's name.")],
    taker: Annotated[str, typer.Option("--to", help="Who borrows, of the same team.")],
    period: Period = "day",
    demo: Demo = False,
    note: Note = "",
    as_json: wishes.Json = False,
) -> None:
    """Lend from one member's budget to another's."""
    session.ready()
    from orchestrator.services.money import budgets, loans

    lender = _find(period, "user", str(_user(giver).pk), demo)
    borrower = _find(period, "user", str(_user(taker).pk), demo)
    try:
        nano = budgets.parse_usd(amount)
        loan = loans.lend(_author(note), lender, borrower, nano)
    except ValueError as wrong:
        exits.leave(exits.USAGE, str(wrong))
    output.result(
        f"{giver} lends {taker} {output.dollars(nano, lender.currency)} for this {period}. "
        f"Give back with: clutch budget give-back {loan.pk} AMOUNT",
        {"loan": loan.pk, "from": giver, "to": taker, "amount_nano": nano},
        as_json=as_json,
    )


@app.command("give-back")
def give_back(
    loan: Annotated[int, typer.Argument(help="The number of the loan.")],
    amount: Annotated[str, typer.Argument(help="Dollars.")],
    as_json: wishes.Json = False,
) -> None:
    """Give back what was borrowed and not spent."""
    session.ready()
    from orchestrator.models import Loan
    from orchestrator.services.money import budgets, loans

    row = Loan.objects.select_related("lender__budget", "borrower__budget").filter(pk=loan).first()
    if row is None:
        exits.leave(exits.USAGE, f"There is no loan {loan}.")
    try:
        nano = budgets.parse_usd(amount)
        loans.give_back(_author(""), row, nano)
    except ValueError as wrong:
        exits.leave(exits.USAGE, str(wrong))
    row.refresh_from_db()
    text = f"Given back. {output.dollars(row.open_nano)} are still open."
    output.result(text, {"loan": loan, "open_nano": row.open_nano}, as_json=as_json)


@app.command()
def forecast(as_json: wishes.Json = False) -> None:
    """When each budget will be empty at the pace of the last seven days."""
    session.ready()
    from orchestrator.models import Budget
    from orchestrator.services.money import forecasts, overviews

    lines = overviews.overview(_owner())
    found = forecasts.for_budgets(Budget.objects.filter(pk__in=[each.budget_id for each in lines]))
    rows = [
        {
            "name": each.view.name,
            "period": each.view.period,
            "currency": each.currency,
            **found[each.budget_id].document(),
        }
        for each in lines
    ]
    if as_json:
        output.write_json(rows)
        return
    output.table(
        ("budget", "per", "money", "forecast"),
        ((row["name"], row["period"], row["currency"], row["text"]) for row in rows),
    )


@app.command()
def alerts(
    acknowledge: Annotated[
        int | None, typer.Option("--acknowledge", help="The number of an alert.")
    ] = None,
    as_json: wishes.Json = False,
) -> None:
    """Alerts of running budgets; acknowledge one by its number."""
    session.ready()
    from orchestrator.services.alerts import budgets as budget_alerts

    owner = _owner()
    budget_alerts.sweep()
    if acknowledge is not None:
        alert = budget_alerts.visible(owner).filter(pk=acknowledge).first()
        if alert is None:
            exits.leave(exits.USAGE, f"There is no alert {acknowledge}.")
        budget_alerts.acknowledge(alert, owner)
    rows = [
        {"alert": each.pk, "percent": each.percent, "text": budget_alerts.sentence(each)}
        for each in budget_alerts.open_for(owner)
    ]
    if as_json:
        output.write_json(rows)
    elif rows:
        output.table(("alert", "text"), ((row["alert"], row["text"]) for row in rows))
    else:
        output.line("No alerts.")


def _owner() -> "User":
    from orchestrator.services.people import signin

    return signin.ensure_owner()


def _author(note: str) -> "Author":
    from orchestrator.services.money.changes import Author

    return Author(_owner(), note)


def _user(name: str) -> "User":
    from orchestrator.models import User

    found = User.objects.filter(username=name).first()
    if found is None:
        exits.leave(exits.USAGE, f"There is nobody named {name!r}.")
    return found


def _find(period: str, scope: str, scope_id: str, demo: bool) -> "Budget":
    from orchestrator.services.money import budgets

    _check(period, scope)
    place = budgets.Place(scope, _whose(scope, scope_id), period, "demo" if demo else "usd")
    row = place.rows().filter(removed_at=None).first()
    if row is None:
        exits.leave(exits.USAGE, "There is no such budget.", "See: clutch budget list")
    return row


def _whose(scope: str, text: str) -> str:
    """By name, or by the id that `clutch budget list --json` tells."""
    from orchestrator.services.setup.sections import owners

    try:
        return owners.id_of(scope, text)
    except ValueError as unknown:
        if owners.name_of(scope, text) is None:
            told = str(unknown)
            exits.leave(exits.USAGE, f"{told[0].upper()}{told[1:]}.")
        return text


def _check(period: str, scope: str) -> None:
    from orchestrator.models import Budget
    from orchestrator.services.money.rights import SETTABLE

    if period not in Budget.Period.values:
        exits.leave(exits.USAGE, f"{period!r} is none of: {', '.join(Budget.Period.values)}.")
    if scope not in SETTABLE:
        exits.leave(exits.USAGE, f"{scope!r} is none of: {', '.join(SETTABLE)}.")
