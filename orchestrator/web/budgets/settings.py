"""The zones of all budgets, and where a person is told of alerts."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from orchestrator.services.alerts import channels, deliveries
from orchestrator.services.alerts.channels import ChannelRefused
from orchestrator.services.money import rights, zones
from orchestrator.services.money.zones import WrongZones
from orchestrator.web.budgets import access, pages
from orchestrator.web.budgets.forms import WrongForm, ZoneFields
from orchestrator.web.context import page_of


@require_POST
def save_zones(request: HttpRequest) -> HttpResponse:
    if not rights.is_administrator(page_of(request).user):
        raise PermissionDenied
    try:
        zones.save(ZoneFields(request.POST).table())
    except (WrongForm, WrongZones) as refused:
        return pages.show_all(request, 422, {"zone_problem": str(refused)})
    return redirect("budgets")


@require_POST
def add_channel(request: HttpRequest) -> HttpResponse:
    """Kept only; nothing is sent before an alert or a test."""
    user = page_of(request).user
    kind, address = request.POST.get("kind", ""), request.POST.get("address", "")
    if rights.is_viewer(user):
        raise PermissionDenied
    try:
        channels.add(user, kind, address.replace("\x00", ""))
    except ChannelRefused as refused:
        return pages.show_all(request, 422, {"channel_problem": str(refused)})
    return redirect("budgets")


@require_POST
def remove_channel(request: HttpRequest, pk: int) -> HttpResponse:
    access.channel_or_404(request, pk).delete()
    return redirect("budgets")


@require_POST
def try_channel(request: HttpRequest, pk: int) -> HttpResponse:
    channel = access.channel_or_404(request, pk)
    problem = deliveries.attempt(channel, deliveries.trial())
    if problem:
        return pages.show_all(request, 422, {"channel_problem": problem})
    told = f"A test was sent to {channel.shown}."
    return pages.show_all(request, 200, {"channel_told": told})
