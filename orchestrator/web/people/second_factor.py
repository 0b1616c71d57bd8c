"""The second factor: set up by scanning a code, turned off by giving one."""

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.models import User
from orchestrator.services.people import attempts, factors
from orchestrator.web.context import page_of
from orchestrator.web.people.codes import TOO_MANY, WRONG
from orchestrator.web.people.own import account_page


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    if factors.is_on(user):
        return redirect("account")
    if request.method != "POST":
        return _set_up_page(request, user)
    if not attempts.may_try(factors.limits(user), timezone.now()):
        return _set_up_page(request, user, TOO_MANY, status=429)
    codes = factors.confirm(user, request.POST.get("code", "")[:100], timezone.now())
    if codes is None:
        return _set_up_page(request, user, WRONG, status=422)
    return render(request, "people/recovery_codes.html", {"codes": codes})


def _set_up_page(
    request: HttpRequest, user: User, problem: str = "", status: int = 200
) -> HttpResponse:
    uri = factors.begin(user)
    document = {"svg": _picture(uri), "secret": factors.spelled(uri), "problem": problem}
    return render(request, "people/second_factor.html", document, status=status)


def _picture(uri: str) -> SafeString:
    """A QR code as SVG without any style, which the policy of our pages would not let through."""
    drawn = segno.make(uri, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return SafeString(drawn)


@sensitive_post_parameters("code")
@require_POST
def turn_off(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    if (answer := _unproven(request, user)) is not None:
        return answer
    factors.turn_off(user)
    messages.info(request, "The second factor is off. The password alone signs in.")
    return redirect("account")


@sensitive_post_parameters("code")
@require_POST
def new_codes(request: HttpRequest) -> HttpResponse:
    """The old ones are worth nothing from then on."""
    user = page_of(request).user
    if (answer := _unproven(request, user)) is not None:
        return answer
    return render(request, "people/recovery_codes.html", {"codes": factors.renew_codes(user)})


def _unproven(request: HttpRequest, user: User) -> HttpResponse | None:
    """Whoever finds an open browser must not be able to change it."""
    now, limits = timezone.now(), factors.limits(user)
    if not attempts.may_try(limits, now):
        return account_page(request, factor_problem=TOO_MANY, status=429)
    if not factors.check(user, request.POST.get("code", "")[:100], now):
        return account_page(request, factor_problem=WRONG, status=422)
    attempts.forgive(limits[:1])
    return None
