"""What a host says about its models, complete or not."""

from collections.abc import Mapping
from typing import Any

import pytest

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.ollama.models import discovered, size_b

SPEC = ProviderSpec("ollama", "ollama")
INFO = {"general.architecture": "qwen3", "qwen3.context_length": 40_960}


@pytest.mark.parametrize(
    ("facts", "option", "window"),
    [
        ({"model_info": INFO}, "", 40_960),
        ({"model_info": INFO}, "8192", 8_192),
        ({"model_info": INFO}, "100000", 40_960),
        ({"model_info": INFO, "parameters": 'num_ctx     16384\nstop  "<|im_end|>"'}, "", 16_384),
        ({"model_info": INFO, "parameters": "num_ctx 16384"}, "8192", 8_192),
        ({}, "8192", 8_192),
        ({"model_info": {"qwen3.context_length": "long"}}, "", None),
        ({"model_info": None, "parameters": 7}, "", None),
        ({}, "", None),
    ],
)
def test_the_window_is_what_the_host_will_use(
    facts: Mapping[str, Any], option: str, window: int | None
) -> None:
    spec = ProviderSpec("ollama", "ollama", options={"num_ctx": option})
    assert discovered({"model": "m"}, facts, spec).context_window == window


@pytest.mark.parametrize(
    ("entry", "claimed", "capabilities"),
    [
        ({}, ["completion", "tools", "thinking"], {"tools", "thinking", "json_schema"}),
        ({}, ["completion", "vision", "insert"], {"vision", "json_schema"}),
        ({}, ["embedding"], set()),
        ({"remote_host": "https://ollama.com:443"}, ["completion", "tools"], {"tools"}),
        ({}, "tools", set()),
        ({}, [None, {"tools": True}], set()),
    ],
)
def test_capabilities_are_told_in_our_words(
    entry: Mapping[str, Any], claimed: object, capabilities: set[str]
) -> None:
    model = discovered({"model": "m", **entry}, {"capabilities": claimed}, SPEC)
    assert model.capabilities == capabilities


def test_a_model_may_be_listed_by_its_name_only() -> None:
    assert discovered({"name": "m:latest"}, {}, SPEC).model_id == "m:latest"


@pytest.mark.parametrize(
    ("size", "billions"),
    [
        ("4.0B", 4.0),
        ("500M", 0.5),
        ("70b", 70.0),
        ("1.2.3B", None),
        ("..B", None),
        ("", None),
        ("big", None),
    ],
)
def test_sizes(size: str, billions: float | None) -> None:
    assert size_b(size) == billions
