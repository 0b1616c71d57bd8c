"""Which adapter serves which kind of provider. Adapters are imported only when used."""

from importlib import import_module

from orchestrator.providers.base import Provider, ProviderSpec

ADAPTERS = {
    "anthropic": "orchestrator.providers.anthropic.adapter:AnthropicProvider",
    "google": "orchestrator.providers.google.adapter:GoogleProvider",
    "openai": "orchestrator.providers.openai.adapter:OpenAICompatibleProvider",
    "ollama": "orchestrator.providers.ollama.adapter:OllamaProvider",
    "claude-cli": "orchestrator.providers.cli.claude:ClaudeCliProvider",
    "kimi-cli": "orchestrator.providers.cli.kimi:KimiCliProvider",
    "codex-cli": "orchestrator.providers.cli.codex:CodexCliProvider",
    "gemini-cli": "orchestrator.providers.cli.gemini:GeminiCliProvider",
    "demo": "orchestrator.providers.demo.adapter:DemoProvider",
}
AGENTIC_KINDS = frozenset(kind for kind in ADAPTERS if kind.endswith("-cli"))


def load(kind: str) -> type[Provider]:
    module_name, _, class_name = ADAPTERS[kind].partition(":")
    adapter: type[Provider] = getattr(import_module(module_name), class_name)
    return adapter


def build(spec: ProviderSpec) -> Provider:
    return load(spec.kind)(spec)  # type: ignore[call-arg]  # protocols cannot declare __init__
