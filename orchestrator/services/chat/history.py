"""What of a chat's turns may be sent: providers want question and answer to alternate."""

from collections.abc import Sequence

from orchestrator.providers.vocabulary import Message


def alternating(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The last of questions in a row stays: the earlier ones were never answered."""
    kept: list[Message] = []
    for message in messages:
        if kept and kept[-1].role == message.role:
            kept.pop()
        kept.append(message)
    if kept and kept[0].role != "user":
        kept.pop(0)
    return tuple(kept)
