"""An address that secrets are sent to is HTTPS or this machine."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from clutchweb import env


@pytest.mark.parametrize(
    "value",
    [
        "",
        "https://login.example",
        "https://login.example/realm",
        "http://127.0.0.1:9",
        "http://localhost",
    ],
)
def test_an_address_that_is_taken(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUTCH_OIDC_ISSUER", value)
    assert env.web_address("CLUTCH_OIDC_ISSUER") == value


@pytest.mark.parametrize(
    "value",
    [
        "login.example",
        "http://login.example",
        "ftp://x",
        "https://",
        "http://localhost.evil.example",
        "https://[x",
    ],
)
def test_an_address_that_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUTCH_OIDC_ISSUER", value)
    with pytest.raises(ImproperlyConfigured, match="https://"):
        env.web_address("CLUTCH_OIDC_ISSUER")
