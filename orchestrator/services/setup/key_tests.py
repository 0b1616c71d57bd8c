"""Trying a provider key for real, with an answer a person can act on."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator import redact
from orchestrator.models import Provider
from orchestrator.providers import errors, registry
from orchestrator.providers.base import ProviderSpec
from orchestrator.services.database import in_thread
from orchestrator.services.setup import credentials, fleet

MESSAGES: dict[type[errors.ProviderError], str] = {
    errors.AuthError: "The key was rejected. Copy it again, whole, from {page}",
    errors.QuotaExhausted: "The key is right, but its account has no credit left.",
    errors.ModelNotFound: "The key is right, but may not use the models asked for.",
    errors.RateLimited: "The key is right, but its account is at its rate limit. Try again soon.",
    errors.Unreachable: "{provider} could not be reached. Check the network, and any proxy.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    is_good: bool
    message: str
    details: str = ""
    # Whether the provider answered that it knows the key, be it good for a call now or not.
    is_recognised: bool = True
    is_answered: bool = True


NOBODYS = "None of them took the key. Copy it again, whole, or choose whose it is."
NOBODY_REACHED = "None of them could be reached. Check the network, and any proxy."
RECOGNISED = (errors.QuotaExhausted, errors.ModelNotFound, errors.RateLimited)


async def try_each(names: Sequence[str], secret: str) -> tuple[str, Verdict]:
    """One after the other until somebody knows the key. Only with the person's consent: each of
    them but one is shown a key that is not theirs.
    """
    if len(names) == 1:
        return names[0], await try_key(names[0], secret)
    refusals, is_answered = [], False
    for name in names:
        verdict = await try_key(name, secret)
        if verdict.is_recognised:
            return name, verdict
        is_answered = is_answered or verdict.is_answered
        refusals.append(f"{name}: {verdict.message}")
    text = NOBODYS if is_answered else NOBODY_REACHED
    return "", Verdict(False, text, " ".join(refusals), is_recognised=False)


async def try_key(name: str, secret: str = "") -> Verdict:
    """Try a key that is not kept yet, or else the one in use."""
    spec, page = await in_thread(_spec, name, secret)
    if not spec.secret:
        return Verdict(False, f"No key named {name} was found. Set it: clutch keys set {name}")
    adapter = registry.build(spec)
    try:
        await adapter.check()
    except errors.ProviderError as error:
        text = MESSAGES.get(type(error), "{provider} answered with an error.")
        told = text.format(page=page, provider=spec.name)
        is_recognised = isinstance(error, RECOGNISED)
        is_answered = not isinstance(error, errors.Unreachable)
        return Verdict(False, told, error.message, is_recognised, is_answered)
    finally:
        await adapter.aclose()
    return Verdict(True, f"{name} works.")


def _spec(name: str, secret: str) -> tuple[ProviderSpec, str]:
    provider = Provider.objects.filter(credential=name).order_by("pk").first()
    if provider is None:
        known = ", ".join(credentials.presets())
        raise credentials.KeyRefused(f"No provider uses a key named {name!r}. Names: {known}.")
    preset = credentials.presets().get(name)
    page = preset.key_page if preset else ""
    redact.register(secret)
    return fleet.spec_of(provider, secret or credentials.secret_for(provider)), page
