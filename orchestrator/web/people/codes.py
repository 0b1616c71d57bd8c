"""The second step of signing in: a code of the app, or a recovery code."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from orchestrator.services.people import attempts, factors
from orchestrator.web import entering

TOO_MANY = "Too many codes. Wait until a minute has passed, then try again."
WRONG = "This code is not right, or it was used already. Wait for the next one of your app."


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    waiting = entering.pending(request)
    if waiting is None:
        return redirect_to_login(settings.LOGIN_REDIRECT_URL)
    user, target = waiting
    if request.method != "POST":
        return render(request, "people/code.html")
    now, limits = timezone.now(), factors.limits(user)
    if not attempts.may_try(limits, now):
        return render(request, "people/code.html", {"problem": TOO_MANY}, status=429)
    if not factors.check(user, request.POST.get("code", "")[:100], now):
        return render(request, "people/code.html", {"problem": WRONG}, status=422)
    attempts.forgive(limits[:1])
    entering.enter(request, user)
    return redirect(target)
