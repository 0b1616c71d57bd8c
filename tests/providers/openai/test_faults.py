"""Errors of servers that speak OpenAI's format, before and inside an answer."""

from typing import Any

import pytest

from orchestrator.providers import errors
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.openai.faults import error_for, streamed

SPEC = ProviderSpec("gateway", "openai", "http://h", "sk-CANARY")


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (429, "rate_limit_exceeded", "Upgrade at console/settings/billing", errors.RateLimited),
        (429, "tokens", "Limit reached, see billing", errors.RateLimited),
        (429, "insufficient_quota", "Check your plan and billing", errors.QuotaExhausted),
        (429, "", "Slow down", errors.RateLimited),
        (402, "", "Insufficient Balance", errors.QuotaExhausted),
        (400, "", "Model Not Exist", errors.ModelNotFound),
        (400, "400", "x/y is not a valid model ID", errors.ModelNotFound),
        (400, "", "Incorrect API key provided", errors.AuthError),
        (400, "context_length_exceeded", "Too long", errors.BadRequest),
        (403, "", "Your input was flagged", errors.ContentRefused),
        (403, "", "No rights", errors.AuthError),
        (413, "", "", errors.BadRequest),
        (503, "", "", errors.Overloaded),
    ],
)
def test_a_refusal_is_named_by_status_code_and_words(
    status: int, code: str, message: str, kind: type[errors.ProviderError]
) -> None:
    headers = {"retry-after": "3", "x-request-id": "req_1"}
    error = error_for(status, message, headers, now_s=0.0, code=code)
    assert type(error) is kind
    assert (error.status, error.retry_after_s, error.request_id) == (status, 3, "req_1")


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"error": {"message": "x", "code": 429}}, errors.RateLimited),
        ({"error": {"message": "x", "code": "502"}}, errors.ServerFault),
        ({"error": {"message": "x", "code": "99999"}}, errors.ServerFault),
        ({"error": {"message": "x", "code": ["odd"]}}, errors.ServerFault),
        ({"error": {"message": "x", "type": "invalid_request_error"}}, errors.BadRequest),
        ({"error": {"code": "unknown", "type": "overloaded_error"}}, errors.Overloaded),
        ({"error": {"code": "insufficient_quota"}}, errors.QuotaExhausted),
        ({"error": {"code": "content_filter"}}, errors.ContentRefused),
        ({"error": {"code": "model_not_found"}}, errors.ModelNotFound),
        ({"error": "only a sentence"}, errors.ServerFault),
        ({"object": "error", "message": "x", "code": 400}, errors.BadRequest),
        ({"type": "error", "code": "rate_limit_exceeded"}, errors.RateLimited),
        ({"type": "error", "error": {"type": "rate_limit_error"}}, errors.RateLimited),
        ({"type": "response.failed", "response": {}}, errors.ServerFault),
        ({"type": "response.failed", "response": {"error": None}}, errors.ServerFault),
        ({"choices": [{"finish_reason": "error"}]}, errors.ServerFault),
        ({"choices": [{"error": {"code": 503}}]}, errors.Overloaded),
        (
            {"choices": [{"finish_reason": "insufficient_system_resource"}]},
            errors.Overloaded,
        ),
    ],
)
def test_an_error_inside_an_answer_is_found(
    event: dict[str, Any], kind: type[errors.ProviderError]
) -> None:
    error = streamed(event, SPEC, "req_1")
    assert type(error) is kind
    assert error is not None
    assert error.request_id == "req_1"
    assert error.message


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"error": None},
        {"error": {}},
        {"type": "response.created", "response": {"error": None}},
        {"choices": [{"finish_reason": "stop"}, {"finish_reason": None}, "x"]},
        {"choices": None},
        {"type": ["odd"]},
    ],
)
def test_what_is_no_error_is_let_through(event: dict[str, Any]) -> None:
    assert streamed(event, SPEC, "") is None


def test_the_key_is_concealed_in_the_vendors_words() -> None:
    error = streamed({"error": {"message": "Bad sk-CANARY!"}}, SPEC, "")
    assert error is not None
    assert error.message == "Bad [key]!"
