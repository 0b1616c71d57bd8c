"""Which WebSockets there are, behind the origin check and the sign-in."""

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.urls import path

from orchestrator.web.live.consumer import LiveConsumer
from orchestrator.web.origins import OriginCheck

routes = [
    path("ws/live/", LiveConsumer.as_asgi()),
    path("<path:rest>", WebsocketDenier.as_asgi()),
]
sockets = OriginCheck(AuthMiddlewareStack(URLRouter(routes)))
