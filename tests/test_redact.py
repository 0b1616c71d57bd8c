"""Secrets are hidden by their shape, by the name before them, and by being known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator import redact

CANARY = "CANARYcanary0123456789abcdef"


@pytest.mark.parametrize(
    "text",
    [
        f"sk-ant-api03-{CANARY}",
        f"sk-proj-{CANARY}",
        f"AIza{CANARY}",
        f"clk_ab12cd34_{CANARY}",
        f"xai-{CANARY}",
        f"gsk_{CANARY}",
        f"pplx-{CANARY}",
        f"Authorization: Bearer {CANARY}",
        f"authorization: bearer {CANARY}",
        f"Proxy-Authorization: Basic {CANARY}",
        f"Cookie: a=b; clutch_8760_sid={CANARY}; c=d",
        f"Set-Cookie: clutch_8760_sid={CANARY}; Path=/",
        f"clutch_8760_csrf={CANARY}",
        f"{{'x-api-key': '{CANARY}'}}",
        f'{{"x-goog-api-key": "{CANARY}"}}',
        f"api_key={CANARY}",
        f"GET /v1beta/models?key={CANARY}&alt=sse",
        f"GET /sign-in/{CANARY}/ HTTP/1.1",
        f"postgres://clutch:{CANARY}@db:5432/clutch",
        f"password: {CANARY}",
    ],
)
def test_a_secret_is_hidden_by_its_shape_or_its_name(text: str) -> None:
    shown = redact.clean(f"before {text} after")
    assert CANARY not in shown
    assert redact.MASK in shown
    assert shown.startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        "trip 0192f0aa-7e1b-7c3d-9f00-aa11bb22cc33 done in 3.2 s",
        "The task-force risk-assessment is ready.",
        "http://127.0.0.1:8760/trips/",
        "GET /sign-in/ 200",
        "max_tokens=400 tokens: 12",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact.clean(text) == text


def test_a_registered_value_is_hidden_anywhere() -> None:
    redact.register("plain-looking value 77")
    shown = redact.clean("error: invalid key 'plain-looking value 77', sorry")
    assert "value 77" not in shown
    assert "sorry" in shown


def test_a_longer_secret_is_hidden_whole_although_a_shorter_one_begins_it() -> None:
    redact.register("shared-prefix")
    redact.register("shared-prefix-and-more")
    assert redact.clean("shared-prefix-and-more") == redact.MASK


def test_short_words_are_never_blanked_out() -> None:
    redact.register("abc")
    assert redact.clean("abc abc") == "abc abc"


@given(st.text(max_size=400))
def test_cleaning_never_fails_and_twice_changes_nothing(text: str) -> None:
    once = redact.clean(text)
    assert redact.clean(once) == once
