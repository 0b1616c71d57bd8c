"""Anthropic's Messages as a dialect of the engine."""

from typing import Any

from orchestrator.gateway import keys, ordering
from orchestrator.gateway.anthropic import answers, errors, requests
from orchestrator.gateway.anthropic.answers import MessageStream
from orchestrator.gateway.driving import Asked
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.fields import Fields
from orchestrator.gateway.gathered import Gathered
from orchestrator.gateway.http import Exchange, frame
from orchestrator.services.people.identity import Caller


class AnthropicDialect:
    def asked(self, caller: Caller, body: Fields, exchange: Exchange) -> Asked:
        cap = exchange.header(ordering.CAP_HEADER)
        return requests.read(caller, body, keys.read(exchange), cap)

    def whole(self, asked: Asked, gathered: Gathered) -> dict[str, Any]:
        return answers.whole(asked, gathered)

    def stream(self, asked: Asked, gathered: Gathered) -> MessageStream:
        return MessageStream(asked, gathered)

    def status(self, refused: Refused) -> int:
        return errors.status(refused)

    def refusal(self, refused: Refused, request_id: str) -> dict[str, Any]:
        return errors.document(refused, request_id)

    def cut(self, refused: Refused, request_id: str) -> bytes:
        return frame(errors.document(refused, request_id), event="error")


ANTHROPIC = AnthropicDialect()
