"""From a page to a budget, a loan or an alert: only what the person may see."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from orchestrator.models import AlertChannel, Budget, BudgetAlert, Loan, User
from orchestrator.services.alerts import budgets as budget_alerts
from orchestrator.services.alerts import channels
from orchestrator.services.money import accounts, loans, rights
from orchestrator.web.context import page_of


def budget_or_404(request: HttpRequest, pk: int) -> Budget:
    seen = accounts.budgets_in(rights.visible(page_of(request).user))
    found = seen.filter(pk=pk, removed_at=None).first()
    if found is None:
        raise Http404
    return found


def managed_budget(request: HttpRequest, pk: int) -> Budget:
    """404 for what is not seen, 403 for what is only seen."""
    found = budget_or_404(request, pk)
    if not rights.may_manage(page_of(request).user, found.scope, found.scope_id):
        raise PermissionDenied
    return found


def alert_or_404(request: HttpRequest, pk: int) -> BudgetAlert:
    found = budget_alerts.visible(page_of(request).user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def may_acknowledge(user: User, alert: BudgetAlert) -> bool:
    """Whoever can do something about it, and everybody for their own budget."""
    budget = alert.period.budget
    is_own = budget.scope == Budget.Scope.USER and budget.scope_id == str(user.pk)
    is_own = is_own and not rights.is_viewer(user)
    return is_own or rights.may_manage(user, budget.scope, budget.scope_id)


def loan_or_404(request: HttpRequest, pk: int) -> Loan:
    found = loans.visible(page_of(request).user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def channel_or_404(request: HttpRequest, pk: int) -> AlertChannel:
    found = channels.of(page_of(request).user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
