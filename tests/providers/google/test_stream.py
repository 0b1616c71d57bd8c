"""Google's stream chunks, one by one."""

import pytest
from google.genai.types import FinishReason

from orchestrator.providers.errors import BadStream
from orchestrator.providers.google.stream import Translation
from orchestrator.providers.vocabulary import StopReason

UNUSABLE = {
    "OTHER",
    "MALFORMED_FUNCTION_CALL",
    "MALFORMED_RESPONSE",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "IMAGE_OTHER",
    "IMAGE_RECITATION",
    "NO_IMAGE",
}
MEANINGS = {
    "STOP": StopReason.END,
    "FINISH_REASON_UNSPECIFIED": StopReason.END,
    "MAX_TOKENS": StopReason.MAX_TOKENS,
    "CONTINUATION": StopReason.MAX_TOKENS,
}


def ended(reason: FinishReason) -> Translation:
    translation = Translation()
    assert not list(translation.events({"candidates": [{"finish_reason": reason}]}))
    return translation


@pytest.mark.parametrize("reason", [r for r in FinishReason if r.value not in UNUSABLE])
def test_every_finish_reason_the_sdk_knows_has_its_meaning(reason: FinishReason) -> None:
    expected = MEANINGS.get(reason.value, StopReason.REFUSAL)
    assert ended(reason).finished().stop_reason is expected


@pytest.mark.parametrize("reason", sorted(UNUSABLE))
def test_an_unusable_answer_is_an_error_that_names_its_reason(reason: str) -> None:
    with pytest.raises(BadStream, match=reason):
        ended(FinishReason(reason)).finished()


def test_only_the_first_candidate_counts() -> None:
    candidates = [
        {"content": {"parts": [{"text": text}]}, "finish_reason": "STOP"} for text in "ab"
    ]
    events = list(Translation().events({"candidates": candidates}))
    assert [getattr(event, "text", "") for event in events] == ["a"]
