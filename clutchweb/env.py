"""The only place that reads the environment.

A wrong value stops the start and says what is accepted.
"""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: use 1 or 0.")


def number(name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
    value = text(name) or str(default)
    if value.isascii() and value.isdigit() and low <= int(value) <= high:
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}: use a whole number from {low} to {high}.")


def choice(name: str, default: str, accepted: tuple[str, ...]) -> str:
    value = (text(name) or default).lower()
    if value in accepted:
        return value
    raise ImproperlyConfigured(f"{name} is {value!r}: use one of {', '.join(accepted)}.")


def database(name: str) -> dj_database_url.DBConfig:
    """Never repeated in the refusal, because it holds a password."""
    try:
        parsed = dj_database_url.parse(text(name))
    except ValueError:
        parsed = dj_database_url.DBConfig()
    if parsed.get("ENGINE", "").rpartition(".")[2] not in ("sqlite3", "postgresql"):
        raise ImproperlyConfigured(
            f"{name} is no address of a database: "
            "use postgres://USER:PASSWORD@HOST/NAME or sqlite:////PATH."
        )
    return parsed


def web_address(name: str) -> str:
    """An address that secrets are sent to: HTTPS, or a server on this machine."""
    value = text(name)
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    is_near = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not value or is_near or (parts.scheme == "https" and parts.hostname):
        return value
    raise ImproperlyConfigured(f"{name} is {value!r}: use an address that begins with https://.")


def words(name: str) -> list[str]:
    """A comma-separated list; empty entries do not count."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def everything() -> Mapping[str, str]:
    """A view for credential look-ups, where the names are data."""
    return os.environ
