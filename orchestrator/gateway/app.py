"""The API under /v1: which address is answered by what, in which dialect, for whom."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import Error
from django.http.request import split_domain_port, validate_host

from orchestrator.gateway import answering, bodies, listing, quotes, tokens
from orchestrator.gateway.anthropic import models as anthropic_models
from orchestrator.gateway.anthropic.messages import ANTHROPIC
from orchestrator.gateway.bodies import ClientLeft
from orchestrator.gateway.dialects import Dialect
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.fields import Fields
from orchestrator.gateway.http import Exchange, Receive, Send
from orchestrator.gateway.openai import models as openai_models
from orchestrator.gateway.openai.chat import OPENAI
from orchestrator.services.database import in_thread
from orchestrator.services.driving import counting
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import outages

PREFIX = "/v1/"
MODELS = "/v1/models"
NO_HOST = "This server does not answer to that Host. See: CLUTCH_ALLOWED_HOSTS"
NOT_THERE = (
    "There is no {}. There are /v1/models, /v1/chat/completions, /v1/messages, "
    "/v1/messages/count_tokens and /v1/clutch/quotes."
)

Handler = Callable[[Exchange, Caller, Dialect], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    handler: Handler


def takes(scope: Mapping[str, Any]) -> bool:
    """Whether a request is for the API and not for a page."""
    return scope["type"] == "http" and f"{scope['path']}/".startswith(PREFIX)


async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    exchange = Exchange(scope, receive, send)
    dialect = dialect_of(exchange)
    try:
        await _answer(exchange, dialect)
    except ClientLeft:
        pass
    except Refused as refused:
        await answering.refuse(exchange, dialect, refused)
    except RequestRefused as wrong:
        await answering.refuse(exchange, dialect, Refused("invalid_request", str(wrong)))
    except Error as error:
        outage = outages.of(error)
        if outage is None:
            raise
        await answering.refuse(exchange, dialect, Refused("outage", str(outage)))


def dialect_of(exchange: Exchange) -> Dialect:
    """By the address, and where both have the same, by a header that only one sends."""
    is_messages = f"{exchange.path}/".startswith("/v1/messages/")
    is_anthropic = is_messages or bool(exchange.header("anthropic-version"))
    return ANTHROPIC if is_anthropic else OPENAI


async def _answer(exchange: Exchange, dialect: Dialect) -> None:
    _check_host(exchange)
    route = route_of(exchange)
    caller = await in_thread(tokens.caller, tokens.sent(exchange))
    await route.handler(exchange, caller, dialect)


def _check_host(exchange: Exchange) -> None:
    """As for pages: who was led here under a foreign name gets nothing."""
    hosts = exchange.values("host")
    domain = split_domain_port(hosts[0])[0] if len(hosts) == 1 else ""
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        raise Refused("invalid_request", NO_HOST)


def route_of(exchange: Exchange) -> Route:
    """Raises `Refused` for an address that is not there, and for a wrong method."""
    path = exchange.path.rstrip("/")
    route = ROUTES.get(path)
    if route is None and path.startswith(f"{MODELS}/"):
        route = Route("GET", _model)
    if route is None:
        raise Refused("not_found", NOT_THERE.format(path[:200]))
    if exchange.method not in (route.method, "HEAD" if route.method == "GET" else ""):
        raise Refused("not_allowed_method", f"Use {route.method} for {path}.")
    return route


async def _models(exchange: Exchange, caller: Caller, dialect: Dialect) -> None:
    found = await in_thread(listing.everything, caller)
    form = anthropic_models if dialect is ANTHROPIC else openai_models
    await exchange.answer(200, form.listed(found))


async def _model(exchange: Exchange, caller: Caller, dialect: Dialect) -> None:
    name = exchange.path.removeprefix(f"{MODELS}/")
    found = await in_thread(listing.find, caller, name)
    form = anthropic_models if dialect is ANTHROPIC else openai_models
    await exchange.answer(200, form.one(found))


async def _count(exchange: Exchange, caller: Caller, dialect: Dialect) -> None:
    body = {"max_tokens": 1, **await bodies.read(exchange)}
    asked = await in_thread(ANTHROPIC.asked, caller, Fields(body), exchange)
    counted = await in_thread(counting.tokens, asked.request)
    await exchange.answer(200, {"input_tokens": counted})


async def _quote(exchange: Exchange, caller: Caller, dialect: Dialect) -> None:
    body = Fields(await bodies.read(exchange))
    asked = await in_thread(dialect.asked, caller, body, exchange)
    await exchange.answer(200, await in_thread(quotes.document, caller, asked))


ROUTES: Mapping[str, Route] = {
    MODELS: Route("GET", _models),
    "/v1/chat/completions": Route("POST", answering.answer),
    "/v1/messages": Route("POST", answering.answer),
    "/v1/messages/count_tokens": Route("POST", _count),
    "/v1/clutch/quotes": Route("POST", _quote),
}
