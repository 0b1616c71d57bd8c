"""Budgets by address."""

from django.urls import path

from orchestrator.web.budgets import deeds, pages, settings

urlpatterns = [
    path("budgets/", pages.budgets_page, name="budgets"),
    path("budgets/new/", deeds.create, name="new-budget"),
    path("budgets/zones/", settings.save_zones, name="save-zones"),
    path("budgets/channels/", settings.add_channel, name="add-channel"),
    path("budgets/channels/<int:pk>/remove/", settings.remove_channel, name="remove-channel"),
    path("budgets/channels/<int:pk>/try/", settings.try_channel, name="try-channel"),
    path("budgets/alerts/<int:pk>/acknowledge/", deeds.acknowledge, name="acknowledge-alert"),
    path("budgets/loans/<int:pk>/return/", deeds.give_back, name="return-loan"),
    path("budgets/<int:pk>/", pages.budget_page, name="budget"),
    path("budgets/<int:pk>/edit/", deeds.edit, name="edit-budget"),
    path("budgets/<int:pk>/remove/", deeds.remove, name="remove-budget"),
    path("budgets/<int:pk>/grant/", deeds.grant, name="grant-budget"),
    path("budgets/<int:pk>/lend/", deeds.lend, name="lend-budget"),
]
