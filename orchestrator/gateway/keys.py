"""A client's idempotency key as the engine keeps it."""

import hashlib

from orchestrator.gateway.faults import Refused
from orchestrator.gateway.http import Exchange

HEADER = "idempotency-key"
MAX_CHARS = 255


def read(exchange: Exchange) -> str:
    """Of one length, and apart from the keys of messages that are sent on pages."""
    key = exchange.header(HEADER)
    if len(key) > MAX_CHARS:
        why = f"An idempotency key has at most {MAX_CHARS} characters."
        raise Refused("invalid_request", why, param="Idempotency-Key")
    return f"api:{hashlib.sha256(key.encode()).hexdigest()}" if key else ""
