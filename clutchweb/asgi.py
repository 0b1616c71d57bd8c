"""The ASGI application: the API, pages, sockets, and the engine that lives with the server."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import ProtocolTypeRouter

from clutchweb.boot import pages
from clutchweb.engine import engine
from orchestrator.gateway import app as api
from orchestrator.web.live.sockets import sockets

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

router = ProtocolTypeRouter({"http": pages, "websocket": sockets})


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    await engine.start()  # Daphne sends no lifespan, so the first request starts the engine there
    await (api.application if api.takes(scope) else router)(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await engine.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await engine.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
