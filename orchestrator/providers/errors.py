"""What can go wrong at a provider, translated once by each adapter.

                                                                       retry here?
ProviderError
├── AuthError        the key is wrong, missing or lacks rights             no, shift
├── QuotaExhausted   the account has no credit or quota left               no, shift
├── BadRequest       the provider refused what we sent                     no, nobody's fault
├── ContentRefused   a filter refused prompt or answer                     no, nobody's fault
├── ModelNotFound    no such model, or not for this account                no, shift
├── Busy             our own places at the provider are all taken          yes
├── RateLimited      too many requests or tokens now                       after a while
├── Overloaded       the provider says it is busy (503, 529)               yes
├── ServerFault      any other 5xx                                         yes
├── Unreachable      never got through: DNS, TLS, refused, connect limit   yes
├── TimedOut         sent, then no first token, pause or total too long    yes
└── BadStream        sent, then cut, malformed or oversized answer         yes
"""

from typing import ClassVar

from orchestrator import redact


class ProviderError(Exception):
    """`message` is safe for a person: no key, no header, at most 300 characters of the vendor."""

    code: ClassVar[str] = "provider_error"
    is_retryable: ClassVar[bool] = False
    counts_against_health: ClassVar[bool] = True
    can_shift: ClassVar[bool] = True
    # True where the provider may have worked, and so charged, without our learning how much.
    may_be_billed: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        request_id: str = "",
    ) -> None:
        # A vendor, or a server that poses as one, may repeat the key it was sent.
        self.message = redact.clean(message)
        super().__init__(self.message)
        self.status = status
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class AuthError(ProviderError):
    code = "auth"


class QuotaExhausted(ProviderError):
    code = "quota"


class BadRequest(ProviderError):
    code = "bad_request"
    counts_against_health = False
    can_shift = False


class ContentRefused(ProviderError):
    code = "content_refused"
    counts_against_health = False
    can_shift = False


class ModelNotFound(ProviderError):
    code = "model_not_found"


class Busy(ProviderError):
    code = "busy"
    is_retryable = True
    counts_against_health = False


class RateLimited(ProviderError):
    code = "rate_limited"
    is_retryable = True


class Overloaded(ProviderError):
    code = "overloaded"
    is_retryable = True


class ServerFault(ProviderError):
    code = "server_fault"
    is_retryable = True


class Unreachable(ProviderError):
    code = "unreachable"
    is_retryable = True


class TimedOut(ProviderError):
    may_be_billed = True
    code = "timed_out"
    is_retryable = True


class BadStream(ProviderError):
    may_be_billed = True
    code = "bad_stream"
    is_retryable = True
