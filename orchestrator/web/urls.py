"""Pages by address."""

from django.urls import path

from orchestrator.web import (
    account,
    attachments,
    chat_exchange,
    dashboard,
    health,
    palette,
    probes,
    rules,
    sign_in,
    trip_log,
    welcome,
)
from orchestrator.web.budgets import urls as budgets
from orchestrator.web.chat import urls as chat
from orchestrator.web.fleet import urls as fleet
from orchestrator.web.people import urls as people
from orchestrator.web.profiles import urls as profiles
from orchestrator.web.prompts import urls as prompts
from orchestrator.web.reports import urls as reports
from orchestrator.web.runs import urls as runs

urlpatterns = [
    *chat.urlpatterns,
    *prompts.urlpatterns,
    *people.urlpatterns,
    *budgets.urlpatterns,
    *profiles.urlpatterns,
    *runs.urlpatterns,
    *reports.urlpatterns,
    *fleet.urlpatterns,
    path("", dashboard.dashboard, name="dashboard"),
    path("palette/", palette.palette, name="palette"),
    path("setup/keys/", welcome.add_key, name="add-key"),
    path("setup/local/", welcome.look_for_local, name="look-for-local"),
    path("chat/import/", chat_exchange.import_page, name="import-chats"),
    path("chat/import/<str:key>/apply/", chat_exchange.import_apply, name="apply-import"),
    path("chat/import/<int:pk>/progress/", chat_exchange.import_progress, name="import-progress"),
    path("chat/import/<int:pk>/undo/", chat_exchange.import_undo, name="undo-import"),
    path("chat/export/", chat_exchange.export_many, name="export-chats"),
    path("chat/<uuid:pk>/export/", chat_exchange.export_one, name="export-chat"),
    path("rules/", rules.rules_page, name="rules"),
    path("rules/try/", rules.try_out, name="try-rules"),
    path("rules/<int:pk>/undo/", rules.undo, name="undo-rule"),
    path("trips/", trip_log.log, name="trips"),
    path("trips/<uuid:pk>/", trip_log.trip, name="trip"),
    path("trips/<uuid:pk>/replay/", trip_log.replay, name="replay-trip"),
    path("chat/<uuid:pk>/replay/", trip_log.replay_chat, name="replay-chat"),
    path("trips/<uuid:pk>/events/", trip_log.events, name="events"),
    path("trips/<uuid:pk>/stop/", trip_log.stop, name="stop"),
    path("attachments/", attachments.upload, name="upload"),
    path("attachments/<uuid:pk>/", attachments.download, name="attachment"),
    path("health/", health.health, name="health"),
    path("health/check/", health.check, name="check-health"),
    path("health/books/", health.books, name="health-books"),
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
