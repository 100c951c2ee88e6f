"""Whole tile archives by ranges, for clients that read PMTiles themselves (RFC 9110, part 14)."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import plain_problem, problem_of
from api.holder import Holder
from api.negotiation import matches
from api.tile_answers import METHODS, PREFIX, Header, cache_header, refusal, send_answer
from exclusion_map.errors import ExclusionMapError, NotFoundError
from exclusion_map.tiles.archive import TileArchive
from exclusion_map.tiles.tilesets import TILESETS

SUFFIX = ".pmtiles"
MEDIA_TYPE = b"application/vnd.pmtiles"
MOST_RANGES = 16
"""Ranges of one request; more are refused."""
_CHUNK = 1 << 18
_DIGITS = 20
_NOSTORE: Header = (b"cache-control", b"no-store")

Range = tuple[int, int]
"""First byte, and the one after the last."""


class UnsatisfiableError(ValueError):
    """No byte of the file lies in the ranges that were asked for, or they are too many."""


@dataclass(frozen=True, slots=True)
class _File:
    archive: TileArchive
    headers: list[Header]
    etag: str


class ArchiveServer:
    """Answers addresses of archives and passes everything else on."""

    def __init__(self, app: ASGIApp, holder: Holder) -> None:
        self.app = app
        self._holder = holder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for an archive or parts of it."""
        path = scope.get("path", "")
        if (
            scope["type"] != "http"
            or not (path.startswith(PREFIX) and path.endswith(SUFFIX))
            or scope["method"] == "OPTIONS"
        ):
            await self.app(scope, receive, send)
            return
        if scope["method"] not in METHODS:
            problem = plain_problem(405, "Archives can only be read.", path)
            await send_answer(refusal(problem, (b"allow", b"GET, HEAD, OPTIONS")), scope, send)
            return
        try:
            file = self._find(path)
        except ExclusionMapError as error:
            await send_answer(refusal(problem_of(error, path), _NOSTORE), scope, send)
            return
        await _answer(file, path, scope, send)

    def _find(self, path: str) -> _File:
        *edition, tileset = path[len(PREFIX) : -len(SUFFIX)].split("/")
        if len(edition) > 1 or tileset not in TILESETS:
            raise _no_archive(path)
        service = self._holder.named(edition[0]) if edition else self._holder.require()
        archive = service.edition.tiles.get(tileset)
        if archive is None:
            raise _no_archive(path)
        etag = f'"{service.edition.id}-{tileset}"'
        headers = [*_SHARED, cache_header(immutable=bool(edition)), (b"etag", etag.encode())]
        return _File(archive, headers, etag)


_SHARED: list[Header] = [
    (b"accept-ranges", b"bytes"),
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Accept-Ranges, Content-Range, Content-Length, Content-Encoding",
    ),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
]


async def _answer(file: _File, path: str, scope: Scope, send: Send) -> None:
    asked = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if (held := asked.get(b"if-none-match")) and matches(held, file.etag):
        await _send(scope, send, 304, file.headers, [])
        return
    size = file.archive.size
    # Without the same strong tag in If-Range the client wants the file anew, whole.
    same = asked.get(b"if-range", file.etag) == file.etag
    try:
        ranges = parse_ranges(asked.get(b"range", ""), size) if same else None
    except UnsatisfiableError as error:
        problem = plain_problem(416, f"{error} The file has {size:,} bytes.", path)
        told = (b"content-range", f"bytes */{size}".encode())
        refused = refusal(problem, told, _NOSTORE, (b"accept-ranges", b"bytes"))
        await send_answer(refused, scope, send)
        return
    if ranges is None:
        kind = (b"content-type", MEDIA_TYPE)
        await _send(scope, send, 200, [*file.headers, kind], [(file.archive, (0, size))])
    elif len(ranges) == 1:
        told = (b"content-range", _told(ranges[0], size))
        headers = [*file.headers, (b"content-type", MEDIA_TYPE), told]
        await _send(scope, send, 206, headers, [(file.archive, ranges[0])])
    else:
        mark = token_hex(12).encode()
        kind = (b"content-type", b"multipart/byteranges; boundary=" + mark)
        parts = list(_multipart(file.archive, ranges, mark))
        await _send(scope, send, 206, [*file.headers, kind], parts)


def parse_ranges(header: str, size: int) -> list[Range] | None:
    """Return the byte ranges of a Range header; None where it is to be passed over.

    Args:
        header: as the client sent it, empty if it did not.
        size: bytes of the file.

    Raises:
        UnsatisfiableError: every range lies beyond the file, or there are too many.
    """
    unit, equals, listed = header.partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    asked = [part.strip() for part in listed.split(",") if part.strip()]
    if not asked:
        return None
    found = []
    for part in asked:
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        numbers = [one for one in (first, last) if one]
        if not (dash and numbers and all(one.isascii() and one.isdecimal() for one in numbers)):
            return None  # no range at all: as if there were no header
        if first and last and _whole(last) < _whole(first):
            return None
        begin = _whole(first) if first else max(size - _whole(last), 0)
        end = min(_whole(last) + 1, size) if first and last else size
        if begin < end:
            found.append((begin, end))
    if not found:
        raise UnsatisfiableError("No such bytes.")
    if len(found) > MOST_RANGES:
        raise UnsatisfiableError(f"More than {MOST_RANGES} ranges in one request.")
    return found


def _whole(digits: str) -> int:
    """Return a number; one of more digits than any file has bytes may be any such number."""
    return int(digits.lstrip("0")[:_DIGITS] or 0)


def _told(one: Range, size: int) -> bytes:
    return f"bytes {one[0]}-{one[1] - 1}/{size}".encode()


Part = bytes | tuple[TileArchive, Range]


def _multipart(archive: TileArchive, ranges: list[Range], mark: bytes) -> Iterator[Part]:
    for one in ranges:
        head = b"\r\n--%b\r\nContent-Type: %b\r\nContent-Range: %b\r\n\r\n"
        yield head % (mark, MEDIA_TYPE, _told(one, archive.size))
        yield archive, one
    yield b"\r\n--%b--\r\n" % mark


async def _send(
    scope: Scope, send: Send, status: int, headers: list[Header], parts: list[Any]
) -> None:
    if status != 304:
        length = sum(len(p) if isinstance(p, bytes) else p[1][1] - p[1][0] for p in parts)
        headers = [*headers, (b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if scope["method"] != "HEAD":
        async for chunk in _chunks(parts):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _chunks(parts: list[Any]) -> AsyncIterator[bytes]:
    """Yield bytes a piece at a time: a slow client must not hold a whole file in memory."""
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        archive, (begin, end) = part
        for at in range(begin, end, _CHUNK):
            yield archive.read(at, min(_CHUNK, end - at))


def _no_archive(path: str) -> NotFoundError:
    return NotFoundError(
        f"archive {path}",
        found="no such archive in this edition",
        expected=f"/tiles/{{tileset}}.pmtiles, the tileset one of: {', '.join(TILESETS)}",
        mend="See /tiles/areas.json.",
    )
