"""Uploads at the door: refused before they are read, counted while they come, gone afterwards."""

import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
import shapely
from fastapi import FastAPI, Request
from starlette.testclient import TestClient
from starlette.types import Message

from api import errors
from api.uploads import received, whole_body
from exclusion_map.areas.atlas import Level
from exclusion_map.terms import AreaKind

from .own_loop import run

HTML = {"Accept": "text/html"}
BOUNDARY = "cut-here"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def part(content: bytes, name: str = "list.csv") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def door() -> FastAPI:
    """An app whose routes take at most a hundred thousand bytes."""
    app = FastAPI()
    errors.install(app)
    app.state.rolled = []
    app.state.files = []

    @app.post("/memory")
    @app.post("/disk")
    async def take(request: Request) -> dict[str, Any]:
        in_memory = request.url.path == "/memory"
        async with received(request, most_bytes=3_000_000, in_memory=in_memory) as sent:
            assert sent.file is not None
            app.state.rolled.append(sent.file._rolled)  # type: ignore[attr-defined]
            app.state.files.append(sent.file)
            if sent.name == "fail":
                raise RuntimeError("on the way")
            return {"size": sent.size, "name": sent.name, "texts": dict(sent.texts)}

    @app.post("/body")
    async def body(request: Request) -> int:
        return len(await whole_body(request, 100_000))

    return app


class Sender:
    """Speaks to an app as a server would, and notes how much of the body was asked for."""

    def __init__(self, app: FastAPI, path: str, headers: dict[str, str]) -> None:
        self._app, self._path, self._headers = app, path, headers
        self.taken = 0
        self.status = 0
        self.told: dict[bytes, bytes] = {}
        self.body = b""

    def send(self, parts: Callable[[], AsyncIterator[bytes]]) -> int:
        run(self._send, parts)
        return self.status

    async def _send(self, parts: Callable[[], AsyncIterator[bytes]]) -> None:
        source = parts()

        async def receive() -> Message:
            try:
                data = await anext(source)
            except StopAsyncIteration:
                return {"type": "http.request", "body": b"", "more_body": False}
            self.taken += len(data)
            return {"type": "http.request", "body": data, "more_body": True}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status, self.told = message["status"], dict(message["headers"])
            else:
                self.body += message.get("body", b"")

        headers = [(k.lower().encode(), v.encode()) for k, v in self._headers.items()]
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": self._path,
            "headers": headers,
            "query_string": b"",
            "http_version": "1.1",
            "scheme": "http",
            "root_path": "",
        }
        await self._app(scope, receive, send)


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 50_000


@pytest.mark.parametrize("path", ["/memory", "/body"])
def test_a_length_over_the_limit_is_refused_before_reading(door: FastAPI, path: str) -> None:
    told = {"Content-Length": "999999999", "Content-Type": FORM, "Expect": "100-continue"}
    sender = Sender(door, path, told)
    assert sender.send(_endless) == 413
    assert sender.taken == 0
    assert b"urn:exclusion-map:problem:too-large" in sender.body
    assert b"3,000,000 bytes (3 MB)" in sender.body or b"100,000 bytes (0.1 MB)" in sender.body


@pytest.mark.parametrize("length", [{}, {"Content-Length": "10"}])
def test_without_a_length_or_with_a_false_one_bytes_are_counted(
    door: FastAPI, length: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.uploads._DRAINED_BYTES", 200_000)
    sender = Sender(door, "/body", {"Content-Type": "application/json", **length})
    assert sender.send(_endless) == 413
    assert sender.taken <= 100_000 + 50_000 + 200_000 + 50_000

    async def form() -> AsyncIterator[bytes]:
        yield part(b"")[:100]
        async for data in _endless():
            yield data

    sender = Sender(door, "/memory", {"Content-Type": FORM, **length})
    assert sender.send(form) == 413
    assert sender.taken < 4_000_000


def test_what_comes_too_slowly_is_given_up(door: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_UPLOAD_IDLE_SECONDS", "0.1")

    async def stalled() -> AsyncIterator[bytes]:
        yield part(b"LS1 1AA")[:90]
        await anyio.sleep(30)

    sender = Sender(door, "/memory", {"Content-Type": FORM})
    assert sender.send(stalled) == 408
    monkeypatch.setenv("EXCLUSION_MAP_UPLOAD_IDLE_SECONDS", "20")
    monkeypatch.setenv("EXCLUSION_MAP_UPLOAD_RECEIVE_SECONDS", "0.3")

    async def dripping() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await anyio.sleep(0.02)

    sender = Sender(door, "/body", {"Content-Type": "text/plain"})
    assert sender.send(dripping) == 408
    assert sender.told[b"connection"] == b"close"


def test_lists_of_people_never_touch_the_disk_and_nothing_is_left(
    door: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content = b"LS1 1AA\n" * 300_000
    with TestClient(door, raise_server_exceptions=False) as client:
        for path, name, status in (
            ("/memory", "list.csv", 200),
            ("/disk", "big.gpkg", 200),
            ("/memory", "fail", 500),
            ("/disk", "fail", 500),
        ):
            answer = client.post(path, files={"file": (name, content)}, data={"a": "b"})
            assert answer.status_code == status
            assert list(tmp_path.iterdir()) == []
    assert door.state.rolled == [False, True, False, True]
    assert all(file.closed for file in door.state.files)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        (FORM, b"nonsense"),
        (FORM, part(b"x").replace(b'name="file"; ', b"")),
        ("text/plain", b"x"),
    ],
)
def test_forms_that_are_broken_are_refused(door: FastAPI, kind: str, body: bytes) -> None:
    with TestClient(door) as client:
        answer = client.post("/memory", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422


@pytest.fixture
def square(client: TestClient) -> Any:
    """The first two small areas of the tiny edition."""
    level: Level = client.app.state.service.edition.atlas.level(AreaKind.SMALL_AREA)  # type: ignore[attr-defined]
    points = shapely.points(level.longitude[:2], level.latitude[:2])
    return shapely.box(*shapely.buffer(shapely.multipoints(points), 0.04).bounds)


def test_a_boundary_is_read_for_programs(client: TestClient, square: Any) -> None:
    sent = {"file": ("ours.wkt", square.wkt.encode())}
    answer = client.post("/api/v1/boundaries", files=sent)
    assert answer.status_code == 200
    found = answer.json()
    assert found["crs"] == "EPSG:4326"
    assert "does not say" in found["notes"][0]
    assert answer.headers["cache-control"] == "no-store"
    again = client.post("/api/v1/rollup", json={"polygon": found["geometry"]})
    assert again.json()["results"][0]["summary"]["small_areas"] == 2
    for files, words in (({}, "no file"), ({"file": ("x.pdf", b"%PDF")}, "a PDF document")):
        refused = client.post("/api/v1/boundaries", files=files, data={"crs": ""})
        assert refused.status_code == 422
        assert words in refused.json()["detail"]


def test_the_page_takes_boundaries_and_says_what_was_assumed(
    client: TestClient, square: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped = shapely.to_geojson(shapely.transform(square, lambda points: points[:, ::-1]))
    page = client.post("/rollup", files={"file": ("a.json", swapped)}, headers=HTML)
    assert page.status_code == 200
    assert "turned round" in page.text
    assert "these 2 small areas" in page.text
    bomb = client.post(
        "/rollup", files={"file": ("a.zip", b"PK\x03\x04" + bytes(99))}, headers=HTML
    )
    assert bomb.status_code == 422
    assert "There is a problem with the list" in bomb.text
    monkeypatch.setenv("EXCLUSION_MAP_UPLOAD_MAX_BYTES", "1000")
    large = client.post("/rollup", files={"file": ("a.csv", b"x" * 2_000)}, headers=HTML)
    assert large.status_code == 413
    assert "at most 1,000 bytes" in large.text


def test_workbooks_are_lists(client: TestClient) -> None:
    import io

    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet().write_column(0, 0, ["code", "E01000001", "E01000002"])
    page = client.post("/rollup", files={"file": ("a.xlsx", made.getvalue())}, headers=HTML)
    assert "these 2 small areas" in page.text


def test_refusals_of_bodies_are_documented(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for methods in paths.values():
        for operation in methods.values():
            assert "requestBody" not in operation or {"408", "413"} <= operation["responses"].keys()
