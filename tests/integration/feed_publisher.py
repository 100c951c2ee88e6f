"""A publisher of an Open Referral UK feed on the loopback, that misbehaves as it is told."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]
Answer = Callable[["Asked"], bool]
SERVICES: list[Json] = [
    {
        "id": f"5e0f6e1c-5a0f-4d43-9d0e-{number:012}",
        "name": f"Drop-in {number}",
        "status": "active",
        "service_at_locations": [{"id": f"l{number}", "location": {"id": f"p{number}"}}],
    }
    for number in range(5)
]


class Asked(BaseHTTPRequestHandler):
    """A request; what the publisher was told to do answers it, or its feed does."""

    protocol_version = "HTTP/1.1"
    server: "Publisher"

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        with contextlib.suppress(ConnectionError):
            if not any(answer(self) for answer in self.server.instead):
                self.server.answer(self)

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}

    @property
    def route(self) -> str:
        return unquote(urlsplit(self.path).path)

    def send(self, status: int, body: object = None, **headers: str) -> bool:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return True

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Publisher(ThreadingHTTPServer):
    """Serves services, in brief on pages and whole one by one.

    Attributes:
        instead: what answers before the feed does; each tells whether it did.
        size: of a page.
        seen: every path that was asked for.
    """

    daemon_threads = True

    def __init__(self, services: Sequence[Json], size: int = 2) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.services = list(services)
        self.size = size
        self.instead: list[Answer] = []
        self.seen: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def address(self) -> str:
        return f"http://{self.host}/openreferral"

    def answer(self, asked: Asked) -> None:
        parts = asked.route.removeprefix("/openreferral/services").strip("/")
        if parts:
            found = [one for one in self.services if one["id"] == parts]
            asked.send(200, found[0]) if found else asked.send(404, {"detail": "none"})
            return
        asked.send(200, self.page(int(asked.query["page"])))

    def page(self, number: int) -> Json:
        pages = -(-len(self.services) // self.size)
        part = self.services[(number - 1) * self.size : number * self.size]
        keys = ("id", "name", "organization", "status", "description")
        return {
            "total_items": len(self.services),
            "total_pages": pages,
            "page_number": number,
            "size": len(part),
            "first_page": number == 1,
            "last_page": number >= pages,
            "empty": not part,
            "contents": [{key: one[key] for key in keys if key in one} for one in part],
        }


@contextmanager
def publishing(services: Sequence[Json], size: int = 2) -> Iterator[Publisher]:
    """Yield a publisher that answers while the block runs."""
    publisher = Publisher(services, size)
    thread = threading.Thread(target=publisher.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publisher
    finally:
        publisher.shutdown()
        thread.join()
        publisher.server_close()
