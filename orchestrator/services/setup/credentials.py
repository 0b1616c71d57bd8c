"""Provider keys: environment, then the encrypted store, then compatible files; each bound to the
origins it may be sent to. Values are never shown, logged or put into arguments.
"""

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from clutchweb import env
from orchestrator import redact
from orchestrator.models import Provider
from orchestrator.services.people import audit
from orchestrator.services.people.audit import Area
from orchestrator.services.setup import seeds, vault
from orchestrator.services.setup.vault import VaultDamaged

OAUTH_PREFIX = "sk-ant-oat"
OAUTH_REFUSAL = (
    "This is a sign-in token of the Claude Code program, which only that program may use. "
    "Use the gear claude-code, or an API key from the console."
)
MAX_KEY_CHARS = 4_096


class Source(StrEnum):
    ENVIRONMENT = "environment"
    STORE = "store"
    FILE = "file"


class KeyRefused(ValueError):
    """The key cannot be taken; the message says why, never the key."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places a key is looked for, in their order; the first that has one is used."""

    source: Source
    # What it is called there: a variable, an entry of the store, a file.
    where: str
    is_used: bool
    last4: str = ""
    saved_at: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What may be told about a key."""

    name: str
    source: Source | None
    providers: tuple[str, ...]
    last4: str
    origins: tuple[str, ...]
    problem: str = ""
    saved_at: str = ""
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    secret: str
    source: Source
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """What the defaults say about a credential's name."""

    name: str
    aliases: tuple[str, ...]
    prefixes: tuple[str, ...]
    origins: tuple[str, ...]
    key_page: str


@cache
def presets() -> dict[str, Preset]:
    found: dict[str, Preset] = {}
    for entry in seeds.defaults("providers"):
        if name := entry.get("credential"):
            found.setdefault(
                name,
                Preset(
                    name=name,
                    aliases=tuple(entry.get("credential_aliases", ())),
                    prefixes=tuple(entry.get("key_prefixes", ())),
                    origins=tuple(entry.get("origins", ())),
                    key_page=entry.get("key_page", ""),
                ),
            )
    return found


def names_by_provider() -> dict[str, str]:
    """Which key each provider waits for."""
    rows = Provider.objects.exclude(credential="").values_list("name", "credential")
    return dict(rows)


def origin_of(url: str) -> str:
    """scheme://host[:port], the part of an address a key is bound to."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""


def origins_of(provider: Provider) -> tuple[str, ...]:
    """Where this provider's key will be sent: its address, or the one built into its adapter."""
    if provider.base_url:
        return (origin_of(provider.base_url),)
    preset = presets().get(provider.credential)
    return preset.origins if preset else ()


def secret_for(provider: Provider) -> str:
    """The key, or an empty text where there is none that may go to this provider."""
    if not provider.credential:
        return ""
    try:
        found = _find(provider.credential)
    except (VaultDamaged, KeyRefused):
        return ""
    if found is None or not _may_go(found, provider):
        return ""
    redact.register(found.secret)
    return found.secret


def why_missing(provider: Provider) -> str:
    """Why a provider cannot be used for want of a key; empty when it can."""
    if not provider.credential:
        return ""
    try:
        found = _find(provider.credential)
    except (VaultDamaged, KeyRefused) as problem:
        return str(problem)
    if found is None:
        return f"needs {provider.credential}: clutch keys set {provider.credential}"
    if not _may_go(found, provider):
        origin = origins_of(provider)[0] if origins_of(provider) else "an unknown address"
        return (
            f"{provider.credential} is not for {origin}. "
            f"If it is: clutch providers trust {provider.name}"
        )
    return OAUTH_REFUSAL if found.secret.startswith(OAUTH_PREFIX) else ""


def _may_go(found: _Found, provider: Provider) -> bool:
    return bool(origins_of(provider)) and set(origins_of(provider)) <= set(found.origins)


def _find(name: str) -> _Found | None:
    preset = presets().get(name)
    names = (name, *(preset.aliases if preset else ()))
    entries, damage = _stored()
    vouched = entries.get(_vouching(name))
    trusted = vouched.origins if vouched else ()
    bound = (*(preset.origins if preset else ()), *trusted)
    for each in names:
        if secret := env.text(each):
            return _Found(secret, Source.ENVIRONMENT, bound)
    if damage is not None:
        raise damage
    entry = entries.get(name)
    if entry is not None and entry.sealed:
        return _Found(vault.open_entry(entry), Source.STORE, (*entry.origins, *trusted))
    for each in names:
        if secret := _from_file(each):
            return _Found(secret, Source.FILE, bound)
    return None


def _stored() -> tuple[Mapping[str, vault.Entry], VaultDamaged | None]:
    """A damaged store vouches for no address, but keys in the environment still work."""
    try:
        return vault.entries(), None
    except VaultDamaged as damage:
        return {}, damage


def _from_file(name: str) -> str:
    folder = Path.home() / ".credentials"
    if not folder.is_dir():
        return ""
    for path in (folder / name, folder / name.lower()):
        if path.is_file():
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise KeyRefused(f"{path} can be read by others. Close it: chmod 600 {path}")
            return path.read_text("utf-8", "replace").strip()
    return ""


def _vouching(name: str) -> str:
    """The entry with further origins that a person vouched for."""
    return f"{name}@trusted"


def trust(provider: Provider) -> tuple[str, ...]:
    """A person says that this provider's address may have its key."""
    name = _vouching(provider.credential)
    vouched = vault.entries().get(name)
    known = vouched.origins if vouched else ()
    origins = tuple(dict.fromkeys((*known, *origins_of(provider))))
    vault.put(name, origins, "")
    return origins


def clean(secret: str) -> str:
    """A pasted key without the spaces and quotes that came along."""
    cleaned = secret.strip().strip("\"'").strip()
    if not cleaned:
        raise KeyRefused("The key is empty. Paste it again.")
    if len(cleaned) > MAX_KEY_CHARS:
        raise KeyRefused("This does not look like a key: it is longer than keys ever are.")
    if not cleaned.isascii() or not cleaned.isprintable():
        raise KeyRefused("This does not look like a key: it has signs that keys never have.")
    if " " in cleaned:
        raise KeyRefused("This does not look like a key: there is a space in it.")
    if cleaned.startswith(OAUTH_PREFIX):
        raise KeyRefused(OAUTH_REFUSAL)
    return cleaned


def owners(pasted: str) -> tuple[str, ...]:
    """Whose key this looks like, by its first signs; several where vendors write theirs alike."""
    text = pasted.strip()
    matches = [
        (len(prefix), preset.name)
        for preset in presets().values()
        for prefix in preset.prefixes
        if text.startswith(prefix)
    ]
    longest = max((length for length, _ in matches), default=0)
    return tuple(name for length, name in matches if length == longest)


def destinations(names: Iterable[str]) -> tuple[str, ...]:
    """Where keys of these names are sent to, for a person to read."""
    providers = Provider.objects.filter(credential__in=list(names)).order_by("pk")
    origins = (origin for each in providers for origin in origins_of(each))
    return tuple(dict.fromkeys(origin.removeprefix("https://") for origin in origins))


def set_key(name: str, secret: str) -> None:
    """Store a key for the address its provider has now."""
    providers = Provider.objects.filter(credential=name)
    origins = {origin for provider in providers for origin in origins_of(provider)}
    if not origins:
        known = ", ".join(presets())
        raise KeyRefused(f"No provider uses a key named {name!r}. Names are: {known}.")
    cleaned = clean(secret)
    redact.register(cleaned)
    vault.put(name, tuple(sorted(origins)), cleaned)
    audit.record(Area.KEYS, f"Key {name} set", after=", ".join(sorted(origins)))


def remove_key(name: str) -> bool:
    if not vault.remove(name):
        return False
    audit.record(Area.KEYS, f"Key {name} removed")
    return True


def list_keys() -> list[Known]:
    names = dict.fromkeys(
        [*Provider.objects.exclude(credential="").values_list("credential", flat=True)]
    )
    return [_known(name) for name in sorted(names)]


def problems(known: Iterable[Known]) -> dict[str, list[str]]:
    """What is wrong, each said once, with the keys that it concerns."""
    found: dict[str, list[str]] = {}
    for each in known:
        if each.problem:
            found.setdefault(each.problem, []).append(each.name)
    return found


def stored_secrets() -> dict[str, str]:
    """For whoever looks whether one of them stands where it must not."""
    found = {known.name: _find(known.name) for known in list_keys() if not known.problem}
    return {name: each.secret for name, each in found.items() if each is not None}


def _known(name: str) -> Known:
    users = tuple(Provider.objects.filter(credential=name).values_list("name", flat=True))
    try:
        found, places = _find(name), _places(name)
    except (VaultDamaged, KeyRefused) as problem:
        return Known(name, None, users, "", (), str(problem))
    if found is None:
        return Known(name, None, users, "", ())
    saved_at = places[0].saved_at if places else ""
    last4 = _end(found.secret)
    return Known(name, found.source, users, last4, found.origins, "", saved_at, places)


def _end(secret: str) -> str:
    """Of a short key even four signs would say too much."""
    return secret[-4:] if len(secret) >= 12 else ""


def _places(name: str) -> tuple[Place, ...]:
    """Everywhere this key is, in the order in which it is looked for."""
    preset = presets().get(name)
    names = (name, *(preset.aliases if preset else ()))
    found: list[tuple[Source, str, str, str]] = [
        (Source.ENVIRONMENT, each, _end(secret), "") for each in names if (secret := env.text(each))
    ]
    entry = vault.entries().get(name)
    if entry is not None and entry.sealed:
        found.append((Source.STORE, "encrypted store", entry.last4, entry.saved_at))
    for each in names:
        if secret := _from_file(each):
            found.append((Source.FILE, f"~/.credentials/{each.lower()}", _end(secret), ""))
    return tuple(
        Place(source, where, at == 0, last4, saved_at)
        for at, (source, where, last4, saved_at) in enumerate(found)
    )
