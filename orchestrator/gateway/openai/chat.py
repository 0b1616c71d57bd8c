"""OpenAI's Chat Completions as a dialect of the engine."""

from typing import Any

from orchestrator.gateway import keys, ordering
from orchestrator.gateway.driving import Asked
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.fields import Fields
from orchestrator.gateway.gathered import Gathered
from orchestrator.gateway.http import Exchange, frame
from orchestrator.gateway.openai import answers, errors, requests
from orchestrator.gateway.openai.answers import ChatStream
from orchestrator.services.people.identity import Caller


class OpenAIDialect:
    def asked(self, caller: Caller, body: Fields, exchange: Exchange) -> Asked:
        cap = exchange.header(ordering.CAP_HEADER)
        return requests.read(caller, body, keys.read(exchange), cap)

    def whole(self, asked: Asked, gathered: Gathered) -> dict[str, Any]:
        return answers.whole(asked, gathered)

    def stream(self, asked: Asked, gathered: Gathered) -> ChatStream:
        return ChatStream(asked, gathered)

    def status(self, refused: Refused) -> int:
        return refused.fault.status

    def refusal(self, refused: Refused, request_id: str) -> dict[str, Any]:
        return errors.document(refused)

    def cut(self, refused: Refused, request_id: str) -> bytes:
        return frame(errors.document(refused))


OPENAI = OpenAIDialect()
