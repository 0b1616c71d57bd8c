"""What servers that speak OpenAI's format call their errors, as ours."""

import time
from collections.abc import Mapping

from orchestrator.providers import errors
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.wire import http, statuses
from orchestrator.providers.wire.connection import conceal
from orchestrator.providers.wire.fields import Document, document, documents, text

# The status an error would have had, had it come before the answer began.
STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "invalid_prompt": 400,
    "content_filter": 400,
    "content_policy_violation": 400,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "insufficient_quota": 402,
    "permission_error": 403,
    "model_not_found": 404,
    "not_found_error": 404,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "server_is_overloaded": 503,
    "slow_down": 503,
    "overloaded_error": 503,
    "insufficient_system_resource": 503,
}
RATE_CODES = ("rate_limit_exceeded", "rate_limit_error", "tokens", "requests")
UNKNOWN_MODEL = ("model not exist", "not a valid model", "model_not_found", "unknown_model")
WRONG_KEY = ("incorrect api key", "invalid_api_key", "invalid api key")
FLAGGED = ("flagged", "moderation")
ENDED_BADLY = ("error", "abort", "insufficient_system_resource")


def error_for(
    status: int, message: str, headers: Mapping[str, str], *, now_s: float, code: str = ""
) -> errors.ProviderError:
    error = statuses.error_for(status, message, headers, now_s=now_s, code=code)
    return _kind(status, f"{code} {message}".lower(), code, type(error))(
        error.message,
        status=error.status,
        retry_after_s=error.retry_after_s,
        request_id=error.request_id,
    )


def _kind(
    status: int, words: str, code: str, kind: type[errors.ProviderError]
) -> type[errors.ProviderError]:
    """Where vendors use a status in another sense than most."""
    if status == 429 and code in RATE_CODES:
        # Such messages end with a link to the page for billing, which says nothing.
        return errors.RateLimited
    if status == 400 and any(word in words for word in UNKNOWN_MODEL):
        return errors.ModelNotFound
    if status == 400 and any(word in words for word in WRONG_KEY):
        return errors.AuthError
    if status == 403 and any(word in words for word in FLAGGED):
        return errors.ContentRefused
    return kind


def streamed(event: Document, spec: ProviderSpec, request_id: str) -> errors.ProviderError | None:
    """The error inside an answer that began with status 200, if this part of it holds one."""
    found = _found(event)
    if found is None:
        return None
    message, code = http.words(found)
    kind = text(document(found).get("type"))
    return error_for(
        _status(code, kind),
        conceal(message, spec) or f"{spec.name} failed in the middle of the answer.",
        {"x-request-id": request_id},
        now_s=time.time(),
        code=code,
    )


def _found(event: Document) -> Document | str | None:
    match event.get("type"):
        case "response.failed":
            return document(document(event.get("response")).get("error"))
        case "error":
            return document(event.get("error")) or event
    if event.get("object") == "error":
        return event
    if (error := event.get("error")) and isinstance(error, dict | str):
        return error
    for choice in documents(event.get("choices")):
        if choice.get("error") or choice.get("finish_reason") in ENDED_BADLY:
            return document(choice.get("error")) or {"code": text(choice.get("finish_reason"))}
    return None


def _status(code: str, kind: str) -> int:
    if code.isascii() and code.isdigit() and 400 <= int(code) < 600:
        return int(code)
    return STATUS_OF_CODE.get(code) or STATUS_OF_CODE.get(kind) or 500
