"""One of several real processes that spend from the same budgets; lines of JSON say what to do."""

import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection

from orchestrator.models import Budget, LedgerEntry, Membership, Team, User
from orchestrator.services.money import budgets, ledger, loans
from orchestrator.services.money.changes import Author
from orchestrator.services.money.ledger import BudgetExhausted, Closing, Hold, Kind
from orchestrator.services.money.loans import LoanRefused
from tests.services import books, drivers

Command = Mapping[str, Any]


def prepare(command: Command) -> dict[str, Any]:
    """A driver with budgets of its own and legs for every process."""
    user = drivers.make_driver(command["name"])
    limits = [
        (scope, str(user.pk) if scope == "user" else scope_id, period, limit)
        for scope, scope_id, period, limit in command["limits"]
    ]
    drivers.set_limits(limits)
    legs = drivers.make_legs(user, command["legs"])
    return {"user_id": user.pk, "legs": [str(leg) for leg in legs]}


def spend(command: Command) -> dict[str, Any]:
    """Hold for one leg after the other and, if asked, settle each; count what was refused."""
    held, refused = [], []
    for leg in command["legs"]:
        try:
            reservation = ledger.reserve(_hold(command, leg), _now(command))
        except BudgetExhausted as error:
            refused.append(error.view.scope)
            continue
        held.append(str(reservation.pk))
        if "settle" in command:
            ledger.settle(reservation.pk, command["settle"])
    return {"held": held, "refused": refused}


def spend_many(command: Command) -> dict[str, Any]:
    """The same in one batch."""
    results = ledger.reserve_many([_hold(command, leg) for leg in command["legs"]], _now(command))
    held = [str(each.pk) for each in results if not isinstance(each, BudgetExhausted)]
    refused = [each.view.scope for each in results if isinstance(each, BudgetExhausted)]
    return {"held": held, "refused": refused}


def close(command: Command) -> list[int]:
    """What stands booked after trying to close each hold in this way."""
    return [
        ledger.settle_many([Closing(UUID(pk), Kind(command["kind"]), command.get("actual", 0))])[0]
        for pk in command["reservations"]
    ]


def move(command: Command) -> list[str]:
    """Take the holds, one after the other, to another provider."""
    return [
        str(ledger.move(UUID(pk), _hold(command, leg), _now(command)).pk)
        for pk, leg in zip(command["reservations"], command["legs"], strict=True)
    ]


def limit(command: Command) -> None:
    for amount_nano in command["amounts"]:
        user_id = str(command["user_id"])
        budgets.set_limit("user", user_id, "day", amount_nano, now=_now(command))


def befriend(command: Command) -> None:
    """Two drivers become members of one team."""
    team = Team.objects.create(name=command["team"])
    for user_id in command["users"]:
        Membership.objects.create(user_id=user_id, team=team)


def lend(command: Command) -> dict[str, int]:
    """Lend and give back in turn; what was lent and returned in all."""
    lent = returned = 0
    lender, borrower = (
        Budget.objects.get(scope="user", scope_id=str(user_id), period="day")
        for user_id in command["users"]
    )
    for _ in range(command["times"]):
        try:
            loan = loans.lend(Author(), lender, borrower, command["amount"], _now(command))
        except LoanRefused:
            continue
        lent += command["amount"]
        if command.get("returns"):
            try:
                loans.give_back(Author(), loan, command["amount"], _now(command))
                returned += command["amount"]
            except LoanRefused:
                pass
    return {"lent": lent, "returned": returned}


def give(command: Command) -> None:
    for _ in range(command["times"]):
        budget = Budget.objects.get(scope="user", scope_id=str(command["user_id"]), period="day")
        budgets.grant(budget, command["amount"], "", None, _now(command))


def rows(_: Command) -> dict[str, Any]:
    return books.rows()


def tamper(_: Command) -> list[str]:
    """Try to rewrite history by plain SQL; what the database says to it."""
    table = LedgerEntry._meta.db_table
    answers = []
    for statement in (f"UPDATE {table} SET amount_nano = 0", f"DELETE FROM {table}"):
        try:
            connection.cursor().execute(statement)
        except IntegrityError as error:
            answers.append(str(error).splitlines()[0])
    return answers


def _hold(command: Command, leg: str) -> Hold:
    return Hold(
        leg_id=UUID(leg),
        user_id=command["user_id"],
        amount_nano=command["amount"],
        currency="usd",
        provider=command.get("provider", ""),
        expires_at=_now(command),
    )


def _now(command: Command) -> datetime:
    return datetime.fromisoformat(command["now"]) if "now" in command else drivers.NOW


WORK: dict[str, Callable[[Command], Any]] = {
    work.__name__: work
    for work in (prepare, spend, spend_many, close, move, limit, befriend, lend, give, rows, tamper)
}


def main() -> None:
    User.objects.exists()  # connected before anybody waits
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(WORK[command["work"]](command)), flush=True)
