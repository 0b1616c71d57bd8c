"""Ollama's errors as ours, each with its next step."""

from collections.abc import Mapping
from typing import Any

import pytest

from orchestrator.providers import errors
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.ollama import faults

SPEC = ProviderSpec("ollama", "ollama", secret="s3cret-token")


@pytest.mark.parametrize(
    ("status", "message", "kind", "words"),
    [
        (404, "model 'm:1' not found", errors.ModelNotFound, "clutch gears pull NAME"),
        (404, "", errors.Unreachable, "must not end in /v1"),
        (401, "unauthorized", errors.AuthError, "ollama signin"),
        (403, "this model requires a subscription", errors.AuthError, "subscription"),
        (400, '"m:1" does not support thinking', errors.BadRequest, "does not support thinking"),
        (429, "too many requests", errors.RateLimited, "too many requests"),
        (500, "model requires more system memory", errors.ServerFault, "more system memory"),
        (503, "server busy, please try again", errors.Overloaded, "server busy"),
    ],
)
def test_a_refused_call(
    status: int, message: str, kind: type[errors.ProviderError], words: str
) -> None:
    error = faults.faults_of(SPEC, "m:1")(status, message, {}, now_s=0.0)
    assert type(error) is kind
    assert words in error.message
    assert error.status == status


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ({"error": "model 'm:1' not found"}, errors.ModelNotFound, "ollama pull m:1"),
        ({"error": "m:1 does not support tools"}, errors.BadRequest, "does not support tools"),
        (
            {"error": "the input length exceeds the context length"},
            errors.BadRequest,
            "exceeds the context length",
        ),
        ({"error": "CUDA error"}, errors.ServerFault, "CUDA error"),
        ({"error": {"message": "CUDA error"}}, errors.ServerFault, "CUDA error"),
        ({"error": "file not found"}, errors.ServerFault, "file not found"),
        ({"error": "bad s3cret-token"}, errors.ServerFault, "bad [key]"),
        ({"error": None}, errors.ServerFault, "failed in the middle"),
    ],
)
def test_an_error_within_an_answer(
    line: Mapping[str, Any], kind: type[errors.ProviderError], words: str
) -> None:
    error = faults.streamed(line, SPEC, "m:1")
    assert type(error) is kind
    assert words in error.message


@pytest.mark.parametrize(
    ("message", "kind", "words"),
    [
        ("pull model manifest: file does not exist", errors.ModelNotFound, "no model named m:1"),
        ("write: no space left on device", errors.ServerFault, "no space left"),
    ],
)
def test_a_failed_pull(message: str, kind: type[errors.ProviderError], words: str) -> None:
    error = faults.unpulled({"error": message}, SPEC, "m:1")
    assert type(error) is kind
    assert words in error.message
