"""Tiles, answered before the framework's routing: they are most of the requests by far.

A tile leaves as it lies in the archive, compressed with gzip. Addresses with an edition's name are
cached for ever; those without one follow the current edition.
"""

import gzip
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import FIVE_MINUTES, FOREVER
from api.errors import PROBLEM_JSON, plain_problem, problem_json, problem_of
from api.holder import Holder
from api.negotiation import accepts_gzip, matches
from api.service import Service
from exclusion_map.errors import ExclusionMapError, NotFoundError

MVT = b"application/vnd.mapbox-vector-tile"
_PREFIX, _SUFFIX = "/tiles/", ".mvt"
_METHODS = {"GET", "HEAD"}

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that is not on its way yet."""

    status: int
    headers: list[Header]
    body: bytes = b""


class TileServer:
    """Answers tile addresses itself and passes everything else on."""

    def __init__(self, app: ASGIApp, holder: Holder) -> None:
        self.app = app
        self.holder = holder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a tile."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not (path.startswith(_PREFIX) and path.endswith(_SUFFIX)):
            await self.app(scope, receive, send)
            return
        answer = self._answer(scope, path)
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        )
        await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Scope, path: str) -> Answer:
        if scope["method"] not in _METHODS:
            return _refused(path)
        try:
            service, tileset, address, immutable = self._resolve(path)
            archive = service.edition.tiles.get(tileset)
            if archive is None or not archive.holds(*address):
                raise _no_tile(path)
        except ExclusionMapError as error:
            problem = problem_of(error, path)
            headers = [*_problem_headers(), (b"cache-control", b"no-store")]
            return _sized(problem.status, headers, problem_json(problem))
        found = archive.get(*address)
        if found is None:
            return Answer(204, [*_COMMON, _cache(immutable=immutable)])
        wanted, held = _request_headers(scope)
        compressed = archive.info.gzipped and accepts_gzip(wanted)
        etag = f'"{service.edition.id}-{tileset}-{"-".join(map(str, address))}'
        etag += '-gz"' if compressed else '"'
        headers = [*_COMMON, _cache(immutable=immutable), (b"etag", etag.encode())]
        if held and matches(held, etag):
            return Answer(304, headers)
        headers.append((b"content-type", MVT))
        if compressed:
            headers.append((b"content-encoding", b"gzip"))
        elif archive.info.gzipped:
            found = gzip.decompress(found)
        return _sized(200, headers, found)

    def _resolve(self, path: str) -> tuple[Service, str, tuple[int, int, int], bool]:
        """Return service, tileset and z, x, y of an address, and whether it names an edition."""
        parts = path[len(_PREFIX) : -len(_SUFFIX)].split("/")
        numbers = parts[-3:]
        if len(parts) not in (4, 5) or not all(_is_number(part) for part in numbers):
            raise _no_tile(path)
        z, x, y = (int(part) for part in numbers)
        if len(parts) == 4:
            return self.holder.require(), parts[0], (z, x, y), False
        service = self.holder.find(parts[0])
        if service is None:
            self.holder.require()
            raise NotFoundError(
                f"edition {parts[0]!r}",
                found="no open edition of that id",
                expected="the edition that /tiles/areas.json names",
                mend="Load the page again.",
            )
        return service, parts[1], (z, x, y), True


_COMMON: list[Header] = [
    (b"vary", b"Accept-Encoding"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
]
_CACHE_VERSIONED: Header = (b"cache-control", FOREVER.encode())
_CACHE_CURRENT: Header = (b"cache-control", FIVE_MINUTES.encode())


def _cache(*, immutable: bool) -> Header:
    return _CACHE_VERSIONED if immutable else _CACHE_CURRENT


def _is_number(text: str) -> bool:
    # isdecimal alone would take digits of other scripts; nine digits are beyond every zoom.
    return text.isascii() and text.isdecimal() and len(text) < 10


def _request_headers(scope: Scope) -> tuple[str, str]:
    """Return Accept-Encoding and If-None-Match; empty where a request has none."""
    accepted = held = ""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value.decode("latin-1")
        elif name == b"if-none-match":
            held = value.decode("latin-1")
    return accepted, held


def _sized(status: int, headers: list[Header], body: bytes) -> Answer:
    return Answer(status, [*headers, (b"content-length", str(len(body)).encode())], body)


def _problem_headers() -> list[Header]:
    return [*_COMMON, (b"content-type", PROBLEM_JSON.encode())]


def _refused(path: str) -> Answer:
    problem = plain_problem(405, "Tiles can only be read.", path)
    return _sized(405, [*_problem_headers(), (b"allow", b"GET, HEAD")], problem_json(problem))


def _no_tile(path: str) -> NotFoundError:
    return NotFoundError(
        f"tile {path}",
        found="an address outside the tiles of this edition",
        expected="/tiles/{edition}/areas/{z}/{x}/{y}.mvt within the zooms of its TileJSON",
        mend="See /tiles/areas.json and /tiles/support.json.",
    )
