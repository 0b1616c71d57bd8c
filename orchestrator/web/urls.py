"""Pages by address."""

from django.urls import path

from orchestrator.web import account, dashboard, health, probes, sign_in, trip_log

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("ask/", dashboard.ask, name="ask"),
    path("route/", dashboard.route, name="route"),
    path("trips/", trip_log.log, name="trips"),
    path("trips/<uuid:pk>/", trip_log.trip, name="trip"),
    path("trips/<uuid:pk>/events/", trip_log.events, name="events"),
    path("trips/<uuid:pk>/stop/", trip_log.stop, name="stop"),
    path("health/", health.health, name="health"),
    path("health/try-again/", health.try_again, name="try-again"),
    path("health/alerts/<int:pk>/dismiss/", health.dismiss_alert, name="dismiss-alert"),
    path("settings/", account.settings_page, name="settings"),
    path("settings/tokens/", account.create_token, name="create-token"),
    path("settings/tokens/<slug:public_id>/revoke/", account.revoke_token, name="revoke-token"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/<str:token>/", sign_in.use_link, name="use-link"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics_page, name="metrics"),
]
