"""Addresses of reports."""

from django.urls import path

from orchestrator.web.reports import drilling, keeping, pages

urlpatterns = [
    path("reports/", pages.report, name="reports"),
    path("reports/data.json", pages.data, name="report-data"),
    path("reports/export/<slug:what>.<slug:ending>", pages.export, name="export-report"),
    path("reports/trips/", drilling.trips, name="report-trips"),
    path("reports/trips/<uuid:pk>/", drilling.receipt, name="report-receipt"),
    path("reports/save/", keeping.save, name="save-report"),
    path("reports/saved/<int:pk>/delete/", keeping.forget, name="forget-report"),
    path("reports/share/", keeping.share, name="share-report"),
    path("reports/share/<uuid:pk>/revoke/", keeping.revoke, name="revoke-share"),
    path("reports/shared/<str:secret>/", keeping.shared, name="shared-report"),
    path("reports/digests/", keeping.subscribe, name="subscribe-digest"),
    path("reports/digests/<int:pk>/delete/", keeping.unsubscribe, name="unsubscribe-digest"),
]
