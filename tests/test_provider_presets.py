"""The providers that the product knows from the start, as data."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import pytest

from orchestrator.providers import registry
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.wire import http
from orchestrator.services.setup import credentials

TEXT = resources.files("orchestrator.defaults").joinpath("providers.toml").read_text("utf-8")
PRESETS: dict[str, Mapping[str, Any]] = {
    preset["name"]: preset for preset in tomllib.loads(TEXT)["providers"]
}
FIELDS = {
    "name", "title", "kind", "base_url", "credential", "credential_aliases", "key_prefixes",
    "key_page", "is_local", "origins", "options",
}  # fmt: skip
OPTIONS = {
    "api", "max_tokens_field", "pdf", "system_role", "auth", "query", "check_path",
    "thinking_back",
}  # fmt: skip
PROMISED = {
    "anthropic", "google", "openai", "openrouter", "groq", "deepseek", "mistral",
    "perplexity", "together", "xai", "cerebras", "fireworks", "kimi", "azure", "lm-studio",
    "llama-cpp", "vllm", "litellm", "ollama", "demo", "claude-code", "kimi-cli",
    "codex-cli", "gemini-cli",
}  # fmt: skip
KEYED = [name for name, preset in PRESETS.items() if preset.get("credential")]
ADDRESSED = [name for name, preset in PRESETS.items() if preset.get("base_url")]


def test_all_promised_providers_are_there() -> None:
    assert set(PRESETS) == PROMISED
    assert len(tomllib.loads(TEXT)["providers"]) == len(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_only_what_is_understood(name: str) -> None:
    preset = PRESETS[name]
    assert preset["title"]
    assert preset["kind"] in registry.ADAPTERS
    assert set(preset) <= FIELDS
    options = preset.get("options", {})
    assert set(options) <= OPTIONS
    assert all(isinstance(value, str) for value in options.values())


@pytest.mark.parametrize("name", PRESETS)
def test_an_adapter_can_be_built_from_it(name: str) -> None:
    preset = PRESETS[name]
    spec = ProviderSpec(
        name, preset["kind"], preset.get("base_url", ""), "", preset.get("options", {})
    )
    assert registry.build(spec).spec is spec


@pytest.mark.parametrize("name", ADDRESSED)
def test_an_address_is_in_its_canonical_form(name: str) -> None:
    url = PRESETS[name]["base_url"]
    assert http.base_url(ProviderSpec(name, PRESETS[name]["kind"], url)) == url


@pytest.mark.parametrize("name", ADDRESSED)
def test_only_a_server_on_this_machine_goes_without_encryption(name: str) -> None:
    parts = urlsplit(PRESETS[name]["base_url"])
    is_here = parts.scheme == "http" and parts.hostname == "127.0.0.1"
    assert is_here is PRESETS[name].get("is_local", False)
    assert is_here or parts.scheme == "https"


@pytest.mark.parametrize("name", KEYED)
def test_a_key_may_go_to_its_own_provider_only(name: str) -> None:
    preset = PRESETS[name]
    for origin in preset["origins"]:
        assert origin.startswith("https://")
        assert credentials.origin_of(origin) == origin
    if address := preset.get("base_url"):
        assert preset["origins"] == [credentials.origin_of(address)]


def test_no_two_providers_share_a_key_or_an_origin() -> None:
    names = [
        each
        for name in KEYED
        for each in (PRESETS[name]["credential"], *PRESETS[name].get("credential_aliases", ()))
    ]
    origins = [origin for name in KEYED for origin in PRESETS[name]["origins"]]
    assert len(names) == len(set(names))
    assert len(origins) == len(set(origins))


@pytest.mark.parametrize("name", [name for name in KEYED if name != "azure"])
def test_a_person_is_told_where_to_get_a_key(name: str) -> None:
    assert urlsplit(PRESETS[name]["key_page"]).scheme == "https"
    assert PRESETS[name]["origins"]


def test_an_address_to_be_given_lets_no_key_out_before() -> None:
    assert "base_url" not in PRESETS["azure"]
    assert PRESETS["azure"]["origins"] == []


@pytest.mark.parametrize(
    ("name", "form"), [("deepseek", "true"), ("kimi", "true"), ("openrouter", "details")]
)
def test_who_refuses_calls_without_their_thinking_gets_it_back(name: str, form: str) -> None:
    assert PRESETS[name]["options"]["thinking_back"] == form


def test_a_key_is_tried_at_a_path_that_asks_for_it_where_models_are_not_listed() -> None:
    assert PRESETS["perplexity"]["options"]["check_path"] == "/v1/async/sonar"


@pytest.mark.parametrize(
    ("pasted", "credential"),
    [
        ("sk-ant-api03-abc", "ANTHROPIC_API_KEY"),
        ("AIzaSyAbc", "GOOGLE_API_KEY"),
        ("sk-proj-abc", "OPENAI_API_KEY"),
        ("sk-svcacct-abc", "OPENAI_API_KEY"),
        ("sk-or-v1-abc", "OPENROUTER_API_KEY"),
        ("gsk_abc", "GROQ_API_KEY"),
        ("pplx-abc", "PERPLEXITY_API_KEY"),
        ("tgp_v1_abc", "TOGETHER_API_KEY"),
        ("xai-abc", "XAI_API_KEY"),
        ("csk-abc", "CEREBRAS_API_KEY"),
        ("fw_abc", "FIREWORKS_API_KEY"),
        ("sk-abc", "OPENAI_API_KEY DEEPSEEK_API_KEY MOONSHOT_API_KEY"),
        ("something", ""),
    ],
)
def test_a_pasted_key_is_recognised(pasted: str, credential: str) -> None:
    assert " ".join(credentials.owners(pasted)) == credential


@pytest.mark.parametrize("name", KEYED)
def test_the_more_exact_signs_of_a_key_come_first(name: str) -> None:
    prefixes = PRESETS[name].get("key_prefixes", [])
    for index, later in enumerate(prefixes):
        assert not any(later.startswith(earlier) for earlier in prefixes[:index])
