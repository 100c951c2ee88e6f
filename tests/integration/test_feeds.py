"""Feeds of Open Referral UK over real sockets: whole or not at all, and never from inside."""

import ipaddress
import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from exclusion_map.directory.feeds import Feed, read_feed
from exclusion_map.directory.feeds.feed import services_address
from exclusion_map.directory.feeds.gate import Gate, RefusedError, is_public
from exclusion_map.directory.feeds.pages import page_of
from exclusion_map.errors import FetchError
from exclusion_map.settings import FeedSettings

from .feed_publisher import SERVICES, Asked, Publisher, publishing

EXAMPLES = Path(__file__).resolve().parents[3] / "shared/data/open-referral-uk/examples"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing(SERVICES) as made:
        yield made


def feed(publisher: Publisher, address: str = "", **settings: Any) -> Feed:
    allowed = FeedSettings(**{"feeds_allowed": publisher.host, **settings})
    return read_feed(address or publisher.address, settings=allowed)


def test_every_page_and_each_service_whole(publisher: Publisher) -> None:
    told: list[tuple[int, int]] = []
    settings = FeedSettings(feeds_allowed=publisher.host)
    found = read_feed(publisher.address, settings=settings, progress=lambda *at: told.append(at))
    assert list(found.services) == SERVICES
    assert (found.pages, found.complete, found.notes) == (3, True, ())
    assert told == [(number, 5) for number in range(1, 6)]
    assert found.address == f"{publisher.address}/services"
    assert sum("/services?" in path for path in publisher.seen) == 3


def test_the_examples_of_the_standard() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip("the examples of Open Referral UK are not here")
    service = json.loads((EXAMPLES / "service_full.json").read_text())
    listed = json.loads((EXAMPLES / "service_list.json").read_text())
    with publishing([service]) as publisher:

        def page(asked: Asked) -> bool:
            whole = {**listed, "total_pages": 1, "total_items": 1, "last_page": True}
            return asked.route.endswith("/services") and asked.send(200, whole)

        publisher.instead.append(page)
        assert feed(publisher).services == (service,)


@pytest.mark.parametrize(
    "page",
    [
        {"contents": SERVICES, "total_pages": 1},
        {"content": SERVICES, "totalPages": 1, "last": True},
        {"items": SERVICES, "last_page": True},
        {"services": SERVICES, "total_pages": 1},
        SERVICES,
    ],
)
def test_pages_as_they_are_met(publisher: Publisher, page: Any) -> None:
    def answer(asked: Asked) -> bool:
        return asked.send(200, page if asked.query["page"] == "1" else [])

    publisher.instead.append(answer)
    # They are whole as they are listed: none is asked for once more.
    assert list(feed(publisher).services) == SERVICES
    assert all("?" in path for path in publisher.seen)


def test_what_is_asked_with_the_address_goes_along(publisher: Publisher) -> None:
    feed(publisher, f"{publisher.address}/services/?key=a%20b")
    assert all("key=a+b" in path or "key=a%20b" in path for path in publisher.seen)


def test_a_passing_fault_is_tried_again_as_the_publisher_asks(publisher: Publisher) -> None:
    times: list[float] = []

    def busy(asked: Asked) -> bool:
        times.append(time.monotonic())
        return len(times) == 1 and asked.send(429, {}, Retry_After="1")

    publisher.instead.append(busy)
    assert len(feed(publisher).services) == 5
    assert times[1] - times[0] >= 1


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"oops", "HTTP 500 (3 tries)"),
        (403, b"no", "HTTP 403 Forbidden"),
        (404, b"no", "HTTP 404"),
        (200, b"<html>", "text that begins '<html>'"),
        (200, b"[" * 200_000, "text that begins"),
        (200, b'{"error": 1}', "an object with error"),
        (200, b'"text"', "a str"),
        (200, b'{"contents": [{"name": "no id"}]}', "an entry without an id"),
        (200, b'{"contents": ["x"]}', "an entry without an id"),
    ],
)
def test_what_is_no_feed_is_refused(
    publisher: Publisher, status: int, body: bytes, words: str
) -> None:
    publisher.instead.append(lambda asked: asked.send(status, body))
    with pytest.raises(FetchError) as caught:
        feed(publisher)
    assert words in caught.value.message
    assert "EXCLUSION_MAP_RAW_DIR" not in caught.value.message


def test_a_fault_at_the_end_loads_nothing(publisher: Publisher) -> None:
    last = SERVICES[-1]["id"]
    publisher.instead.append(lambda asked: last in asked.route and asked.send(500, {}))
    with pytest.raises(FetchError, match=rf"service {last}.*HTTP 500"):
        feed(publisher)


def test_a_service_that_is_gone_is_left_out_and_told(publisher: Publisher) -> None:
    last = SERVICES[-1]["id"]
    publisher.instead.append(lambda asked: last in asked.route and asked.send(404, {}))
    found = feed(publisher)
    assert len(found.services) == 4
    assert not found.complete
    assert found.notes == ("1 services that pages list could not be found and were left out.",)


def test_another_service_than_asked_for_is_refused(publisher: Publisher) -> None:
    publisher.instead.append(lambda asked: "?" not in asked.path and asked.send(200, SERVICES[0]))
    with pytest.raises(FetchError, match="another service"):
        feed(publisher)


def test_pages_without_end(publisher: Publisher) -> None:
    def more(asked: Asked) -> bool:
        number = asked.query["page"]
        return asked.send(200, {"contents": [{**SERVICES[0], "id": number}]})

    publisher.instead.append(more)
    with pytest.raises(FetchError, match="more than 20 pages"):
        feed(publisher, feeds_max_pages=20)
    with pytest.raises(FetchError, match="more than 7 services"):
        feed(publisher, feeds_max_services=7)
    with pytest.raises(FetchError, match="more than 1,000 bytes"):
        feed(publisher, feeds_max_bytes=1000)


def test_the_same_page_over_and_over(publisher: Publisher) -> None:
    publisher.instead.append(lambda asked: asked.send(200, {"contents": SERVICES}))
    with pytest.raises(FetchError, match="services of pages before it"):
        feed(publisher)


def test_fewer_services_than_it_says(publisher: Publisher) -> None:
    page = {"contents": SERVICES, "total_items": 9, "last_page": True}
    publisher.instead.append(lambda asked: asked.send(200, page))
    found = feed(publisher)
    assert not found.complete
    assert found.notes == ("The feed says it has 9 services and gave 5.",)


def test_a_feed_that_dribbles_is_left(publisher: Publisher) -> None:
    def slow(asked: Asked) -> bool:
        asked.send_response(200)
        asked.send_header("Content-Length", "100000")
        asked.end_headers()
        for _ in range(100):
            asked.wfile.write(b" ")
            time.sleep(0.05)
        return True

    publisher.instead.append(slow)
    with pytest.raises(FetchError, match="no end after 1 seconds"):
        feed(publisher, feeds_max_seconds=1)


def test_headers_that_dribble_are_left_too(publisher: Publisher) -> None:
    def slow(asked: Asked) -> bool:
        asked.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(1_200):
            asked.wfile.write(b"x")
            asked.wfile.flush()
            time.sleep(0.05)
        return True

    publisher.instead.append(slow)
    began = time.monotonic()
    with pytest.raises(FetchError):
        feed(publisher, feeds_max_seconds=1)
    assert time.monotonic() - began < 30


INSIDE = [
    "http://127.0.0.1/",
    "http://localhost:1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://192.168.0.1/",
    "http://172.16.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://127.1/",
]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_refused(address: str) -> None:
    with pytest.raises(RefusedError, match="not on the public internet") as caught:
        read_feed(address, settings=FeedSettings(feeds_allowed=""))
    # What a name stands for inside the network is not told.
    assert "169.254" not in caught.value.found


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://x",
        "",
        "example.org",
        "http://",
        "javascript:1",
    ],
)
def test_what_is_no_web_address(address: str) -> None:
    with pytest.raises(FetchError, match="a web address"):
        read_feed(address)


def test_names_and_passwords_are_refused() -> None:
    with pytest.raises(RefusedError, match="a name and password"):
        read_feed("http://ada:secret@example.org/")


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest", "http://localhost:1/services"])
def test_a_redirect_to_the_inside_is_refused(publisher: Publisher, to: str) -> None:
    publisher.instead.append(lambda asked: asked.send(302, {}, Location=to))
    with pytest.raises(RefusedError, match="not on the public internet"):
        feed(publisher)
    assert len(publisher.seen) == 1


def test_redirects_without_end(publisher: Publisher) -> None:
    publisher.instead.append(lambda asked: asked.send(302, {}, Location=asked.path))
    with pytest.raises(FetchError, match="redirect"):
        feed(publisher)


def test_a_name_that_changes_its_mind_reaches_nothing(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that says a public address first and ours next: only the first is used."""
    asked: list[str] = []
    real = socket.getaddrinfo
    port = publisher.server_address[1]

    def change(host: str, *rest: Any, **more: Any) -> Any:
        if host != "rebinding.test":
            return real(host, *rest, **more)
        asked.append(host)
        address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", change)
    # 192.0.2.1 is kept for documentation: for this test it counts as public.
    monkeypatch.setattr(
        "exclusion_map.directory.feeds.gate.is_public",
        lambda address: str(address) == "192.0.2.1",
    )
    with Gate() as gate, httpx2.Client(transport=gate, timeout=0.3) as client:
        url = httpx2.URL(f"http://rebinding.test:{port}/")
        with pytest.raises((httpx2.TransportError, RefusedError)):
            client.get(url)
        assert asked == ["rebinding.test"]
        with pytest.raises(RefusedError):
            client.get(url)
    assert publisher.seen == []


def test_the_checked_address_is_asked_under_its_own_name(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = publisher.server_address[1]
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: real(
            "127.0.0.1" if host == "feed.test" else host, *rest, **more
        ),
    )
    hosts: list[str] = []
    publisher.instead.append(lambda asked: bool(hosts.append(asked.headers["Host"])))
    found = feed(publisher, f"http://feed.test:{port}/openreferral", feeds_allowed="feed.test")
    assert len(found.services) == 5
    assert set(hosts) == {f"feed.test:{port}"}


def test_certificates_are_for_the_name_not_the_address(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS to the checked address asks for the certificate of the name, and no other will do."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    wanted = ["-subj", "/CN=feed.test", "-addext", "subjectAltName=DNS:feed.test"]
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([program, *made, *wanted, *files], check=True, capture_output=True)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, key)
    publisher.socket = own.wrap_socket(publisher.socket, server_side=True)
    trusted = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr("exclusion_map.directory.feeds.gate.certificates", lambda: trusted)
    real, port = socket.getaddrinfo, publisher.server_address[1]
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, *rest, **more: real("127.0.0.1", *rest, **more)
    )
    found = feed(publisher, f"https://feed.test:{port}/openreferral", feeds_allowed="feed.test")
    assert len(found.services) == 5
    with pytest.raises(FetchError, match=r"cannot be reached.*CERTIFICATE_VERIFY_FAILED"):
        feed(publisher, f"https://other.test:{port}/openreferral", feeds_allowed="other.test")


def test_an_unknown_name_and_a_closed_port(publisher: Publisher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be reached"):
        feed(publisher, f"http://127.0.0.1:{port}/", feeds_allowed="127.0.0.1")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::", True),
        ("198.18.0.1", False),
        ("240.0.0.1", False),
        ("::", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("2001::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("https://a.org", "https://a.org/services"),
        ("https://a.org/v3/", "https://a.org/v3/services"),
        (" https://a.org/services/ ", "https://a.org/services/"),
        ("https://a.org/services?x=1", "https://a.org/services?x=1"),
    ],
)
def test_addresses_of_services(typed: str, asked: str) -> None:
    assert str(services_address(typed)) == asked


def test_a_page_that_counts_in_words_is_still_a_page() -> None:
    page = page_of({"contents": [], "total_pages": "3", "total_items": True}, "x")
    assert (page.total_pages, page.total_items) == (None, None)
