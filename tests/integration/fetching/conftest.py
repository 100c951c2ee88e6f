"""A publisher on the loopback that misbehaves as told, and a fetch pointed at it."""

import contextlib
import io
import json
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from rich.console import Console

from exclusion_map.catalogue import Delivery, FileFormat, Source, SourceFile
from exclusion_map.settings import FetchSettings
from pipelines.fetch import FetchSummary, fetch

Respond = Callable[["Handler"], None]


def only(summary: Any) -> Any:
    """Return the one outcome of a fetch."""
    (outcome,) = summary.outcomes
    return outcome


@dataclass(frozen=True)
class Seen:
    """A request the publisher got."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Publisher"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        seen = Seen("GET", parts.path, query, dict(self.headers.items()))
        with contextlib.suppress(ConnectionError):
            self.server.next_response(seen)(self)

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """Break the connection off, as a dying server does: RST instead of FIN."""
        self.wfile.flush()
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True


class Publisher(ThreadingHTTPServer):
    """Answers each path with its responses in turn; the last one is repeated."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[Seen] = []
        self._responses: dict[str, list[Respond]] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news here."""

    def serve(self, path: str, *responses: Respond) -> str:
        self._responses[path] = list(responses)
        return self.address + path

    def next_response(self, seen: Seen) -> Respond:
        self.seen.append(seen)
        responses = self._responses[seen.path]
        return responses.pop(0) if len(responses) > 1 else responses[0]

    # -- ways to answer ---------------------------------------------------------------------

    @staticmethod
    def status(code: int, **headers: str) -> Respond:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        return lambda handler: handler.reply(code, b"no", extra)

    @staticmethod
    def document(
        body: bytes,
        *,
        kind: str = "text/csv",
        etag: str = '"v1"',
        modified: str = "",
        ranges: bool = True,
        if_range: bool = True,
        cut: int | None = None,
    ) -> Respond:
        """Serve a file as a good server does, less what is switched off, or up to ``cut``."""

        def respond(handler: Handler) -> None:
            headers = {"Content-Type": kind}
            if etag:
                headers["ETag"] = etag
            if modified:
                headers["Last-Modified"] = modified
            asked = handler.headers
            if (etag and asked.get("If-None-Match") == etag) or (
                modified and asked.get("If-Modified-Since") == modified
            ):
                handler.send_response(304)
                handler.end_headers()
                return
            status, start = 200, 0
            fits = not if_range or asked.get("If-Range") in (etag or None, modified or None)
            if ranges and "Range" in asked and fits:
                start = int(asked["Range"].removeprefix("bytes=").rstrip("-"))
                if start >= len(body):
                    handler.reply(416)
                    return
                status = 206
                headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            rest = body[start:]
            if cut is None:
                handler.reply(status, rest, headers)
                return
            handler.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(rest))}).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body[start:cut])
            handler.close_connection = True

        return respond

    @staticmethod
    def endless(chunk: bytes, wait_s: float = 0.0, counted: list[int] | None = None) -> Respond:
        """Send chunks without ever saying how many there will be."""

        def respond(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/csv")
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            frame = f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"
            while True:
                handler.wfile.write(frame)
                handler.wfile.flush()
                if counted is not None:
                    counted.append(len(chunk))
                time.sleep(wait_s)

        return respond

    @staticmethod
    def layer(rows: list[dict[str, Any]], *, page: int = 2, count: int | None = None) -> Respond:
        """Answer as an ArcGIS feature layer that gives ``page`` features a request."""

        def respond(handler: Handler) -> None:
            query = handler.query
            if query.get("returnCountOnly") == "true":
                answer: dict[str, Any] = {"count": len(rows) if count is None else count}
            else:
                start = int(query["resultOffset"])
                fields = query["outFields"].split(",")
                features = []
                for row in rows[start : start + page]:
                    values = {name: row[name] for name in fields if name in row}
                    if query["f"] == "geojson":
                        point = {"type": "Point", "coordinates": [row["x"], row["y"]]}
                        features.append(
                            {"type": "Feature", "properties": values, "geometry": point}
                        )
                    else:
                        features.append({"attributes": values})
                answer = {"features": features}
                if start + page < len(rows):
                    answer["exceededTransferLimit"] = True
            handler.reply(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

        return respond

    @staticmethod
    def answer(value: object, kind: str = "application/json") -> Respond:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return lambda handler: handler.reply(200, body, {"Content-Type": kind})


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    server = Publisher()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Desk:
    """Fetches single files of made-up sources into a raw folder of its own."""

    raw_dir: Path
    settings: FetchSettings
    printed: io.StringIO = field(default_factory=io.StringIO)

    @property
    def console(self) -> Console:
        return Console(file=self.printed, width=200)

    @property
    def text(self) -> str:
        return self.printed.getvalue()

    @staticmethod
    def source(*files: SourceFile, identity: str = "made-up") -> Source:
        return Source(
            id=identity,
            title="A made-up dataset",
            publisher="Nobody",
            licence="OGL-UK-3.0",
            attribution="Nobody",
            page="https://example.invalid",
            vintage="2021",
            geography="LSOA 2021",
            nations=("England",),
            used_for="Tests.",
            files=files,
        )

    @staticmethod
    def csv_file(address: str, **fields: Any) -> SourceFile:
        settings: dict[str, Any] = {
            "path": "table.csv",
            "format": FileFormat.CSV,
            "delivery": Delivery.FILE,
            "columns": ("code", "value"),
        }
        return SourceFile(**(settings | {"address": address} | fields))

    def fetch(self, *files: SourceFile, force: bool = False, **limits: Any) -> FetchSummary:
        return fetch(
            self.raw_dir,
            force=force,
            console=self.console,
            settings=self.settings.model_copy(update=limits),
            sources={"made-up": self.source(*files)},
        )

    @property
    def folder(self) -> Path:
        return self.raw_dir / "made-up"

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def put(self, data: bytes, name: str = "table.csv") -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(data)
        return path

    def lock(self) -> dict[str, Any]:
        path = self.raw_dir / "provenance.lock.json"
        files: dict[str, Any] = json.loads(path.read_text())["files"]
        return files


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(
        tmp_path / "raw",
        FetchSettings(
            fetch_attempts=3,
            fetch_backoff_s=0.0,
            fetch_connect_timeout_s=2.0,
            fetch_read_timeout_s=5.0,
            fetch_max_bytes=1_000_000,
            fetch_max_unpacked_bytes=2_000_000,
        ),
    )


@pytest.fixture
def table() -> bytes:
    """400 rows of a table: long enough to break off in the middle."""
    rows = "".join(f"E0100{number:04d},{number}\n" for number in range(400))
    return f"code,value\n{rows}".encode()


@pytest.fixture
def zipped() -> Callable[[dict[str, bytes]], bytes]:
    """Make a zip of members."""

    def make(members: dict[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return buffer.getvalue()

    return make
