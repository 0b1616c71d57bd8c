"""The dashboard: gauges, what needs attention, latest trips."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from orchestrator.models import Currency
from orchestrator.services.setup import fleet
from orchestrator.web import attention, instruments
from orchestrator.web.access import own_trips
from orchestrator.web.context import page_of

LATEST = 8


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    currency = fleet.currency_now()
    document = {
        "cluster": instruments.cluster(user, currency),
        "trips": own_trips(user)[:LATEST],
        "trips_today": own_trips(user).filter(created_at__date=timezone.localdate()).count(),
        "notices": attention.notices(user, is_demo_only=currency == Currency.DEMO),
    }
    return render(request, "dashboard.html", document)
