"""Tiles with scores as attributes, for clients that cannot join values to outlines themselves.

Answered before the framework's routing, as plain tiles are: once the question and the tile have
been met, a tile takes a fraction of a millisecond. What was not met yet is made in a thread.
"""

import gzip
from typing import Annotated, Any
from urllib.parse import urlencode

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import State
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import model_json
from api.dependencies import OpenService
from api.engine import engines_of
from api.errors import plain_problem, problem_of, validation_problem
from api.holder import Holder
from api.hosts import base_address
from api.negotiation import accepts_gzip, matches
from api.questions import question
from api.routes.tilejson import TileJson
from api.scored_tiles import (
    ScoredTileParams,
    Wanted,
    check_index,
    scored_tiles_of,
    tileset_of,
)
from api.service import Service
from api.tile_answers import (
    COMMON,
    METHODS,
    MVT,
    PREFIX,
    SUFFIX,
    Answer,
    Header,
    cache_header,
    is_number,
    refusal,
    request_headers,
    send_answer,
    sized,
)
from exclusion_map import __version__
from exclusion_map.areas.bases import BaseName
from exclusion_map.errors import ExclusionMapError, NotFoundError
from exclusion_map.tiles.archive import TileArchive
from exclusion_map.tiles.pack import Place
from exclusion_map.tiles.tilesets import TILESETS

router = APIRouter()

_NO_STORE: Header = (b"cache-control", b"no-store")
_ALLOWED: Header = (b"allow", b"GET, HEAD, OPTIONS")
_PREFLIGHT = Answer(
    204,
    [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"GET, HEAD"),
        (b"access-control-allow-headers", b"*"),
        (b"access-control-max-age", b"86400"),
        _ALLOWED,
    ],
)


class ScoredTileServer:
    """Answers addresses of scored tiles, and preflights of all tiles; passes the rest on."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a scored tile."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(PREFIX):
            await self.app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await send_answer(_PREFLIGHT, scope, send)
        elif (found := self._address(path)) is None:
            await self.app(scope, receive, send)
        else:
            await send_answer(await self._answer(scope, path, *found), scope, send)

    def _address(self, path: str) -> tuple[Service, str, Place, bool] | None:
        """Return service, index, place, and whether an edition is named; None if not ours."""
        if not path.endswith(SUFFIX):
            return None
        parts = path[len(PREFIX) : -len(SUFFIX)].split("/")
        if len(parts) not in (4, 5) or not all(is_number(part) for part in parts[-3:]):
            return None
        holder: Holder = self._state.holder
        named = len(parts) == 5
        service = holder.find(parts[0]) if named else holder.service
        index, z, x, y = parts[-4:]
        if service is None or index in TILESETS:
            return None
        return service, index, (int(z), int(x), int(y)), named

    async def _answer(
        self, scope: Scope, path: str, service: Service, index: str, place: Place, named: bool
    ) -> Answer:
        if scope["method"] not in METHODS:
            return refusal(plain_problem(405, "Tiles can only be read.", path), _ALLOWED)
        try:
            wanted = await self._wanted(service, index, scope["query_string"])
            if not wanted.store.archive.holds(*place):
                raise _no_tile(path, wanted.store.archive)
            return await _tile(scope, wanted, service.edition.id, place, named)
        except RequestValidationError as error:
            known = tuple(ScoredTileParams.model_fields)
            return refusal(validation_problem(error.errors(), path, known), _NO_STORE)
        except ExclusionMapError as error:
            return refusal(problem_of(error, path), _NO_STORE)

    async def _wanted(self, service: Service, index: str, query: bytes) -> Wanted:
        """Return the question of a query, worked out; in a thread unless it is known."""
        engine = engines_of(self._state).of(service)
        tiles = scored_tiles_of(self._state, engine)
        known = tiles.recall(index, query)
        if known is not None:
            return known
        return await anyio.to_thread.run_sync(tiles.work_out, engine, index, query)


async def _tile(scope: Scope, wanted: Wanted, edition: str, place: Place, named: bool) -> Answer:
    accepted, held = request_headers(scope)
    compressed = accepts_gzip(accepted)
    layer = wanted.only.value if wanted.only else "all"
    told = "-".join((edition, __version__, wanted.key, layer, *map(str, place)))
    etag = f'"{told}-gz"' if compressed else f'"{told}"'
    # Definitions of the library may change with the code, those of an edition never do.
    headers = [*COMMON, cache_header(immutable=named and wanted.published)]
    tagged = [*headers, (b"etag", etag.encode())]
    if held and matches(held, etag):
        return Answer(304, tagged)
    body = wanted.tile(place)
    if body is None:
        body = await anyio.to_thread.run_sync(wanted.first_tile, place)
    if not body:
        return Answer(204, headers)
    tagged.append((b"content-type", MVT))
    if compressed:
        tagged.append((b"content-encoding", b"gzip"))
    return sized(200, tagged, body if compressed else gzip.decompress(body))


def _no_tile(path: str, archive: TileArchive) -> NotFoundError:
    return NotFoundError(
        f"tile {path}",
        found="an address outside the tiles of this edition",
        expected=f"zooms {archive.info.min_zoom} to {archive.info.max_zoom}, on the grid",
        mend="See /tiles/{index}.json.",
    )


class _IndexConvertor(Convertor[str]):
    """Part of an address that names an index: anything but a set of plain tiles."""

    regex = f"(?!(?:{'|'.join(TILESETS)})\\.)[^/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("index_id", _IndexConvertor())

# Just the types: GDAL takes a field of any other description for text.
_FIELDS = {
    "code": "String",
    "name": "String",
    "score": "Number",
    "rank": "Number",
    "decile": "Number",
}
_MEANING = (
    "score: 0 to 100, 100 is the highest risk. rank: 1 is the highest risk in its group of the "
    "base. decile: 1 is the highest-risk tenth of people. An area without a score "
    "has none of the three."
)


# Described in api.scored_openapi: OpenAPI takes addresses for the same that differ in names alone.
@router.get("/tiles/{index:index_id}.json", include_in_schema=False)
def scored_tilejson(
    request: Request,
    service: OpenService,
    index: Annotated[str, Path()],
    params: Annotated[ScoredTileParams, Query()],
) -> Response:
    """Return the TileJSON of scored tiles, its tile addresses with the edition and the query."""
    engine = engines_of(request.app.state).of(service)
    check_index(engine, index)
    found = engine.answer(question(engine, params.asked(index)))
    archive = service.edition.tiles[tileset_of(service.edition, params.level)]
    manifest = service.edition.manifest
    west, south, east, north = manifest.bounds
    base_url = base_address(request)
    asked = params.model_dump(mode="json", exclude_defaults=True)
    query = f"?{urlencode(asked, safe=':,')}" if asked else ""
    layers = tuple(_layers(archive, params, frozenset(service.edition.atlas.levels)))
    low = min(layer["minzoom"] for layer in layers)
    described = TileJson(
        name=f"{found.composite.definition.title}, {manifest.title}",
        description=_described(found.question.base, bool(params.weights)),
        version=manifest.edition,
        attribution="; ".join(dict.fromkeys(source.attribution for source in manifest.sources)),
        tiles=(f"{base_url}/tiles/{manifest.edition}/{index}/{{z}}/{{x}}/{{y}}.mvt{query}",),
        minzoom=low,
        maxzoom=max(layer["maxzoom"] for layer in layers),
        bounds=manifest.bounds,
        center=((west + east) / 2, (south + north) / 2, low),
        vector_layers=layers,
    )
    return model_json(request, described)


def _described(base: BaseName, weighted: bool) -> str:
    weights = "your weights" if weighted else "the weights of the index"
    return (
        f"Risk, not reality: scores of areas with {weights}, compared within {base.described}. "
        "A feature's id is its row in the values of its kind."
    )


def _layers(
    archive: TileArchive, params: ScoredTileParams, kinds: frozenset[str]
) -> list[dict[str, Any]]:
    """Return the layers of area tiles with the attributes that scored tiles give them."""
    wanted = kinds if params.level is None else {params.level}
    zooms = {"minzoom": archive.info.min_zoom, "maxzoom": archive.info.max_zoom}
    declared = archive.metadata.get("vector_layers", ())
    told = {"description": _MEANING, "fields": _FIELDS}
    return [{**zooms, **layer, **told} for layer in declared if layer["id"] in wanted]
