"""What a connection may cost: heads end, clients are not waited for without end.

The parser that serves fastest (httptools) bounds neither; without this, one connection that sends
headers for ever fills the memory, and some thousands that send a byte now and then, or never read
what they asked for, take every place there is. What is too slow is what Apache's ``mod_reqtimeout``
takes for that: some seconds, and one more for each 500 bytes that moved.
"""

import asyncio
import struct
import sys
from contextlib import suppress
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES: Final = 64 * 1024
"""Bytes of an address with its headers that are waited for; about what proxies take at most."""
MOST_CONNECTIONS: Final = 4_096
"""Connections of a process that are kept open at once."""
PATIENCE_S: Final = 20.0
"""Seconds to send a head; seconds without which no body and no answer is too slow."""
CROWDED_S: Final = 2.0
"""Seconds to send a head while half of all connections are taken."""
LEAST_RATE: Final = 500.0
"""Bytes a second of bodies and answers, beyond those seconds."""


def _answer(status: bytes, name: bytes, title: bytes, *more: bytes) -> bytes:
    body = b'{"type":"urn:exclusion-map:problem:%s","title":"%s","status":%s}'
    body %= (name, title, status.partition(b" ")[0])
    lines = (
        b"HTTP/1.1 " + status,
        b"Content-Type: application/problem+json",
        b"X-Content-Type-Options: nosniff",
        b"Content-Length: %d" % len(body),
        *more,
        b"Connection: close",
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


_TOO_LARGE: Final = _answer(
    b"431 Request Header Fields Too Large", b"too-large", b"The head is too large"
)
_TOO_SLOW: Final = _answer(b"408 Request Timeout", b"too-slow", b"The request took too long")
_TOO_MANY: Final = _answer(
    b"503 Service Unavailable", b"busy", b"The service is busy", b"Retry-After: 2"
)
_NOT_HTTP: Final = _answer(b"400 Bad Request", b"bad-request", b"The request is no HTTP/1.1")


class BoundedHeads(HttpToolsProtocol):
    """HTTP/1.1 whose heads end, or whose connection does."""

    _in_head = True
    _head_bytes = 0
    _heads = 0
    _since = 0.0
    """When the head began, or its body."""
    _body_bytes = _content_bytes = 0
    """Of a body as it came, and of what it held."""
    _unsent: tuple[float, int, int] | None = None
    """Since when something waits to be read by the client, how much then, and how much last."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head, unless too many are open."""
        super().connection_made(transport)
        self._since = self.loop.time()
        if len(self.connections) > MOST_CONNECTIONS:
            transport.write(_TOO_MANY)
            transport.close()

    def on_headers_complete(self) -> None:
        """Take the head as read."""
        self._in_head, self._head_bytes = False, 0
        self._heads += 1
        self._body_bytes = self._content_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what a body holds."""
        self._content_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for the next head."""
        self._in_head = True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless what is being read is too long already."""
        in_head, heads = self._in_head, self._heads
        if in_head and not self._head_bytes:
            self._since = self.loop.time()
        super().data_received(data)
        # Bytes count that were all of one head, or of one body, and that did not end it.
        if in_head is not self._in_head or heads != self._heads:
            if not self._in_head:
                self._since = self.loop.time()
            return
        if in_head:
            self._head_bytes += len(data)
            long = self._head_bytes
        else:
            self._body_bytes += len(data)
            # Parts of a byte each cost five more; beyond that it is fields that never end.
            long = self._body_bytes - 8 * self._content_bytes
        if long > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answer what is no HTTP, unless an answer has begun already."""
        if self._answering and self.cycle.response_started:
            self.transport.close()
            return
        self.transport.write(_NOT_HTTP)
        self.transport.close()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def look(self, now: float, *, crowded: bool) -> None:
        """Hang up on a client that is too slow; called every second or so.

        Args:
            now: time of the loop.
            crowded: whether connections are becoming scarce.
        """
        if self._reads_too_slowly(now):
            self.transport.abort()
        elif not self.transport.is_closing() and self._sends_too_slowly(now, crowded=crowded):
            if self._head_bytes:
                self.transport.write(_TOO_SLOW)
            self.transport.close()

    def _sends_too_slowly(self, now: float, *, crowded: bool) -> bool:
        if self._in_head:
            # Between two requests uvicorn waits no longer than for a next one.
            waits = self._answering or (self._heads > 0 and not self._head_bytes)
            return not waits and now - self._since > (CROWDED_S if crowded else PATIENCE_S)
        if self.flow.read_paused or (self._answering and self.cycle.waiting_for_100_continue):
            # It is us who do not read on.
            self._since, self._body_bytes, self._content_bytes = now, 0, 0
            return False
        return now - self._since > PATIENCE_S + self._body_bytes / LEAST_RATE

    def _reads_too_slowly(self, now: float) -> bool:
        waiting = self.transport.get_write_buffer_size()
        if not waiting:
            self._unsent = None
            return False
        waiting += _held_by_system(self.transport)
        since, first, last = self._unsent or (now, waiting, waiting)
        if waiting > last:  # There was room for more meanwhile.
            since, first = now, waiting
        self._unsent = since, first, waiting
        return now - since > PATIENCE_S + (first - waiting) / LEAST_RATE


def _held_by_system(transport: asyncio.Transport) -> int:
    """Return how much was given to the system that the client has not got yet; 0 if not known."""
    if sys.platform != "linux":
        return 0
    from fcntl import ioctl
    from termios import TIOCOUTQ

    held = bytes(4)
    with suppress(OSError, ValueError, AttributeError):
        held = ioctl(transport.get_extra_info("socket").fileno(), TIOCOUTQ, held)
    return int(struct.unpack("i", held)[0])


def look_at_all(connections: Any, now: float) -> None:
    """Hang up on every client that is too slow.

    Args:
        connections: of the server.
        now: time of the loop.
    """
    crowded = len(connections) > MOST_CONNECTIONS // 2
    for connection in tuple(connections):
        if isinstance(connection, BoundedHeads):
            connection.look(now, crowded=crowded)
