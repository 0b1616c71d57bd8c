"""What a client is told when nothing can be answered: one table for both dialects."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.routing.types import RefusalKind


@dataclass(frozen=True, slots=True)
class Fault:
    """`may_retry` answers the clients that would send the same again by themselves."""

    status: int
    openai: str
    anthropic: str
    may_retry: bool = False
    # Where Anthropic's clients know a status of their own.
    anthropic_status: int | None = None


class Refused(Exception):
    """`code` is one of `FAULTS`; `param` names the part of the request that is wrong."""

    def __init__(
        self, code: str, message: str, *, param: str | None = None, trip: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.trip = trip
        self.retry_after_s: float | None = None

    @property
    def fault(self) -> Fault:
        return FAULTS.get(self.code, UNKNOWN)


def _wrong(status: int = 400) -> Fault:
    return Fault(status, "invalid_request_error", "invalid_request_error")


UNKNOWN = Fault(502, "api_error", "api_error")
BAD_ANSWER = Fault(502, "api_error", "api_error")
BAD_SERVER = Fault(502, "api_error", "api_error", may_retry=True)
TOO_MANY = Fault(429, "rate_limit_error", "rate_limit_error", may_retry=True)
BUSY = Fault(503, "overloaded_error", "overloaded_error", may_retry=True, anthropic_status=529)
NO_MONEY = Fault(429, "insufficient_quota", "billing_error", anthropic_status=402)
NOT_ALLOWED = Fault(403, "permission_error", "permission_error")
NOT_NOW = Fault(503, "api_error", "api_error")

FAULTS: Mapping[str, Fault] = {
    # the request itself
    "invalid_request": _wrong(),
    "unsupported": _wrong(),
    "not_taken": _wrong(415),
    "too_large": Fault(413, "invalid_request_error", "request_too_large"),
    "too_slow": Fault(408, "invalid_request_error", "timeout_error", may_retry=True),
    "idempotency_key_reused": _wrong(422),
    "in_progress": Fault(409, "conflict_error", "conflict_error", may_retry=True),
    "not_found": Fault(404, "invalid_request_error", "not_found_error"),
    "not_allowed_method": _wrong(405),
    "unknown_model": Fault(404, "invalid_request_error", "not_found_error"),
    # who asks
    "invalid_api_key": Fault(401, "authentication_error", "authentication_error"),
    "permission": NOT_ALLOWED,
    # the decision
    RefusalKind.POLICY: NOT_ALLOWED,
    RefusalKind.CAPABILITY: _wrong(),
    RefusalKind.UNKNOWN_NAME: _wrong(),
    RefusalKind.NO_PROVIDER: NOT_NOW,
    RefusalKind.HEALTH: BUSY,
    RefusalKind.BUDGET: NO_MONEY,
    "cap": NO_MONEY,
    "price_unknown": NOT_NOW,
    # a provider; its quarrel with our key is not the client's
    "auth": UNKNOWN,
    "quota": UNKNOWN,
    "model_not_found": UNKNOWN,
    "bad_request": _wrong(),
    "content_refused": _wrong(),
    "busy": TOO_MANY,
    "rate_limit": TOO_MANY,
    "rate_limited": TOO_MANY,
    "overloaded": BUSY,
    "breaker": BUSY,
    "server_fault": BAD_SERVER,
    "unreachable": BAD_SERVER,
    # it may have been billed, so it is not sent again unasked
    "timed_out": Fault(504, "timeout_error", "timeout_error"),
    "bad_stream": BAD_ANSWER,
    "check_failed": BAD_ANSWER,
    # a run, and how a trip ends otherwise
    "no_items": _wrong(),
    "too_many_items": _wrong(),
    "paused": Fault(409, "conflict_error", "conflict_error"),
    "stopped": Fault(409, "conflict_error", "conflict_error"),
    "expired": Fault(503, "api_error", "api_error", may_retry=True),
    "interrupted": NOT_NOW,
    # this server
    "outage": Fault(503, "api_error", "api_error", may_retry=True),
}
# What the code is called where a client's program may look at it.
NAMES: Mapping[str, str] = {
    RefusalKind.BUDGET: "budget_exceeded",
    "cap": "cap_reached",
    "unknown_model": "model_not_found",
    "content_refused": "content_filter",
    "rate_limited": "rate_limit_exceeded",
    "rate_limit": "rate_limit_exceeded",
    "busy": "rate_limit_exceeded",
    "model_not_found": "provider_model_not_found",
    "auth": "provider_key_refused",
    "quota": "provider_quota_exhausted",
    "bad_request": "invalid_request",
}
# How long a client waits that is told to come again and where the provider gave no time.
RETRY_AFTER_S = 5.0


def name_of(refused: Refused) -> str:
    return NAMES.get(refused.code, refused.code) or "api_error"


def headers_of(refused: Refused) -> dict[str, str]:
    fault = refused.fault
    headers = {"x-should-retry": "true" if fault.may_retry else "false"}
    if fault.status == 401:
        headers["www-authenticate"] = "Bearer"
    if fault.may_retry:
        wait_s = RETRY_AFTER_S if refused.retry_after_s is None else refused.retry_after_s
        headers["retry-after"] = str(max(1, round(wait_s)))
    if refused.trip:
        headers["x-clutch-trip"] = refused.trip
    return headers
