"""For every response: the request was meant for us, and the browser keeps the answer to itself."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware
from whitenoise.middleware import WhiteNoiseFileResponse

from orchestrator.web import errors

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
            return _finish(request, _refusal(request) or await answer(request))

        return later

    def now(request: HttpRequest) -> HttpResponse:
        return _finish(request, _refusal(request) or get_response(request))

    return now


def _refusal(request: HttpRequest) -> HttpResponse | None:
    request.__dict__["id"] = uuid.uuid4().hex[:12]
    try:
        request.get_host()
    except DisallowedHost as refused:
        return errors.bad_request(request, refused)
    is_foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if is_foreign and request.method not in SAFE_METHODS:
        return errors.permission_denied(request, PermissionDenied())
    return None


def _finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if isinstance(response, WhiteNoiseFileResponse):
        response = _in_one_piece(response)
    response.headers["X-Request-ID"] = request.__dict__["id"]
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
    response.headers.setdefault("Cache-Control", "private, no-store")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        patch_vary_headers(response, ["HX-Request"])
    if _is_sign_in_for_fragment(request, response):
        # A fragment request follows redirects by itself and would show the sign-in page inside.
        response.headers["HX-Redirect"] = response.headers["Location"]
        del response.headers["Location"]
        response.status_code = 401
    return response


def _in_one_piece(response: WhiteNoiseFileResponse) -> HttpResponse:
    """Django warns of a file that is read piece by piece under ASGI, and ours are small."""
    whole = HttpResponse(b"".join(response), status=response.status_code, headers=response.headers)
    response.close()
    return whole


def _is_sign_in_for_fragment(request: HttpRequest, response: HttpResponse) -> bool:
    location = response.headers.get("Location", "")
    return request.headers.get("HX-Request") == "true" and location.startswith(settings.LOGIN_URL)
