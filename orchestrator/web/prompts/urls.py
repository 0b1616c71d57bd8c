"""Addresses below /prompts/."""

from django.urls import path

from orchestrator.web.prompts import editing, exchange, keeping, pages, trials, using

urlpatterns = [
    path("prompts/", pages.prompts, name="prompts"),
    path("prompts/new/", editing.new, name="new-prompt"),
    path("prompts/preview/", editing.preview, name="preview-prompt"),
    path("prompts/samples/<int:number>/", editing.add_sample, name="add-sample-prompt"),
    path("prompts/import/", exchange.import_page, name="import-prompts"),
    path("prompts/import/apply/", exchange.import_apply, name="apply-prompt-import"),
    path("prompts/export/", exchange.export_all, name="export-prompts"),
    path("prompts/<int:pk>/", pages.show, name="prompt"),
    path("prompts/<int:pk>/versions/<int:number>/", pages.version, name="prompt-version"),
    path("prompts/<int:pk>/save/", editing.save, name="save-prompt"),
    path("prompts/<int:pk>/describe/", editing.describe, name="describe-prompt"),
    path("prompts/<int:pk>/live/<int:number>/", editing.make_live, name="make-prompt-live"),
    path("prompts/<int:pk>/back/<int:number>/", editing.roll_back, name="roll-back-prompt"),
    path("prompts/<int:pk>/decide/<int:number>/", editing.decide, name="decide-suggestion"),
    path("prompts/<int:pk>/diff/<int:old>/<int:new>/", pages.difference, name="prompt-diff"),
    path("prompts/<int:pk>/insert/", using.insert, name="insert-prompt"),
    path("prompts/<int:pk>/use/", using.use, name="use-prompt"),
    path("prompts/<int:pk>/export/", exchange.export_one, name="export-prompt"),
    path("prompts/<int:pk>/test-drive/", trials.setup, name="new-trial"),
    path("prompts/test-drives/<int:pk>/", trials.show, name="trial"),
    path("prompts/test-drives/<int:pk>/stop/", trials.stop, name="stop-trial"),
    path("prompts/test-drives/<int:pk>/keep/", trials.keep, name="keep-trial"),
    path("prompts/<int:pk>/star/", keeping.star, name="star-prompt"),
    path("prompts/<int:pk>/archive/", keeping.archive, name="archive-prompt"),
    path("prompts/<int:pk>/copy/", keeping.copy, name="copy-prompt"),
    path("prompts/<int:pk>/share/", keeping.share, name="share-prompt"),
    path("prompts/<int:pk>/delete/", keeping.delete, name="delete-prompt"),
    path("prompts/<int:pk>/restore/", keeping.restore, name="restore-prompt"),
]
