"""Your account: name, password, second factor, sign-in through a provider, open sessions."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import User
from orchestrator.services.people import accounts, factors, openid, sessions, signin
from orchestrator.services.people.accounts import AccountRefused
from orchestrator.services.people.names import NameRefused
from orchestrator.web import entering
from orchestrator.web.context import page_of
from orchestrator.web.people.forms import NewPasswordForm

WRONG = "The current password is not right."
TOO_MANY = "Too many attempts. Wait a minute, then try again."


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return account_page(request)


def account_page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    user = page_of(request).user
    has_password = user.has_usable_password()
    document = {
        "has_password": has_password,
        "form": NewPasswordForm(has_password=has_password),
        "has_factor": factors.is_on(user),
        "codes_left": user.recovery_codes.count(),
        "sessions": sessions.of(user)[:50],
        "session_key": request.session.session_key,
        "openid_name": settings.OIDC_NAME if openid.is_on() else "",
        "identities": user.external_identities.order_by("pk"),
        "may_disconnect": has_password or user.is_owner,
    }
    return render(request, "people/account.html", document | more, status=status)


@require_POST
def set_name(request: HttpRequest) -> HttpResponse:
    try:
        accounts.set_name(page_of(request).user, request.POST.get("name", "")[:1_000])
    except NameRefused as refused:
        return account_page(request, name_problem=str(refused), status=422)
    messages.info(request, "The name is kept.")
    return redirect("account")


@sensitive_post_parameters("current", "password")
@require_POST
def set_password(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    form = NewPasswordForm(request.POST, has_password=user.has_usable_password())
    status = _change(request, form, user) if form.is_valid() else 422
    if status != 200:
        return account_page(request, form=form, status=status)
    messages.info(request, "The password is changed, and every other session ended.")
    return redirect("account")


def _change(request: HttpRequest, form: NewPasswordForm, user: User) -> int:
    """The status that tells how it went; what was wrong stands in the form."""
    known = form.cleaned_data
    if "current" in form.fields:
        address = entering.address_of(request)
        if not signin.may_try(user.username, address, timezone.now()):
            form.add_error(None, TOO_MANY)
            return 429
        if not user.check_password(known["current"]):
            form.add_error("current", WRONG)
            return 422
        signin.forgive(user.username, address)
    try:
        accounts.set_password(user, known["password"])
    except AccountRefused as refused:
        form.add_error("password", str(refused))
        return 422
    entering.keep_only(request, user)
    return 200


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    if not sessions.end(page_of(request).user, pk):
        raise Http404
    messages.info(request, "That session is signed out.")
    return redirect("account")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    entering.keep_only(request, page_of(request).user)
    messages.info(request, "Every other session is signed out.")
    return redirect("account")


@require_POST
def remove_identity(request: HttpRequest, pk: int) -> HttpResponse:
    if not openid.unlink(page_of(request).user, pk):
        raise Http404
    messages.info(request, f"{settings.OIDC_NAME} is disconnected.")
    return redirect("account")
