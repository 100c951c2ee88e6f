"""Tiles, answered before the framework's routing: they are most of the requests by far.

A tile leaves as it lies in the archive, compressed with gzip. Addresses with an edition's name are
cached for ever; those without one follow the current edition. What an address is answered with,
but for the bytes of the tile, is worked out once and kept.
"""

import gzip
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import plain_problem, problem_of
from api.holder import Holder
from api.negotiation import accepts_gzip, matches
from api.service import Service
from api.tile_answers import (
    COMMON,
    METHODS,
    MVT,
    PREFIX,
    SUFFIX,
    Header,
    cache_header,
    is_number,
    refusal,
    send_answer,
)
from exclusion_map.errors import ExclusionMapError, NotFoundError
from exclusion_map.tiles.archive import TileArchive
from exclusion_map.tiles.tilesets import TILESETS

DIRECTORY = f"{PREFIX}directory/"
"""Before addresses of tiles that no edition holds."""
KEPT = 20_000
"""Addresses whose answer is kept, about a kilobyte each; then all are forgotten."""
_END: dict[str, Any] = {"type": "http.response.body", "body": b""}


@dataclass(frozen=True, slots=True)
class _Form:
    """How one form of a tile, compressed or plain, is announced."""

    etag: bytes
    found: dict[str, Any]
    held: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Ready:
    """Everything about the answer to an address but the bytes of the tile."""

    archive: TileArchive
    offset: int
    length: int
    packed: _Form
    plain: _Form


class TileServer:
    """Answers tile addresses itself and passes everything else on."""

    def __init__(self, app: ASGIApp, holder: Holder) -> None:
        self.app = app
        self._holder = holder
        self._service: Service | None = None
        self._ready: dict[str, _Ready] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a tile."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        if self._service is not self._holder.service:
            # Another edition is open: what was kept may speak of one that no longer is.
            self._service = self._holder.service
            self._ready = {}
        path: str = scope["path"]
        ready = self._ready.get(path)
        if ready is None or scope["method"] not in METHODS:
            await self._first(path, scope, receive, send)
        else:
            await _send_tile(ready, scope, send)

    async def _first(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an address that was not met before, or pass it on."""
        await self._holder.look_for(path[len(PREFIX) :].partition("/")[0])
        if scope["method"] == "OPTIONS" or not path.endswith(SUFFIX) or self._is_index(path):
            await self.app(scope, receive, send)
            return
        if scope["method"] not in METHODS:
            problem = plain_problem(405, "Tiles can only be read.", path)
            allowed = (b"allow", b"GET, HEAD, OPTIONS")
            await send_answer(refusal(problem, allowed), scope, send)
            return
        try:
            ready = self._prepare(path)
        except ExclusionMapError as error:
            answer = refusal(problem_of(error, path), (b"cache-control", b"no-store"))
            await send_answer(answer, scope, send)
            return
        if len(self._ready) >= KEPT:
            self._ready = {}
        self._ready[path] = ready
        await _send_tile(ready, scope, send)

    def _is_index(self, path: str) -> bool:
        """Whether an address is of the directory, or scored, with an index as tileset."""
        if path.startswith(DIRECTORY):
            return True
        parts = path.split("/")
        edition, name = ("", parts[2]) if len(parts) == 6 else (parts[2], parts[3])
        known = not edition or self._holder.find(edition) is not None
        return len(parts) in (6, 7) and known and name not in TILESETS

    def _prepare(self, path: str) -> _Ready:
        service, tileset, address, immutable = self._resolve(path)
        archive = service.edition.tiles.get(tileset)
        if archive is None or not archive.holds(*address):
            raise _no_tile(path)
        offset, length = archive.find(*address) or (0, 0)
        told = f'"{service.edition.id}-{tileset}-{"-".join(map(str, address))}'
        shared = [*COMMON, cache_header(immutable=immutable)]
        if not length:
            empty = _Form(b"", _start(204, shared), _start(204, shared))
            return _Ready(archive, 0, 0, empty, empty)
        plain = _form(f'{told}"', shared, [(b"content-type", MVT)])
        if not archive.info.gzipped:
            sized = (b"content-length", str(length).encode())
            plain = _form(f'{told}"', shared, [(b"content-type", MVT), sized])
            return _Ready(archive, offset, length, plain, plain)
        packed = _form(
            f'{told}-gz"',
            shared,
            [
                (b"content-type", MVT),
                (b"content-encoding", b"gzip"),
                (b"content-length", str(length).encode()),
            ],
        )
        return _Ready(archive, offset, length, packed, plain)

    def _resolve(self, path: str) -> tuple[Service, str, tuple[int, int, int], bool]:
        """Return service, tileset and z, x, y of an address, and whether it names an edition."""
        parts = path[len(PREFIX) : -len(SUFFIX)].split("/")
        numbers = parts[-3:]
        if len(parts) not in (4, 5) or not all(is_number(part) for part in numbers):
            raise _no_tile(path)
        z, x, y = (int(part) for part in numbers)
        if len(parts) == 4:
            return self._holder.require(), parts[0], (z, x, y), False
        return self._holder.named(parts[0]), parts[1], (z, x, y), True


async def _send_tile(ready: _Ready, scope: Scope, send: Send) -> None:
    accepted = held = b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value
        elif name == b"if-none-match":
            held = value
    packed = takes_gzip(accepted)
    form = ready.packed if packed else ready.plain
    if not ready.length:
        await send(form.found)
        await send(_END)
    elif held and (held == form.etag or matches(held.decode("latin-1"), form.etag.decode())):
        await send(form.held)
        await send(_END)
    elif packed or not ready.archive.info.gzipped:
        await send(form.found)
        body = b"" if scope["method"] == "HEAD" else ready.archive.read(ready.offset, ready.length)
        await send({"type": "http.response.body", "body": body})
    else:
        body = gzip.decompress(ready.archive.read(ready.offset, ready.length))
        sized = (b"content-length", str(len(body)).encode())
        await send(_start(200, [*form.found["headers"], sized]))
        await send({**_END, "body": b"" if scope["method"] == "HEAD" else body})


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Whether a client takes gzip; browsers all send the same few headers."""
    return accepts_gzip(accept_encoding.decode("latin-1"))


def _form(etag: str, shared: list[Header], own: list[Header]) -> _Form:
    tagged = [*shared, (b"etag", etag.encode())]
    return _Form(etag.encode(), _start(200, [*tagged, *own]), _start(304, tagged))


def _start(status: int, headers: list[Header]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _no_tile(path: str) -> NotFoundError:
    return NotFoundError(
        f"tile {path}",
        found="an address outside the tiles of this edition",
        expected="/tiles/{edition}/areas/{z}/{x}/{y}.mvt within the zooms of its TileJSON",
        mend=f"See /tiles/{{tileset}}.json of one of: {', '.join(TILESETS)}.",
    )
