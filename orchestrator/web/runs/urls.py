"""The addresses of the Runs pages."""

from django.urls import path

from orchestrator.web.runs import changing, controls, ordering, pages

urlpatterns = [
    path("runs/", pages.listing, name="runs"),
    path("runs/new/", ordering.new, name="new-run"),
    path("runs/plan/", changing.edit, name="edit-plan"),
    path("runs/fields/", ordering.fields, name="run-fields"),
    path("runs/quote/", ordering.quote, name="quote-run"),
    path("runs/start/", ordering.start, name="start-run"),
    path("runs/draft/", ordering.draft, name="draft-run"),
    path("runs/draft/<uuid:pk>/", ordering.drafted, name="drafted-run"),
    path("runs/keep/", ordering.keep, name="keep-plan"),
    path("runs/plans/<str:name>/forget/", ordering.forget, name="forget-plan"),
    path("runs/<uuid:pk>/", pages.run, name="run"),
    path("runs/<uuid:pk>/board/", pages.board, name="run-board"),
    path("runs/<uuid:pk>/numbers/", pages.numbers, name="run-numbers"),
    path("runs/<uuid:pk>/places/<str:path>/", pages.place, name="run-place"),
    path("runs/<uuid:pk>/items/", pages.items, name="run-items"),
    path("runs/<uuid:pk>/results.<str:ending>", pages.download, name="run-results"),
    path("runs/<uuid:pk>/pause/", controls.pause, name="pause-run"),
    path("runs/<uuid:pk>/resume/", controls.resume, name="resume-run"),
    path("runs/<uuid:pk>/cancel/", controls.cancel, name="cancel-run"),
    path("runs/<uuid:pk>/retry/", controls.retry, name="retry-run"),
]
