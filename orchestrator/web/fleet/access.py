"""Gears, roads, keys and their drafts exist only for whoever runs the installation."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from orchestrator.web.context import may_edit, page_of

View = Callable[..., HttpResponse]


def editors_only(view: View) -> View:
    """For anybody else there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_editor(request)
        return view(request, *args, **kwargs)

    return guarded


def require_editor(request: HttpRequest) -> None:
    if not may_edit(page_of(request).user):
        raise Http404
