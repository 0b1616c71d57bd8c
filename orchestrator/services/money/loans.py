"""Money lent between the members of a team: out of one person's room, for the running period.

Each step is one conditional update, so two who lend, spend and give back at once never lend what
is spent or give back what is used.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from orchestrator.models import Budget, BudgetPeriod, Loan, User
from orchestrator.routing.fuel import dollars
from orchestrator.services.money import accounts, budgets, changes, periods, rights
from orchestrator.services.money.changes import Author, Kind

Scope = Budget.Scope


class LoanRefused(ValueError):
    """Nothing was lent or given back; the message says why."""


def lend(
    by: Author,
    lender: Budget,
    borrower: Budget,
    amount_nano: int,
    now: datetime | None = None,
) -> Loan:
    budgets.check_amount(amount_nano, lowest=1)
    _check(by, lender, borrower)
    now = now or timezone.now()
    with transaction.atomic():
        accounts.open_periods([lender.pk, borrower.pk], now)
        giving, taking = _running(lender, now), _running(borrower, now)
        _lock(giving.pk, taking.pk)
        if not _take(giving.pk, amount_nano):
            left = dollars(max(0, _room(giving.pk)))
            raise LoanRefused(f"Only {left} of this budget are free to lend for this period.")
        if not _give(taking.pk, amount_nano):
            raise LoanRefused("The other budget has no limit, so there is nothing to lend to it.")
        changes.record(lender, Kind.LENT, by, after=amount_nano)
        changes.record(borrower, Kind.BORROWED, by, after=amount_nano)
        return Loan.objects.create(
            lender=giving,
            borrower=taking,
            amount_nano=amount_nano,
            note=by.note[:200],
            made_by=by.user,
        )


def give_back(by: Author, loan: Loan, amount_nano: int, now: datetime | None = None) -> None:
    """All or a part of it, as far as it was not spent."""
    budgets.check_amount(amount_nano, lowest=1)
    giving, taking = loan.lender, loan.borrower
    if by.user is not None and not rights.may_lend_for(by.user, int(taking.budget.scope_id)):
        raise LoanRefused("Only who borrowed it, or who manages their team, can give it back.")
    if taking.refills_at <= (now or timezone.now()):
        raise LoanRefused("This loan ended with its period; there is nothing to give back.")
    with transaction.atomic():
        _lock(giving.pk, taking.pk)
        open_ones = Loan.objects.filter(
            pk=loan.pk, amount_nano__gte=F("returned_nano") + amount_nano
        )
        if not open_ones.update(returned_nano=F("returned_nano") + amount_nano):
            raise LoanRefused(f"Only {dollars(loan.open_nano)} of this loan are still open.")
        if not _take(taking.pk, amount_nano):
            left = dollars(max(0, _room(taking.pk)))
            raise LoanRefused(f"Only {left} are not spent or held; give back at most that.")
        _give(giving.pk, amount_nano)
        changes.record(taking.budget, Kind.RETURNED, by, after=amount_nano)


def _check(by: Author, lender: Budget, borrower: Budget) -> None:
    both = (lender, borrower)
    if lender.pk == borrower.pk or any(each.scope != Scope.USER for each in both):
        raise LoanRefused("Money is lent from one person's budget to another person's.")
    if any(each.removed_at is not None for each in both):
        raise LoanRefused("One of the two budgets was removed. Reload the page.")
    if (lender.period, lender.currency) != (borrower.period, borrower.currency):
        raise LoanRefused("Both budgets must be for the same period and in the same money.")
    if by.user is not None and not rights.may_lend_for(by.user, int(lender.scope_id)):
        raise LoanRefused("Only whose money it is, or who manages their team, can lend it.")
    if int(borrower.scope_id) not in rights.teammates(int(lender.scope_id)):
        raise LoanRefused("Money is lent inside a team only, and you two share none.")


def _running(budget: Budget, now: datetime) -> BudgetPeriod:
    return BudgetPeriod.objects.get(budget=budget, key=periods.key(budget.period, now))


def _lock(*period_ids: int) -> None:
    """In the order of the primary key, as everybody locks."""
    rows = BudgetPeriod.objects.select_for_update(no_key=True).filter(pk__in=period_ids)
    list(rows.order_by("pk").values_list("pk"))


def _take(period_id: int, amount_nano: int) -> int:
    used = F("spent_nano") + F("reserved_nano") + F("lent_nano") - F("granted_nano")
    free = BudgetPeriod.objects.filter(pk=period_id, limit_nano__gte=used + amount_nano)
    return free.update(lent_nano=F("lent_nano") + amount_nano)


def _give(period_id: int, amount_nano: int) -> int:
    limited = BudgetPeriod.objects.filter(pk=period_id, limit_nano__isnull=False)
    return limited.update(lent_nano=F("lent_nano") - amount_nano)


def _room(period_id: int) -> int:
    period = BudgetPeriod.objects.get(pk=period_id)
    return (period.ceiling_nano or 0) - period.spent_nano - period.reserved_nano


def borrowers(lender: Budget) -> list[Budget]:
    """Budgets of teammates that could take a loan of this one."""
    if lender.scope != Scope.USER:
        return []
    return list(
        Budget.objects.filter(
            scope=Scope.USER,
            scope_id__in=map(str, rights.teammates(int(lender.scope_id))),
            period=lender.period,
            currency=lender.currency,
            removed_at=None,
            limit_nano__isnull=False,
        )
    )


def visible(user: User) -> QuerySet[Loan]:
    """Given and taken by those whose budgets a person may see."""
    found = Loan.objects.select_related("lender__budget", "borrower__budget", "made_by")
    people = rights.visible(user)[Scope.USER]
    if people is None:
        return found
    return found.filter(
        Q(lender__budget__scope_id__in=people) | Q(borrower__budget__scope_id__in=people)
    )


def open_of(user: User, now: datetime) -> QuerySet[Loan]:
    return visible(user).filter(lender__refills_at__gt=now, amount_nano__gt=F("returned_nano"))
