"""Error pages: what happened, what to do next, the request's id, and nothing of our inside."""

import sys
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from orchestrator.services.upkeep import outages

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@dataclass(frozen=True, slots=True)
class Trouble:
    status: int
    title: str
    text: str


BAD_REQUEST = Trouble(
    400, "This request cannot be read", "The address or what was sent is not right. Go back."
)
REFUSED = Trouble(
    403, "Not allowed", "You may not do this here. Sign in as somebody who may, or go back."
)
STALE_FORM = Trouble(
    403,
    "The form was not accepted",
    "It is too old or came from another page. Reload and send again.",
)
MISSING = Trouble(
    404, "Nothing here", "There is no such page, or it is not yours. Check the address."
)
OVERSIZED = Trouble(413, "Too large", "More was sent than is taken. Send less or in parts.")
BROKEN = Trouble(
    500,
    "Something went wrong on our side",
    "It is in the log under the number below. Nothing you typed is charged twice: try again.",
)

AWAY_STATUS = 503


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, OVERSIZED if isinstance(exception, TOO_LARGE) else BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, REFUSED)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, MISSING)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while the error is at hand. Scripts read the sentence of an outage."""
    outage = outages.of(sys.exc_info()[1])
    if outage is None:
        return _page(request, BROKEN)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": str(outage)}, status=AWAY_STATUS)
    return _page(request, Trouble(AWAY_STATUS, outage.message, outage.next_step))


def refusal(request: HttpRequest, title: str, text: str) -> HttpResponse:
    """Not allowed, with its reason; scripts read the reason alone."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": text}, status=REFUSED.status)
    return _page(request, Trouble(REFUSED.status, title, text))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, STALE_FORM)


def _page(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """Without the request in the template: an error page needs neither session nor database."""
    document = {"trouble": trouble, "request_id": request.__dict__.get("id", "")}
    return HttpResponse(render_to_string("error.html", document), status=trouble.status)
