"""Clients that are slow, silent or too many: each is hung up on in time, and nobody else waits."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from api import bounded_heads
from api.app import create_app
from api.operations.stopping import PoliteServer
from api.protocol import protocol
from exclusion_map.settings import (
    DatabaseSettings,
    DataSettings,
    OperationsSettings,
    ServiceSettings,
)

HOST = b"Host: x\r\n"
ASK = b"GET /api/v1/edition HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /api/v1/scores HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
AT_ONCE = 2
WAIT_S = 20


@pytest.fixture(scope="module")
def app(tiny_processed: Path) -> FastAPI:
    return create_app(
        ServiceSettings(),
        DataSettings(processed_dir=tiny_processed),
        DatabaseSettings(database_url="none"),
        OperationsSettings(requests_at_once=AT_ONCE, log_requests="none"),
    )


@pytest.fixture(scope="module")
def port(app: FastAPI) -> Iterator[int]:
    """A port of the service as it is served."""
    kind = protocol(app.state.crowd, app.state.observing)
    config = uvicorn.Config(app, port=0, log_config=None, http=kind, ws="none")
    server = PoliteServer(config, app.state)
    app.state.served_by = server
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _until(lambda: server.started)
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_heads, "PATIENCE_S", 0.5)


def _until(met: object) -> None:
    assert callable(met)
    until = time.monotonic() + WAIT_S
    while not met():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)


def _open(port: int, *parts: bytes) -> socket.socket:
    held = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
    for part in parts:
        held.sendall(part)
    return held


def _to_the_end(held: socket.socket) -> bytes:
    """Return what comes until the service hangs up."""
    found = b""
    try:
        while part := held.recv(65_536):
            found += part
    except ConnectionResetError:
        pass
    held.close()
    return found


def _breaks_off(held: socket.socket, part: bytes, *, every_s: float) -> bool:
    """Send the same over and over; return whether the service hung up."""
    until = time.monotonic() + WAIT_S
    with held:
        while time.monotonic() < until:
            try:
                held.sendall(part)
            except OSError:
                return True
            time.sleep(every_s)
    return False


def _status(port: int, ask: bytes = ASK) -> int:
    held = _open(port, ask)
    found = held.recv(65_536)
    held.close()
    return int(found[9:12])


def _full(port: int) -> list[socket.socket]:
    """Take every place there is with requests whose body does not come."""
    held = [_open(port, POST, b"Content-Length: 9\r\n\r\n") for _ in range(AT_ONCE)]
    _until(lambda: _status(port) == 503)
    return held


def test_silence_and_half_heads_end(port: int, impatient: None) -> None:
    silent, half = _open(port), _open(port, b"GET / HTTP/1.1\r\nX: ")
    assert _to_the_end(half).startswith(b"HTTP/1.1 408 ")
    assert _to_the_end(silent) == b""


def test_a_head_of_a_byte_now_and_then_ends(port: int, impatient: None) -> None:
    held = _open(port, b"GET / HT")
    assert _breaks_off(held, b"x", every_s=0.1)


def test_places_that_bodies_hold_come_free(port: int, impatient: None) -> None:
    held = _full(port)
    _until(lambda: _status(port) == 200)
    for one in held:
        assert _to_the_end(one) == b""


def test_who_does_not_read_is_hung_up_on(app: FastAPI, port: int, impatient: None) -> None:
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    held.connect(("127.0.0.1", port))
    # More than the system keeps on the way: the service waits with the rest.
    held.sendall((b"GET /api/v1/openapi.json HTTP/1.1\r\n" + HOST + b"\r\n") * 20)
    ours = held.getsockname()[1]
    _until(lambda: ours in _clients(app))
    _until(lambda: ours not in _clients(app))
    _until(lambda: not app.state.crowd.within)
    held.close()


def _clients(app: FastAPI) -> set[int]:
    return {one.client[1] for one in tuple(app.state.served_by.server_state.connections)}


def test_answers_at_the_least_rate_go_on(port: int, impatient: None) -> None:
    """A slow body that keeps to the rate is waited for beyond the first seconds."""
    held = _open(port, POST, b"Content-Length: 1600\r\n\r\n")
    for _ in range(16):
        held.sendall(b" " * 100)
        time.sleep(0.1)
    assert held.recv(4_096).startswith(b"HTTP/1.1 422")
    held.close()


def test_one_too_many_gets_a_page_in_a_browser(port: int) -> None:
    held = _full(port)
    try:
        for method in (b"GET", b"POST"):
            ask = method + b" /areas HTTP/1.1\r\n" + HOST + b"Connection: close\r\n"
            ask += (
                b"Accept: text/html,application/xml;q=0.9,*/*;q=0.8\r\nContent-Length: 2\r\n\r\n{}"
            )
            head, _, body = _to_the_end(_open(port, ask)).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert b"content-type: text/html; charset=utf-8" in head
            assert b"retry-after: " in head
            assert b"<h1>The service is busy</h1>" in body
    finally:
        for one in held:
            one.close()
    _until(lambda: _status(port) == 200)


def test_one_too_many_is_refused_in_full(port: int) -> None:
    held = _full(port)
    try:
        for method in (b"GET", b"HEAD", b"POST"):
            ask = method + b" /api/v1/search?q=%22a%22 HTTP/1.1\r\n" + HOST
            ask += b"Content-Length: 2\r\n\r\n{}" if method == b"POST" else b"\r\n"
            answer = _to_the_end(_open(port, ask.replace(HOST, HOST + b"Connection: close\r\n")))
            head, _, body = answer.partition(b"\r\n\r\n")
            lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
            assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert 1 <= int(lines[b"retry-after"]) <= 5
            assert lines[b"content-type"] == b"application/problem+json"
            assert lines[b"connection"] == b"close"
            assert b"frame-ancestors 'none'" in lines[b"content-security-policy"]
            assert len(lines[b"x-request-id"]) == 32
            # HEAD is told the length that GET would have (RFC 9110, 8.6), and gets nothing more.
            assert (int(lines[b"content-length"]) == len(body)) is (method != b"HEAD")
            assert (lines[b"x-request-id"] in body) is (method != b"HEAD")
            assert body or method == b"HEAD"
    finally:
        for one in held:
            one.close()
    _until(lambda: _status(port) == 200)


def test_a_refused_connection_is_kept_in_order(port: int) -> None:
    """A body that a refused request has is let go of; what follows on it is answered."""
    held = _full(port)
    try:
        with_body = ASK.replace(HOST, HOST + b"Content-Length: 12\r\n") + b"GET /x HTTP/"
        probe = b"GET /livez HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        answer = _to_the_end(_open(port, with_body + ASK + probe))
        found = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
        assert found == [503, 503, 200]
        old = _to_the_end(_open(port, b"GET /api/v1/edition HTTP/1.0\r\n\r\n"))
        assert old.startswith(b"HTTP/1.1 503 ")
    finally:
        for one in held:
            one.close()


def test_fields_after_a_body_end(port: int) -> None:
    held = _open(port, POST, b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
    assert _breaks_off(held, b"X-More: " + b"y" * 1_000 + b"\r\n", every_s=0.001)


def test_too_many_connections_are_told_so(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_heads, "MOST_CONNECTIONS", 8)
    held = [_open(port) for _ in range(8)]
    _until(lambda: _to_the_end(_open(port)).startswith(b"HTTP/1.1 503 "))
    for one in held:
        one.close()
    _until(lambda: _status(port) == 200)


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (b"GET http://x/livez HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        (b"GET /livez HTTP/1.0\r\n\r\n", 200),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (
            b"POST /api/v1/scores HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
        ),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
        (
            b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            200,
        ),
        (b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    ],
)
def test_unusual_requests(port: int, ask: bytes, status: int) -> None:
    assert _status(port, ask) == status
