from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.routes.archives import MOST_RANGES, UnsatisfiableError, parse_ranges

ARCHIVE = "/tiles/tiny/areas.pmtiles"
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def content(tiny_processed: Path) -> bytes:
    return (tiny_processed / "editions" / "tiny" / "areas.pmtiles").read_bytes()


def test_a_whole_archive(client: TestClient, content: bytes) -> None:
    answer = client.get(ARCHIVE)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/vnd.pmtiles"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in answer.headers


def test_the_current_archive_has_an_address_without_the_edition(client: TestClient) -> None:
    answer = client.get("/tiles/areas.pmtiles", headers={"Range": "bytes=0-6"})
    assert answer.content == b"PMTiles"
    assert answer.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-126", 0, 126), ("127-", 127, None), ("-10", -10, None), ("5-999999", 5, None)],
)
def test_a_range(
    client: TestClient, content: bytes, asked: str, first: int, last: int | None
) -> None:
    answer = client.get(ARCHIVE, headers={"Range": f"bytes={asked}"})
    begin = first if first >= 0 else len(content) + first
    end = len(content) - 1 if last is None else last
    assert answer.status_code == 206
    assert answer.content == content[begin : end + 1]
    assert answer.headers["content-range"] == f"bytes {begin}-{end}/{len(content)}"
    assert int(answer.headers["content-length"]) == end - begin + 1


def test_several_ranges_come_as_parts(client: TestClient, content: bytes) -> None:
    answer = client.get(ARCHIVE, headers={"Range": "bytes=0-6, 10-19,-1"})
    assert answer.status_code == 206
    kind, _, mark = answer.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    parts = answer.content.split(f"\r\n--{mark}".encode())
    assert parts[0] == b""
    assert parts[-1] == b"--\r\n"
    bodies = [part.split(b"\r\n\r\n", 1)[1] for part in parts[1:-1]]
    assert bodies == [content[:7], content[10:20], content[-1:]]
    assert f"Content-Range: bytes 10-19/{len(content)}".encode() in parts[2]
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("asked", ["99999999-", "-0", ",".join(["0-1"] * (MOST_RANGES + 1))])
def test_a_range_that_cannot_be_sent(client: TestClient, content: bytes, asked: str) -> None:
    answer = client.get(ARCHIVE, headers={"Range": f"bytes={asked}"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(content)}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("asked", ["items=0-1", "bytes=", "bytes=9-3", "bytes=a-b", "bytes=-", "٣"])
def test_what_is_no_range_is_passed_over(client: TestClient, asked: str, content: bytes) -> None:
    answer = client.get(ARCHIVE, headers={"Range": asked.encode()})
    assert (answer.status_code, answer.content) == (200, content)


def test_a_range_only_of_the_same_file(client: TestClient, content: bytes) -> None:
    etag = client.head(ARCHIVE).headers["etag"]
    headers = {"Range": "bytes=0-6"}
    same = client.get(ARCHIVE, headers={**headers, "If-Range": etag})
    assert (same.status_code, same.content) == (206, b"PMTiles")
    for other in ('"older"', f"W/{etag}", "Sun, 22 Nov 2026 10:00:00 GMT"):
        answer = client.get(ARCHIVE, headers={**headers, "If-Range": other})
        assert (answer.status_code, answer.content) == (200, content)


def test_an_archive_that_is_held_is_not_sent_again(client: TestClient) -> None:
    etag = client.head(ARCHIVE).headers["etag"]
    answer = client.get(ARCHIVE, headers={"If-None-Match": etag, "Range": "bytes=0-6"})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag


def test_head_tells_what_get_would_send(client: TestClient, content: bytes) -> None:
    whole = client.head(ARCHIVE)
    assert (whole.status_code, whole.content) == (200, b"")
    assert int(whole.headers["content-length"]) == len(content)
    part = client.head(ARCHIVE, headers={"Range": "bytes=0-6"})
    assert (part.status_code, part.headers["content-length"]) == (206, "7")


def test_other_sites_may_read_ranges(client: TestClient) -> None:
    answer = client.get(ARCHIVE, headers={"Range": "bytes=0-6", "Origin": "https://a.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = answer.headers["access-control-expose-headers"]
    assert {"ETag", "Content-Range", "Content-Length"} <= set(exposed.split(", "))


@pytest.mark.parametrize("path", [ARCHIVE, "/tiles/areas.pmtiles", "/tiles/tiny/areas/6/31/21.mvt"])
def test_a_preflight_is_answered(client: TestClient, path: str) -> None:
    asks = {
        "Origin": "https://a.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "range,if-none-match",
    }
    answer = client.options(path, headers=asks)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "GET" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert allowed == "*" or {"range", "if-none-match"} <= set(allowed.split(", "))


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/roads.pmtiles",
        "/tiles/wards.pmtiles",  # a tileset, but not of this edition
        "/tiles/older/areas.pmtiles",
        "/tiles/a/tiny/areas.pmtiles",
        "/tiles/..%2F..%2Fareas.pmtiles",
    ],
)
def test_no_such_archive(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_other_methods_are_refused(client: TestClient) -> None:
    answer = client.put(ARCHIVE)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_ranges_are_read_as_the_standard_says() -> None:
    # RFC 9110, 14.1.2: a file of 10,000 bytes.
    assert parse_ranges("bytes=0-499", 10_000) == [(0, 500)]
    assert parse_ranges("bytes=-500", 10_000) == [(9500, 10_000)]
    assert parse_ranges("bytes=9500-", 10_000) == [(9500, 10_000)]
    assert parse_ranges("bytes= 0-0, 500-999, -1", 10_000) == [(0, 1), (500, 1000), (9999, 10_000)]
    assert parse_ranges("", 10_000) is None
    with pytest.raises(UnsatisfiableError):
        parse_ranges("bytes=10000-", 10_000)
