"""How much a host is told to keep in its window: its own default is a few thousand tokens, and it
drops the beginning of what does not fit without a word.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.vocabulary import ModelRequest

# Rather too many tokens than too few: three bytes are more than one token in no script.
BYTES_PER_TOKEN = 3
TOKENS_PER_IMAGE = 1_600
# Another window makes the host load the model again, so few sizes are asked for.
SMALLEST = 4_096


def num_ctx(spec: ProviderSpec) -> int:
    """The window that a person set for this provider, or 0."""
    value = spec.options.get("num_ctx", "")
    return int(value) if value.isascii() and value.isdigit() else 0


def window_for(sent: Mapping[str, Any], request: ModelRequest, spec: ProviderSpec) -> int:
    """Room for what is sent and for the whole answer, as far as the model's window goes."""
    if told := num_ctx(spec):
        return told
    needed = max(SMALLEST, _tokens(sent) + request.max_output_tokens)
    rounded = 1 << (needed - 1).bit_length()
    return min(rounded, request.context_window or rounded)


def _tokens(sent: Mapping[str, Any]) -> int:
    messages: Sequence[Mapping[str, Any]] = sent["messages"]
    images = sum(len(message.get("images", ())) for message in messages)
    texts = [{key: said for key, said in m.items() if key != "images"} for m in messages]
    written = json.dumps([texts, sent.get("tools"), sent.get("format")], ensure_ascii=False)
    size = len(written.encode(errors="replace"))
    return -(-size // BYTES_PER_TOKEN) + images * TOKENS_PER_IMAGE
