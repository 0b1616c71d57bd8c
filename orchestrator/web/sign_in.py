"""Signing in by one-time link or password, and signing out."""

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.models import User
from orchestrator.services.people import accounts, factors, openid, sessions, signin
from orchestrator.web import entering
from orchestrator.web.forms import PasswordForm

TOO_MANY = "Too many attempts. Wait a minute, then try again, or use a sign-in link."
WRONG = "Name and password do not fit. Check both, or use a sign-in link."
USED_UP = "This link was used before or is older than 30 minutes. Make a new one: clutch link"


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = target_of(request)
    if request.user.is_authenticated:
        return redirect(target)
    form = PasswordForm(request.POST or None)
    status = 200
    if request.method == "POST":
        user, status = _check(form, request)
        if user is not None:
            return _go_on(request, user, target)
    return sign_in_page(request, form, target=target, status=status)


def _go_on(request: HttpRequest, user: User, target: str) -> HttpResponse:
    if factors.is_on(user):
        entering.wait_for_code(request, user, target)
        return redirect("sign-in-code")
    entering.enter(request, user)
    return redirect(target)


def sign_in_page(
    request: HttpRequest,
    form: PasswordForm | None = None,
    *,
    target: str = "",
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    document = {
        "form": form or PasswordForm(),
        "next": target or settings.LOGIN_REDIRECT_URL,
        "notice": notice,
        "has_people": accounts.are_several(),
        "openid_name": settings.OIDC_NAME if openid.is_on() else "",
    }
    return render(request, "sign_in.html", document, status=status)


def _check(form: PasswordForm, request: HttpRequest) -> tuple[User | None, int]:
    """The person, or None with the status that tells why not."""
    if not form.is_valid():
        return None, 422
    name, password = form.cleaned_data["username"], form.cleaned_data["password"]
    address = entering.address_of(request)
    if not signin.may_try(name, address, timezone.now()):
        form.add_error(None, TOO_MANY)
        return None, 429
    user = authenticate(request, username=name, password=password)
    if user is None:
        form.add_error(None, WRONG)
        return None, 422
    signin.forgive(name, address)
    return user, 200


@login_not_required
@require_http_methods(["GET"])
def use_link(request: HttpRequest, token: str) -> HttpResponse:
    """HEAD and prefetching are refused, so that a preview of the link does not use it up."""
    if request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        return HttpResponse(status=503)
    user = signin.use_link(token, timezone.now())
    if user is None:
        return sign_in_page(request, notice=USED_UP, status=403)
    entering.enter(request, user)
    return redirect(settings.LOGIN_REDIRECT_URL)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.forget(request.session.session_key or "")
    logout(request)
    return redirect(settings.LOGIN_URL)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The administration has no password page of its own, which would have no brake on guessing."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    return redirect_to_login(target_of(request))


def target_of(request: HttpRequest) -> str:
    """Where to go afterwards: a page of this site and nothing else."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    is_path = wanted.startswith("/") and not wanted.startswith(settings.LOGIN_URL)
    return wanted if is_here and is_path else settings.LOGIN_REDIRECT_URL
