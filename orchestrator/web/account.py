"""Settings of the person who asks: appearance, API tokens, sign-out."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from orchestrator.services.people import tokens
from orchestrator.services.people.tokens import TokenRefused
from orchestrator.web import welcome
from orchestrator.web.context import PageRequest, page_of
from orchestrator.web.forms import TokenForm


@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    return render(request, "settings.html", _document(request, TokenForm()))


@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself, not a redirect: the token is shown this once."""
    form = TokenForm(request.POST)
    if form.is_valid():
        user, wanted = cast(PageRequest, request).user, form.cleaned_data
        try:
            made = tokens.create(user, wanted["name"], scopes=wanted["scopes"])
            document = _document(request, TokenForm()) | {"new_token": made}
            return render(request, "settings.html", document)
        except TokenRefused as refused:
            form.add_error(None, str(refused))
    return render(request, "settings.html", _document(request, form), status=422)


@require_POST
def revoke_token(request: HttpRequest, public_id: str) -> HttpResponse:
    if not tokens.revoke(cast(PageRequest, request).user, public_id, timezone.now()):
        raise Http404
    return redirect("settings")


def _document(request: HttpRequest, form: TokenForm) -> dict[str, Any]:
    user = page_of(request).user
    return {"form": form, "tokens": tokens.of(user), **welcome.key_choices(user)}
