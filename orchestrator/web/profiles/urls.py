"""Profiles by address."""

from django.urls import path

from orchestrator.web.profiles import deeds, pages

urlpatterns = [
    path("profiles/", pages.profiles_page, name="profiles"),
    path("profiles/new/", pages.new_page, name="new-profile"),
    path("profiles/create/", deeds.create, name="create-profile"),
    path("profiles/import/", deeds.import_text, name="import-profile"),
    path("profiles/default/", deeds.use, name="use-profile"),
    path("profiles/team-default/", deeds.use_in_team, name="use-team-profile"),
    path("profiles/<int:pk>/", pages.profile_page, name="profile"),
    path("profiles/<int:pk>/edit/", deeds.edit, name="edit-profile"),
    path("profiles/<int:pk>/copy/", deeds.copy, name="copy-profile"),
    path("profiles/<int:pk>/share/", deeds.share, name="share-profile"),
    path("profiles/<int:pk>/delete/", deeds.delete, name="delete-profile"),
    path("profiles/<int:pk>/export/", pages.export, name="export-profile"),
]
