"""Default deny: every address of the URLconf, asked by somebody who is not signed in."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.django_db

PUBLIC = {"/healthz", "/readyz", "/sign-in/"}
REFUSED = {401, 403, 404, 405}
EXAMPLES = {
    "uuid": "0192f0aa-7e1b-7c3d-9f00-aa11bb22cc33",
    "int": "1",
    "str": "1",
    "slug": "abc",
    "path": "1",
}


def addresses(patterns: list[Any], before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        here = before + example(pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here


def example(pattern: Any) -> str:
    route = str(pattern.pattern)
    for name, converter in getattr(pattern.pattern, "converters", {}).items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        value = EXAMPLES["str" if kind == "string" else kind]
        route = route.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
        route = route.replace(f"<str:{name}>", value)
    route = re.sub(r"\(\?P<url>.*\)", "x", route.removeprefix("^"))
    route = re.sub(r"\(\?P<\w+>(\w+)[^)]*\)", r"\1", route)
    return route.removesuffix("$").removesuffix("\\Z")


ADDRESSES = sorted(set(addresses(get_resolver().url_patterns)))


def test_the_walk_finds_pages_of_every_part() -> None:
    for known in ("/", "/trips/", "/settings/tokens/", "/metrics", "/admin/orchestrator/trip/"):
        assert known in ADDRESSES
    assert not [address for address in ADDRESSES if "<" in address]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_gets_past_the_sign_in(address: str) -> None:
    for method in ("get", "post", "put", "delete"):
        check(address, getattr(Client(), method)(address))


def check(address: str, answer: HttpResponse) -> None:
    if answer.status_code in (301, 302):
        assert answer.headers["Location"].startswith(("/sign-in/?next=/", "/admin/login/?next=/"))
    elif answer.status_code not in REFUSED:
        assert address in PUBLIC
        # No worker runs in a test, so it says that it cannot serve.
        assert answer.status_code in (200, 422) or address == "/readyz"
