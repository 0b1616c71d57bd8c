"""From an error document of the Gemini API to one of our errors; no SDK."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.providers import errors
from orchestrator.providers.wire import statuses

BAD_KEY = ("api_key_invalid", "api key not valid", "api key expired")


def error_for(
    status: int, document: Any, headers: Mapping[str, str], *, now_s: float
) -> errors.ProviderError:
    detail = _error(document)
    code = str(detail.get("status") or "")
    message = str(detail.get("message") or "")
    words = f"{message} {' '.join(_reasons(detail))}".lower()
    error = statuses.error_for(
        _status(status, code, words), message, headers, now_s=now_s, code=code
    )
    delay_s = error.retry_after_s
    if delay_s is None:
        delay_s = _retry_delay_s(detail)
    return _kind(status, error, words, delay_s)(
        error.message, status=status, retry_after_s=delay_s, request_id=error.request_id
    )


def _status(status: int, code: str, words: str) -> int:
    if status == 400 and any(word in words for word in BAD_KEY):
        return 401
    if status == 400 and code == "FAILED_PRECONDITION":
        # The account cannot use the API here, for instance without billing.
        return 402
    return status


def _kind(
    status: int, error: errors.ProviderError, words: str, delay_s: float | None
) -> type[errors.ProviderError]:
    """Limits per minute and per day share status and sentence; both mention billing."""
    if status != 429:
        return type(error)
    is_spent = "perday" in words or "limit: 0" in words or delay_s is None
    return type(error) if is_spent else errors.RateLimited


def _error(document: Any) -> Mapping[str, Any]:
    """Some errors come as a list of one; a gateway's page of HTML is no error document."""
    if isinstance(document, list) and document:
        document = document[0]
    inner = document.get("error") if isinstance(document, dict) else None
    return inner if isinstance(inner, dict) else {}


def _details(detail: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    items = detail.get("details")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            yield item


def _reasons(detail: Mapping[str, Any]) -> Iterator[str]:
    for item in _details(detail):
        yield str(item.get("reason") or "")
        violations = item.get("violations")
        for violation in violations if isinstance(violations, list) else []:
            if isinstance(violation, dict):
                yield str(violation.get("quotaId") or "")


def _retry_delay_s(detail: Mapping[str, Any]) -> float | None:
    for item in _details(detail):
        found = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(item.get("retryDelay") or ""))
        if found:
            return float(found[1])
    return None
