"""Which adapter serves which kind of provider. Adapters are imported only when used."""

from importlib import import_module

from orchestrator.providers.base import Provider, ProviderSpec

ADAPTERS = {
    "anthropic": "orchestrator.providers.anthropic:AnthropicProvider",
    "google": "orchestrator.providers.google:GoogleProvider",
    "openai": "orchestrator.providers.openai_compatible:OpenAICompatibleProvider",
    "ollama": "orchestrator.providers.ollama:OllamaProvider",
    "claude-cli": "orchestrator.providers.cli_claude:ClaudeCliProvider",
    "kimi-cli": "orchestrator.providers.cli_kimi:KimiCliProvider",
    "codex-cli": "orchestrator.providers.cli_codex:CodexCliProvider",
    "gemini-cli": "orchestrator.providers.cli_gemini:GeminiCliProvider",
    "demo": "orchestrator.providers.demo:DemoProvider",
}
AGENTIC_KINDS = frozenset(kind for kind in ADAPTERS if kind.endswith("-cli"))


def load(kind: str) -> type[Provider]:
    module_name, _, class_name = ADAPTERS[kind].partition(":")
    adapter: type[Provider] = getattr(import_module(module_name), class_name)
    return adapter


def build(spec: ProviderSpec) -> Provider:
    return load(spec.kind)(spec)  # type: ignore[call-arg]  # protocols cannot declare __init__
