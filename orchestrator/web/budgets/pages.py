"""The budgets of a person: all of them, and one with everything that can be done with it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from orchestrator.models import AlertChannel, Budget, Loan, User
from orchestrator.services.alerts import budgets as budget_alerts
from orchestrator.services.alerts import channels
from orchestrator.services.money import changes, forecasts, loans, overviews, rights, zones
from orchestrator.services.money.overviews import Line
from orchestrator.services.setup import fleet
from orchestrator.web.budgets import access, forms
from orchestrator.web.context import page_of

MOST_CHANGES = 50
MOST_ALERTS = 10


@require_safe
def budgets_page(request: HttpRequest) -> HttpResponse:
    return show_all(request)


@require_safe
def budget_page(request: HttpRequest, pk: int) -> HttpResponse:
    return show_one(request, access.budget_or_404(request, pk))


def show_all(
    request: HttpRequest, status: int = 200, given: Mapping[str, Any] | None = None
) -> HttpResponse:
    user = page_of(request).user
    lines = overviews.overview(user)
    table = zones.table()
    document = {
        "rows": _rows(lines),
        "alerts": _alerts(user),
        "loans": _loans(user),
        "zones": zones.lines(table),
        "zone_names": list(zip(zones.BOUNDS, zones.CAPS, strict=False)),
        "is_administrator": rights.is_administrator(user),
        "places": forms.places(user),
        "channels": channels.of(user),
        "channel_kinds": AlertChannel.Kind.choices,
        "tightest": _tightest(lines),
        **(given or {}),
    }
    return render(request, "budgets/list.html", document, status=status)


def show_one(
    request: HttpRequest,
    budget: Budget,
    status: int = 200,
    given: Mapping[str, Any] | None = None,
) -> HttpResponse:
    user = page_of(request).user
    line = next((each for each in overviews.overview(user) if each.budget_id == budget.pk), None)
    is_lender = budget.scope == Budget.Scope.USER and rights.may_lend_for(
        user, int(budget.scope_id)
    )
    lends_to = loans.borrowers(budget) if is_lender and budget.limit_nano is not None else []
    document = {
        "budget": budget,
        "line": line,
        "forecast": forecasts.for_budgets([budget])[budget.pk],
        "may_manage": line is not None and line.may_manage,
        "borrowers": [(each.pk, overviews.owner_of(each)) for each in lends_to],
        "changes": changes.of([budget.pk])[:MOST_CHANGES],
        **(given or {}),
    }
    return render(request, "budgets/one.html", document, status=status)


def _tightest(lines: list[Line]) -> Line | None:
    """In the money that tasks cost now."""
    currency = fleet.currency_now()
    found = (each for each in lines if each.is_tightest and each.currency == currency)
    return next(found, None)


def _rows(lines: list[Line]) -> list[dict[str, Any]]:
    found = forecasts.for_budgets(Budget.objects.filter(pk__in=[each.budget_id for each in lines]))
    return [{"line": each, "forecast": found[each.budget_id]} for each in lines]


def _alerts(user: User) -> list[dict[str, Any]]:
    return [
        {
            "alert": alert,
            "text": budget_alerts.sentence(alert),
            "budget": alert.period.budget,
            "may_acknowledge": access.may_acknowledge(user, alert),
            "may_grant": rights.may_manage(
                user, alert.period.budget.scope, alert.period.budget.scope_id
            ),
        }
        for alert in budget_alerts.open_for(user)[:MOST_ALERTS]
    ]


def _loans(user: User) -> list[dict[str, Any]]:
    return [_loan(user, loan) for loan in loans.open_of(user, timezone.now())]


def _loan(user: User, loan: Loan) -> dict[str, Any]:
    return {
        "loan": loan,
        "lender": overviews.owner_of(loan.lender.budget),
        "borrower": overviews.owner_of(loan.borrower.budget),
        "may_return": rights.may_lend_for(user, int(loan.borrower.budget.scope_id)),
    }
