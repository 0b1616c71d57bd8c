"""Signing in through an OpenID Connect provider: there, back, and who that is."""

import logging
from typing import Any

from authlib.common.errors import AuthlibBaseError
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from joserfc.errors import JoseError

from orchestrator.models import User
from orchestrator.services.people import invitations, openid
from orchestrator.services.people.accounts import AccountRefused
from orchestrator.services.people.invitations import InvitationRefused
from orchestrator.services.people.openid import Identity, IdentityRefused
from orchestrator.web import addresses, entering
from orchestrator.web.sign_in import sign_in_page, target_of

log = logging.getLogger(__name__)
# What a provider, the network or a forged answer can bring about.
FAILURES = (AuthlibBaseError, JoseError, OSError, RuntimeError, ValueError, KeyError)
NEXT, INVITATION = "openid-next", "openid-invitation"


@login_not_required
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """A link and not a form: the policy of our pages lets no form lead elsewhere."""
    if not openid.is_on():
        raise Http404
    request.session[NEXT] = target_of(request)
    request.session[INVITATION] = request.GET.get("invitation", "")[:100]
    try:
        answer: HttpResponse = openid.client().authorize_redirect(request, _callback(request))
    except FAILURES as failure:
        return _failed(request, failure)
    return answer


@login_not_required
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    if not openid.is_on():
        raise Http404
    try:
        claims = _claims(request)
        if claims is None:
            raise IdentityRefused(f"{settings.OIDC_NAME} did not say who you are.")
        user = _person(request, openid.parse(claims))
    except (IdentityRefused, AccountRefused, InvitationRefused) as refused:
        return sign_in_page(request, notice=str(refused), status=403)
    except FAILURES as failure:
        return _failed(request, failure)
    target = request.session.pop(NEXT, settings.LOGIN_REDIRECT_URL)
    if user != request.user:
        entering.enter(request, user)
    return redirect(target)


def _claims(request: HttpRequest) -> dict[str, Any] | None:
    token = openid.client().authorize_access_token(request, claims_options=openid.claims_options())
    claims: dict[str, Any] | None = token.get("userinfo")
    return claims


def _person(request: HttpRequest, identity: Identity) -> User:
    """Known, connected to who is signed in, invited, or of a domain that may come."""
    invitation = request.session.pop(INVITATION, "")
    known = openid.find(identity)
    if isinstance(request.user, User):
        if known is None:
            openid.link(request.user, identity)
        elif known != request.user:
            raise IdentityRefused("This account is connected with another person here already.")
        return request.user
    if known is not None:
        return known
    if invitation:
        return invitations.register(invitation, lambda: openid.register(identity), timezone.now())
    if openid.may_register(identity):
        return openid.register(identity)
    raise IdentityRefused(
        "There is no account here for you yet. Open the invitation you were sent, "
        "or sign in otherwise and connect the two under “Your account”."
    )


def _callback(request: HttpRequest) -> str:
    return addresses.base(request) + reverse("openid-back")


def _failed(request: HttpRequest, failure: Exception) -> HttpResponse:
    """What went wrong stands in the log; a provider's own words are not shown."""
    log.warning("sign-in through the provider failed: %s", type(failure).__name__)
    notice = f"Signing in with {settings.OIDC_NAME} did not work. Try again, or sign in otherwise."
    return sign_in_page(request, notice=notice, status=502)
