"""From an HTTP status and a vendor's words to one of our errors; shared by every HTTP adapter."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from orchestrator.providers import errors

QUOTA_WORDS = ("insufficient_quota", "billing", "credit balance", "quota exceeded", "payment")
REFUSAL_WORDS = ("content_filter", "content_policy", "safety")
MAX_MESSAGE_CHARS = 300

BY_STATUS: Mapping[int, type[errors.ProviderError]] = {
    401: errors.AuthError,
    402: errors.QuotaExhausted,
    403: errors.AuthError,
    404: errors.ModelNotFound,
    408: errors.TimedOut,
    429: errors.RateLimited,
    503: errors.Overloaded,
    504: errors.TimedOut,
    529: errors.Overloaded,
}


def error_for(
    status: int, message: str, headers: Mapping[str, str], *, now_s: float, code: str = ""
) -> errors.ProviderError:
    """`code` is the vendor's own error type where the body has one; `now_s` is wall-clock time."""
    words = f"{code} {message}".lower()
    kind = BY_STATUS.get(status)
    if status in (403, 429) and any(word in words for word in QUOTA_WORDS):
        kind = errors.QuotaExhausted
    elif status == 400 and any(word in words for word in REFUSAL_WORDS):
        kind = errors.ContentRefused
    elif kind is None:
        kind = errors.ServerFault if status >= 500 else errors.BadRequest
    return kind(
        message[:MAX_MESSAGE_CHARS] or f"The provider answered {status}.",
        status=status,
        retry_after_s=retry_after_s(headers, now_s=now_s),
        request_id=headers.get("request-id") or headers.get("x-request-id") or "",
    )


def retry_after_s(headers: Mapping[str, str], *, now_s: float) -> float | None:
    """Seconds from `retry-after-ms` or `retry-after`, the latter in seconds or as a date."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        value = headers.get("retry-after")
        if not value:
            return None
        if value.replace(".", "", 1).isdigit():
            return float(value)
        return max(0.0, parsedate_to_datetime(value).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None
