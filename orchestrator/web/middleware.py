"""What holds for every response: the request is for us, and browsers keep what they get to themselves."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware

from orchestrator.web.context import PageRequest

Handler = Callable[[HttpRequest], Any]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation"),
        *("gyroscope", "magnetometer", "microphone", "midi", "payment", "usb"),
    )
)


@sync_and_async_middleware
def headers(get_response: Handler) -> Handler:
    if iscoroutinefunction(get_response):
        answer = cast(Callable[[HttpRequest], Awaitable[HttpResponse]], get_response)

        async def later(request: HttpRequest) -> HttpResponse:
            _receive(request)
            return _finish(request, await answer(request))

        return later

    def now(request: HttpRequest) -> HttpResponse:
        _receive(request)
        return _finish(request, get_response(request))

    return now


def _receive(request: HttpRequest) -> None:
    """A raised refusal becomes the error page of its status."""
    request.__dict__["id"] = uuid.uuid4().hex[:12]
    request.get_host()
    if "HTTP_HOST" not in request.META:
        raise BadRequest("A request must name its host.")
    is_foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if is_foreign and request.method not in SAFE_METHODS:
        raise PermissionDenied("Another site sent this.")


def _finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response.headers["X-Request-ID"] = request.__dict__["id"]
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
    response.headers.setdefault("Cache-Control", "private, no-store")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        patch_vary_headers(response, ["HX-Request"])
    if _is_sign_in_for_fragment(request, response):
        # A fragment request follows redirects by itself and would show the sign-in page inside.
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        response.status_code = 401
    return response


def _is_sign_in_for_fragment(request: HttpRequest, response: HttpResponse) -> bool:
    location = response.headers.get("Location", "")
    return bool(cast(PageRequest, request).htmx) and location.startswith(settings.LOGIN_URL)
