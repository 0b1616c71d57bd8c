"""How the adapters over vendor SDKs connect: key, proxy, time limits; and a key is never shown."""

import httpx2

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import AuthError, Unreachable

CONNECT_TIMEOUT_S = 5.0
# Only an upper bound: first-token, idle and total limits are kept around the stream.
READ_TIMEOUT_S = 600.0
TIMEOUT = httpx2.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)
KEYLESS = "no-key"
YES = frozenset({"1", "true", "yes", "on"})


def uses_proxy(spec: ProviderSpec) -> bool:
    return spec.options.get("use_proxy", "").lower() in YES


def require_key(spec: ProviderSpec) -> str:
    """The key to send. SDKs read the environment when given none, so one is always given."""
    key = spec.secret.strip()
    if not key and spec.base_url:
        return KEYLESS
    if not key:
        raise AuthError(f"No API key is stored for {spec.name}. Add one in the settings.")
    if not (key.isascii() and key.isprintable()):
        raise AuthError(f"The API key stored for {spec.name} holds odd characters. Enter it again.")
    return key


def conceal(text: str, spec: ProviderSpec) -> str:
    """`text` without the key: vendors and gateways echo it in their error messages."""
    key = spec.secret.strip()
    return text.replace(key, "[key]") if key else text


def redirected(spec: ProviderSpec, status: int) -> Unreachable:
    """Redirects are never followed: they would carry the key to another address."""
    message = f"{spec.name} answers with a redirect, which is not followed. Check its base URL."
    return Unreachable(message, status=status)
