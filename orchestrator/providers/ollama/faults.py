"""What Ollama calls its errors, as ours, with the next step."""

import time
from collections.abc import Mapping

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import AuthError, ModelNotFound, ProviderError, Unreachable
from orchestrator.providers.wire import http
from orchestrator.providers.wire.connection import conceal
from orchestrator.providers.wire.fields import Document
from orchestrator.providers.wire.statuses import error_for

# Ollama's words for a request that it cannot serve, where no status comes with them.
UNSUITABLE = ("does not support", "exceeds")


def faults_of(spec: ProviderSpec, model_id: str) -> http.Faults:
    """Names the model in the errors of calls that are about one."""

    def fault(
        status: int, message: str, headers: Mapping[str, str], *, now_s: float, code: str = ""
    ) -> ProviderError:
        if status == 404:
            return missing(spec, model_id) if message else stranger(spec)
        if status == 401:
            return AuthError(
                f"{spec.name} wants a sign-in for {model_id}. On that host run: ollama signin",
                status=status,
            )
        return error_for(status, message, headers, now_s=now_s, code=code)

    return fault


def missing(spec: ProviderSpec, model_id: str) -> ModelNotFound:
    return ModelNotFound(
        f"{model_id} is not on {spec.name} yet. Fetch it: clutch gears pull NAME "
        f"(the gear's name), or on that host: ollama pull {model_id}",
        status=404,
    )


def stranger(spec: ProviderSpec) -> Unreachable:
    """Ollama always explains a 404; something else did not."""
    message = f"{spec.name} does not answer as Ollama does. Its base URL must not end in /v1."
    return Unreachable(message, status=404)


def streamed(line: Document, spec: ProviderSpec, model_id: str) -> ProviderError:
    """The error inside an answer that began with status 200."""
    message = _words(line, spec)
    if "model" in message and "not found" in message:
        return missing(spec, model_id)
    status = 400 if any(words in message for words in UNSUITABLE) else 500
    return error_for(status, message, {}, now_s=time.time())


def unpulled(line: Document, spec: ProviderSpec, model_id: str) -> ProviderError:
    message = _words(line, spec)
    if "does not exist" in message or "not found" in message:
        return ModelNotFound(
            f"Ollama's library has no model named {model_id}. "
            "Look for its right name at https://ollama.com/search"
        )
    return error_for(500, message, {}, now_s=time.time())


def _words(line: Document, spec: ProviderSpec) -> str:
    message, _ = http.words(line["error"])
    return conceal(message, spec) or f"{spec.name} failed in the middle of the answer."
