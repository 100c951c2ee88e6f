"""Requests that no browser sends: paths that lead out, poisoned hosts, headers with no end."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import uvicorn
from starlette.testclient import TestClient

from api.app import create_app
from api.bounded_heads import MOST_HEAD_BYTES, BoundedHeads
from api.middleware import content_security_policy
from exclusion_map.accounts import Role
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

from .directory_apps import directory_client
from .route_table import addresses
from .signed_in import FROM_US, PAGE, PASSWORD, csrf_of, sign_in

EVIL = "evil.example"
SECRET = "root:"
OUT = (
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5cetc%5cpasswd",
    "....//....//etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..%00/etc/passwd",
    "manifest.json%00.parquet",
    "..;/manifest.json",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
)
PLACES = (
    "/static/{}",
    "/tiles/{}.pmtiles",
    "/tiles/tiny/{}.pmtiles",
    "/tiles/{}/areas.pmtiles",
    "/tiles/{}/0/0/0.mvt",
    "/tiles/{}.json",
    "/api/v1/editions/tiny/files/{}",
    "/api/v1/editions/{}/files/manifest.json",
    "/api/v1/editions/{}/outlines/small_area.json",
    "/api/v1/editions/{}/datapackage.json",
    "/api/v1/download/{}",
    "/api/v1/download/areas.{}",
    "/api/v1/areas/{}/outline",
    "/api/v1/help-anywhere/{}",
    "/legends/{}.svg",
    "/styles/{}.json",
    "/import/{}/rows.csv",
    "/docs/{}",
)


@pytest.fixture(scope="module")
def directory(
    tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('attacks') / 'x.db'}"
    with directory_client(tiny_processed, url) as made:
        yield made


@pytest.mark.parametrize("place", PLACES)
def test_no_path_leads_out(client: TestClient, place: str) -> None:
    for way in OUT:
        raw = place.format(way)
        answer = client.get(raw)
        assert answer.status_code in (400, 404, 405, 422), raw
        assert SECRET not in answer.text
        # As a server hands it over that does not fold dots: decoded, and nothing resolved.
        assert raw_status(client, raw) in (400, 404, 405, 422), raw


def raw_status(client: TestClient, path: str, *headers: tuple[bytes, bytes]) -> int:
    """Return the status of a request whose path no client has touched."""
    statuses: list[int] = []

    async def asked() -> None:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": unquote(path.partition("?")[0]),
            "raw_path": path.partition("?")[0].encode(),
            "query_string": path.partition("?")[2].encode(),
            "root_path": "",
            "headers": [(b"host", b"testserver"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "state": {},
        }

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(int(str(message["status"])))

        await client.app(scope, receive, send)  # type: ignore[arg-type]

    assert client.portal is not None
    client.portal.call(asked)
    return statuses[0]


def test_a_host_of_somebody_else_gets_nowhere(directory: TestClient) -> None:
    """No link, redirect or invitation takes the host a request names where one is set."""
    settings = directory.app.state.settings  # type: ignore[attr-defined]
    object.__setattr__(settings, "base_url", "https://map.example.org")
    try:
        for path in ("/", "/ogc/", "/ogc/collections", "/sign-in", "/api/v1/catalog.jsonld"):
            answer = directory.get(path, headers={"host": EVIL, "x-forwarded-host": EVIL})
            assert EVIL not in answer.text, path
            assert EVIL not in str(answer.headers), path
    finally:
        object.__setattr__(settings, "base_url", "")


def test_forwarded_hosts_are_never_believed(directory: TestClient) -> None:
    for name in ("x-forwarded-host", "forwarded", "x-host", "x-original-url", "x-rewrite-url"):
        answer = directory.get("/ogc/", headers={name: f"host={EVIL}"})
        assert EVIL not in answer.text
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%5cevil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "/..//evil.example",
        "/account\r\nSet-Cookie: a=b",
    ],
)
def test_signing_in_goes_on_to_pages_of_ours_only(directory: TestClient, to: str) -> None:
    sign_in(directory, Role.VIEWER)
    fresh = TestClient(directory.app, raise_server_exceptions=False, follow_redirects=False)
    data = {"csrf": csrf_of(fresh), "email": "viewer@example.org", "password": PASSWORD, "next": to}
    answer = fresh.post("/sign-in", data=data, headers=PAGE | FROM_US)
    assert answer.status_code == 303
    goes = answer.headers["location"]
    parts = urlsplit(goes)
    assert (parts.scheme, parts.netloc) == ("", ""), goes
    assert goes.startswith("/")
    assert not goes.startswith(("//", "/\\"))
    assert not {"\r", "\n", "\t"} & set(goes)
    assert "a" not in answer.cookies


def test_no_parameter_writes_a_header(client: TestClient) -> None:
    split = "x%0d%0aSet-Cookie:%20evil=1%0d%0a%0d%0a<script>"
    paths = [
        f"/search?q={split}",
        f"/api/v1/areas?within={split}",
        f"/api/v1/download/areas.csv?where={split}",
        f"/api/v1/download/map.html?title={split}",
        f"/api/v1/static-map.svg?title={split}",
        f"/tiles/{split}.json",
        f"/support?utm_source={split}",
        f"/support?q={split}&utm_source=1",
        f"/areas/{split}",
    ]
    for path in paths:
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code < 500, path
        assert "evil" not in str(answer.headers.get("set-cookie")), path
        for name, value in answer.headers.items():
            assert not {"\r", "\n"} & set(name + value), path


def test_the_policy_stands_on_every_answer_that_is_a_page(directory: TestClient) -> None:
    """Errors too: not found, not allowed, too large, not readable, not signed in, no database."""
    policy = content_security_policy([])
    assert "unsafe" not in policy
    html = {"accept": "text/html"}
    asked = [
        directory.get("/nothing", headers=html),
        directory.post("/areas", headers=html),
        directory.get("/areas?kind=planet", headers=html),
        directory.get("/people", headers=html, follow_redirects=False),
        directory.post("/sign-in", headers=html),
        directory.get("/static/nothing.js", headers=html),
        directory.post("/rollup", content=b"\xff" * 100, headers=html),
    ]
    assert {one.status_code for one in asked} >= {303, 403, 404, 405, 422}
    for one in asked:
        assert one.headers["content-security-policy"] == policy
        assert one.headers["x-content-type-options"] == "nosniff"


def test_a_packed_body_is_not_unpacked(client: TestClient) -> None:
    """Nobody unpacks what a request brings: a bomb is so many bytes of no JSON."""
    bomb = gzip.compress(b'{"where": ["' + b"A" * 20_000_000 + b'"]}')
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
        headers = {"content-encoding": coding, "content-type": "application/json"}
        answer = client.post("/api/v1/rollup", content=bomb, headers=headers)
        assert answer.status_code in (400, 415, 422)


def test_long_addresses_and_many_parameters_are_answered(client: TestClient) -> None:
    for path in (
        "/search?q=" + "a" * 200_000,
        "/areas?within=" + "E" * 200_000,
        "/areas?" + "&".join(f"x{n}=1" for n in range(5_000)),
        "/areas/" + "E" * 100_000,
        "/tiles/" + "9" * 10_000 + "/1/1/1.mvt",
        "/tiles/areas/" + "9" * 6_000 + "/1/1.mvt",
        "/api/v1/areas?page=" + "9" * 6_000,
    ):
        assert raw_status(client, path) in (200, 404, 414, 422), path[:60]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"range", b"bytes=" + b"9" * 6_000 + b"-"),
        (b"range", b"bytes=0-" + b"9" * 6_000),
        (b"range", b"bytes=" + b"0-1," * 5_000),
        (b"range", b"\xff\xfe\x00"),
        (b"if-none-match", b'"a",' * 20_000),
        (b"if-none-match", b"\xff" * 100),
        (b"if-range", b"\xff" * 100),
        (b"accept", b"text/html;q=" + b"9" * 6_000),
        (b"accept", b"text/html," * 20_000),
        (b"accept-encoding", b"gzip;q=nan,*;q=inf"),
        (b"cookie", b"em-session=" + b"a" * 50_000),
        (b"cookie", b"em-form=\xff\xfe;" * 500),
        (b"authorization", b"Bearer " + b"a" * 50_000),
        (b"authorization", b"Bearer \xff\x00"),
        (b"authorization", b"Basic %%%"),
        (b"if-match", b'"' + b"9" * 6_000 + b'"'),
        (b"if-modified-since", b"\xff"),
        (b"content-length", b"9" * 6_000),
        (b"content-length", b"-1"),
        (b"content-type", b"multipart/form-data; boundary=" + b"x" * 20_000),
        (b"accept-language", b"\xff" * 200),
        (b"x-forwarded-for", b"1," * 20_000),
    ],
)
def test_no_header_breaks_an_answer(directory: TestClient, name: bytes, value: bytes) -> None:
    for path in (
        "/",
        "/tiles/areas.pmtiles",
        "/tiles/areas/7/63/42.mvt",
        "/api/v1/areas",
        "/account",
    ):
        assert raw_status(directory, path, (name, value)) < 500, path


@pytest.fixture(scope="module")
def port(tiny_processed: Path) -> Iterator[int]:
    """A port of the service as it is served, with the same bounds on heads."""
    app = create_app(
        ServiceSettings(),
        DataSettings(processed_dir=tiny_processed),
        DatabaseSettings(database_url="none"),
    )
    config = uvicorn.Config(app, port=0, log_level="critical", access_log=False, http=BoundedHeads)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 180
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.02)
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(timeout=10)


def said(port: int, *parts: bytes) -> bytes:
    """Send bytes as they are; return the answers."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as held:
        try:
            for part in parts:
                held.sendall(part)
            held.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it closed already
        found = b""
        try:
            while part := held.recv(65_536):
                found += part
        except OSError:
            pass
        return found


def test_heads_without_end_are_refused(port: int) -> None:
    begin = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    for more in (b"X-Long: ", b"Cookie: "):
        endless = said(port, begin + more, *[b"a" * 16_384] * 40)
        assert endless.startswith(b"HTTP/1.1 431 ") or not endless
    many = said(port, begin, *[b"X: y\r\n" * 2_000] * 40)
    assert many.startswith(b"HTTP/1.1 431 ") or not many
    address = said(port, b"GET /", *[b"a" * 16_384] * 40)
    assert address.startswith(b"HTTP/1.1 431 ") or not address
    assert MOST_HEAD_BYTES < 40 * 16_384
    assert b" 200 " in said(port, begin + b"X: " + b"a" * 20_000 + b"\r\n\r\n")[:40]


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 6\r\nContent-Length: 7\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Content-Length: +6\r\n",
        b"Content-Length : 6\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Content-Length: 6\r\n Transfer-Encoding: chunked\r\n",
    ],
)
def test_no_request_hides_in_another(port: int, head: bytes) -> None:
    """What two servers could read differently is refused, and what follows is not answered."""
    hidden = b"0\r\n\r\nGET /api/v1/edition HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = said(port, b"POST /api/v1/rollup HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n" + hidden)
    assert answer.count(b"HTTP/1.1 200") == 0, answer[:300]
    assert b'"edition"' not in answer


def test_every_address_is_known_to_these_tests(client: TestClient) -> None:
    """Addresses that take a name of a file stand in PLACES."""
    table = addresses(client.app)  # type: ignore[arg-type]
    naming = {one.path for one in table if "{name}" in one.path}
    assert naming == {"/api/v1/editions/{edition}/files/{name}"}, json.dumps(sorted(naming))
