"""The head of a request has an end: address and headers are no longer than a limit.

The parser that serves fastest (httptools) bounds neither; without this, one connection that sends
headers for ever fills the memory.
"""

from typing import Any, Final

MOST_HEAD_BYTES: Final = 64 * 1024
"""Bytes of an address with its headers that are waited for; about what proxies take at most."""
_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Content-Type: application/problem+json\r\nContent-Length: 91\r\nConnection: close\r\n\r\n"
)
_BODY: Final = (
    b'{"type":"urn:exclusion-map:problem:too-large","title":"The head is too large","status":431}'
)


def bounded() -> Any:
    """Return the protocol to serve HTTP with; ``auto`` where httptools is not installed.

    uvicorn's other parser, h11, has such a bound of its own.
    """
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return "auto"

    class BoundedHeads(HttpToolsProtocol):
        """HTTP/1.1 whose heads end, or whose connection does."""

        _in_head = True
        _head_bytes = 0
        _heads = 0

        def on_headers_complete(self) -> None:
            """Take the head as read."""
            self._in_head, self._head_bytes = False, 0
            self._heads += 1
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            """Wait for the next head."""
            self._in_head = True
            super().on_message_complete()

        def data_received(self, data: bytes) -> None:
            """Read on, unless the head that is being read is too long already."""
            in_head, heads = self._in_head, self._heads
            super().data_received(data)
            # Bytes count that were all of one head, and that did not end it.
            if not (in_head and self._in_head and heads == self._heads):
                return
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_REFUSAL + _BODY)
                self.transport.close()

    return BoundedHeads
