"""Addresses of gears, roads, their draft and history, and of provider keys."""

from django.urls import path

from orchestrator.web.fleet import discovering, drafts, gears, keys, roads, rules, trials

urlpatterns = [
    path("gears/", gears.gears_page, name="gears"),
    path("gears/add/", gears.add, name="add-gear"),
    path("gears/discover/", discovering.discover, name="discover-gears"),
    path("gears/trials/<uuid:pk>/", trials.trial, name="gear-trial"),
    path("gears/at/<str:name>/", gears.edit, name="edit-gear"),
    path("gears/at/<str:name>/move/", gears.move, name="move-gear"),
    path("gears/at/<str:name>/try/", trials.try_gear, name="try-gear"),
    path("gears/at/<str:name>/do/<slug:how>/", gears.end, name="end-gear"),
    path("roads/", roads.roads_page, name="roads"),
    path("roads/new/", roads.new, name="new-road"),
    path("roads/rules/new/", rules.new, name="new-rule"),
    path("roads/rules/at/<str:name>/", rules.edit, name="edit-rule"),
    path("roads/at/<str:name>/", roads.edit, name="edit-road"),
    path("draft/", drafts.draft_page, name="draft"),
    path("draft/publish/", drafts.publish, name="publish"),
    path("draft/discard/", drafts.discard, name="discard-draft"),
    path("draft/try/", drafts.try_out, name="try-draft"),
    path("draft/replay/", drafts.replay, name="replay-draft"),
    path("draft/<slug:group>/<str:name>/move/", roads.move, name="move-entry"),
    path("draft/<slug:group>/<str:name>/remove/", roads.remove, name="remove-entry"),
    path("draft/history/", drafts.history, name="fleet-history"),
    path("draft/history/<int:number>/", drafts.version, name="fleet-version"),
    path("draft/history/<int:number>/back/", drafts.roll_back, name="roll-back-fleet"),
    path("keys/", keys.keys_page, name="keys"),
    path("keys/at/<str:name>/try/", keys.try_again, name="try-key"),
    path("keys/at/<str:name>/remove/", keys.remove, name="remove-key"),
    path("keys/seal/", keys.seal_anew, name="seal-keys"),
]
