"""An open page as its server sees it: one socket, which may vanish, stop reading and come back."""

import json
import socket
import struct
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from tests.process.served import ServedHome

Frame = dict[str, Any]
PATIENCE_S = 30.0
READ_BYTES = 65_536
ACK_EVERY = 32


class Closed(Exception):
    """The server ended the connection; `code` is None where it just went away."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


@dataclass
class Tab:
    home: ServedHome
    page: httpx.Client
    buffer_bytes: int = 0
    _waiting: "deque[Frame]" = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._socket = socket.socket()
        self._socket.settimeout(PATIENCE_S)
        if self.buffer_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer_bytes)
        self._socket.connect(("127.0.0.1", self.home.port))
        address = f"{self.home.url.replace('http', 'ws', 1)}/ws/live/"
        self._protocol = ClientProtocol(parse_uri(address), origin=self.home.url, max_size=None)  # type: ignore[arg-type]
        request = self._protocol.connect()
        cookies = (f"{name}={value}" for name, value in self.page.cookies.items())
        request.headers["Cookie"] = "; ".join(cookies)
        self._protocol.send_request(request)
        self._flush()
        while self._protocol.state is State.CONNECTING:
            self._receive()

    def follow(self, trip: str, after: int = 0) -> None:
        self.say(type="follow", trip=trip, after=after)

    def ack(self, trip: str, seq: int) -> None:
        self.say(type="ack", trip=trip, seq=seq)

    def say(self, **message: object) -> None:
        self._protocol.send_text(json.dumps(message).encode())
        self._flush()

    def read(self) -> Frame:
        """The next of a trip; heartbeats and news of money are passed over."""
        while True:
            while not self._waiting:
                self._receive()
            frame = self._waiting.popleft()
            if "trip" in frame and frame["kind"] != "trip_started":
                return frame

    def read_until_over(self, last: int = 0) -> list[Frame]:
        """Everything up to the end, reading and telling so as a page does."""
        frames: list[Frame] = []
        acked = last
        while not frames or frames[-1]["kind"] not in ("over", "not_found"):
            frames.append(self.read())
            seq = frames[-1].get("seq", 0)
            if seq - acked >= ACK_EVERY:
                acked = seq
                self.ack(frames[-1]["trip"], seq)
        return frames

    def vanish(self) -> None:
        """As when a phone loses its network: no word, and whatever was under way is lost."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def __enter__(self) -> "Tab":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except ConnectionResetError:  # our good-bye came after theirs
            data = b""
        if not data:
            closed = self._protocol.close_rcvd
            raise Closed(closed.code if closed else None)
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if getattr(event, "opcode", None) is Opcode.TEXT:
                self._waiting.append(json.loads(event.data))
        self._flush()  # answers to pings, and to a good-bye

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)
