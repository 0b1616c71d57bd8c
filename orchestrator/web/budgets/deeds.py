"""Changing budgets: set, edited, removed, granted, lent and given back."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from orchestrator.models import Budget
from orchestrator.services.alerts import budgets as budget_alerts
from orchestrator.services.money import budgets, loans, rights
from orchestrator.services.money.budgets import Edited, InvalidAmount
from orchestrator.services.money.loans import LoanRefused
from orchestrator.web.budgets import access, forms, pages
from orchestrator.web.budgets.forms import WrongForm
from orchestrator.web.context import page_of

Refused = (InvalidAmount, WrongForm, LoanRefused)
NOT_OPEN = "There is such a budget already. Open it in the list to change it."


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    if not forms.places(user):
        raise PermissionDenied
    try:
        place = forms.place_of(user, request.POST)
        limit_nano = forms.limit_of(request.POST)
        if place.rows().filter(removed_at=None).exists():
            raise WrongForm(NOT_OPEN)
        made = budgets.put(place, limit_nano, forms.author_of(user, request.POST))
    except Refused as refused:
        given = {"problem": str(refused), "given": request.POST}
        return pages.show_all(request, 422, given)
    return redirect("budget", made.pk)


@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    budget, user = access.managed_budget(request, pk), page_of(request).user
    try:
        limit_nano = forms.limit_of(request.POST)
        seen = forms.number(request.POST, "revision")
        budgets.edit(budget, limit_nano, seen, forms.author_of(user, request.POST))
    except Refused as refused:
        return _refused(request, budget, str(refused))
    except Edited as edited:
        budget.refresh_from_db()
        given = {"problem": str(edited), "theirs": budget, "given": request.POST}
        return pages.show_one(request, budget, 409, given)
    return redirect("budget", pk)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    budget = access.managed_budget(request, pk)
    budgets.remove(budget, forms.author_of(page_of(request).user, request.POST))
    return redirect("budgets")


@require_POST
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """More for the running period, or for good; from an alert it is acknowledged as well."""
    budget, user = access.managed_budget(request, pk), page_of(request).user
    author = forms.author_of(user, request.POST)
    try:
        amount_nano = forms.amount_of(request.POST)
        if request.POST.get("how") == "good":
            budgets.raise_for_good(budget, amount_nano, author)
        else:
            budgets.grant(budget, amount_nano, author.note, user)
        alert = forms.number(request.POST, "alert") if "alert" in request.POST else None
    except Refused as refused:
        return _refused(request, budget, str(refused))
    if alert is not None:
        budget_alerts.acknowledge(access.alert_or_404(request, alert), user)
        return redirect("budgets")
    return redirect("budget", pk)


@require_POST
def lend(request: HttpRequest, pk: int) -> HttpResponse:
    budget, user = access.budget_or_404(request, pk), page_of(request).user
    is_person = budget.scope == Budget.Scope.USER
    if not (is_person and rights.may_lend_for(user, int(budget.scope_id))):
        raise PermissionDenied
    try:
        to = forms.number(request.POST, "to")
        borrower = next((each for each in loans.borrowers(budget) if each.pk == to), None)
        if borrower is None:
            raise WrongForm("Choose somebody of your team to lend to.")
        amount_nano = forms.amount_of(request.POST)
        loans.lend(forms.author_of(user, request.POST), budget, borrower, amount_nano)
    except Refused as refused:
        return _refused(request, budget, str(refused))
    return redirect("budgets")


@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    loan, user = access.loan_or_404(request, pk), page_of(request).user
    if not rights.may_lend_for(user, int(loan.borrower.budget.scope_id)):
        raise PermissionDenied
    try:
        amount_nano = forms.amount_of(request.POST)
        loans.give_back(forms.author_of(user, request.POST), loan, amount_nano)
    except Refused as refused:
        return pages.show_all(request, 422, {"problem": str(refused)})
    return redirect("budgets")


@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    alert, user = access.alert_or_404(request, pk), page_of(request).user
    if not access.may_acknowledge(user, alert):
        raise PermissionDenied
    budget_alerts.acknowledge(alert, user)
    return redirect("budgets")


def _refused(request: HttpRequest, budget: Budget, problem: str) -> HttpResponse:
    given = {"problem": problem, "given": request.POST}
    return pages.show_one(request, budget, 422, given)
