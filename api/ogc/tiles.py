"""OGC API Tiles, Part 1: the vector tiles of a collection, with what describes them."""

import gzip
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from api.answers import FIVE_MINUTES
from api.dependencies import OpenService, Params
from api.errors import responses
from api.negotiation import accepts_gzip, matches
from api.ogc.catalogue import Collection, catalogue_of
from api.ogc.documents import attribution
from api.ogc.pages import page
from api.ogc.params import OnceEach
from api.ogc.routes import CollectionId
from api.ogc.tilesets import (
    DEEPEST,
    MATRIX_SET,
    MATRIX_SET_URI,
    archive_of,
    limits,
    matrix_set,
    zooms_of,
)
from api.ogc.wire import (
    JSON,
    MVT,
    PREFIX,
    Form,
    FormParams,
    Link,
    OgcRoute,
    document,
    form_of,
    root_of,
    self_links,
)
from api.service import Service
from exclusion_map.errors import NotFoundError
from exclusion_map.features.crs import CRS84, WEB_MERCATOR
from exclusion_map.features.mvt import layer_of
from exclusion_map.tiles.archive import TileArchive

router = APIRouter(prefix=PREFIX, tags=["ogc-tiles"], route_class=OgcRoute, dependencies=[OnceEach])


class TileParams(Params):
    """Query parameters of a tile."""

    f: Literal["mvt"] = Field("mvt", description="mvt.")


Query_ = Annotated[FormParams, Query()]
MatrixSet = Annotated[str, Path(alias="tileMatrixSetId", description=f"{MATRIX_SET}.")]
_ERRORS = responses(400, 404, 406, 503)


def _check(identity: str) -> None:
    if identity != MATRIX_SET:
        raise NotFoundError(
            f"tile matrix set {identity!r}", found="no such set", expected=MATRIX_SET
        )


def _tiled(request: Request, service: Service, identity: str) -> tuple[Collection, TileArchive]:
    collection = catalogue_of(request.app.state, service).collection(identity)
    archive = archive_of(service, identity)
    if archive is None:
        raise NotFoundError(
            f"tiles of {identity}", found="none in this edition", expected="another collection"
        )
    return collection, archive


@router.get("/tileMatrixSets", summary="Tile matrix sets", responses=_ERRORS)
def tile_matrix_sets(request: Request, query: Query_) -> Response:
    """The list of tile matrix sets: WebMercatorQuad only."""
    own = self_links(request, "/tileMatrixSets", form_of(request, query.f))
    one = {
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": MATRIX_SET_URI,
        "crs": WEB_MERCATOR.uri,
        "links": [
            Link(
                href=f"{root_of(request)}/tileMatrixSets/{MATRIX_SET}", rel="self", type=JSON
            ).plain()
        ],
    }
    body = {"tileMatrixSets": [one], "links": [link.plain() for link in own]}
    if form_of(request, query.f) is Form.HTML:
        return page(request, "matrix_sets.html", body)
    return document(request, body)


@router.get("/tileMatrixSets/{tileMatrixSetId}", summary="A tile matrix set", responses=_ERRORS)
def tile_matrix_set(request: Request, identity: MatrixSet, query: Query_) -> Response:
    """Definition of WebMercatorQuad, as in OGC 17-083r4."""
    _check(identity)
    body = matrix_set()
    if form_of(request, query.f) is Form.HTML:
        return page(request, "matrix_set.html", body)
    return document(request, body)


@router.get(
    "/collections/{collectionId}/tiles", summary="Tilesets of a collection", responses=_ERRORS
)
def tilesets(
    request: Request, service: OpenService, collection_id: CollectionId, query: Query_
) -> Response:
    """The tilesets of a collection: vector tiles in WebMercatorQuad."""
    collection, archive = _tiled(request, service, collection_id)
    form = form_of(request, query.f)
    links = self_links(request, f"/collections/{collection_id}/tiles", form)
    body = {
        "links": [link.plain() for link in links],
        "tilesets": [_tileset(request, service, collection, archive, whole=False)],
    }
    if form is Form.HTML:
        return page(request, "tilesets.html", body | {"collection": collection})
    return document(request, body)


@router.get(
    "/collections/{collectionId}/tiles/{tileMatrixSetId}", summary="A tileset", responses=_ERRORS
)
def tileset(
    request: Request,
    service: OpenService,
    collection_id: CollectionId,
    identity: MatrixSet,
    query: Query_,
) -> Response:
    """Layers, zoom range, bounds and tile address of a tileset."""
    _check(identity)
    collection, archive = _tiled(request, service, collection_id)
    body = _tileset(request, service, collection, archive, whole=True)
    if form_of(request, query.f) is Form.HTML:
        return page(request, "tilesets.html", {"tilesets": [body], "collection": collection})
    return document(request, body)


def _tileset(
    request: Request, service: Service, collection: Collection, archive: TileArchive, *, whole: bool
) -> dict[str, Any]:
    """Return what describes a tileset: all of it, or as much as a list tells."""
    root = root_of(request)
    address = f"{root}/collections/{collection.id}/tiles/{MATRIX_SET}"
    links = [
        Link(href=address, rel="self", type=JSON, title="This tileset"),
        Link(
            href=f"{root}/tileMatrixSets/{MATRIX_SET}",
            rel="http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
            type=JSON,
            title="How it is cut",
        ),
        Link(
            href=f"{address}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
            rel="item",
            type=MVT,
            title="A vector tile",
            templated=True,
        ),
    ]
    told: dict[str, Any] = {
        "title": collection.title,
        "dataType": "vector",
        "crs": WEB_MERCATOR.uri,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "links": [link.plain() for link in links],
    }
    if not whole:
        return told
    zooms = zooms_of(archive, collection.id)
    west, south, east, north = collection.extent
    return told | {
        "description": f"{collection.description} A feature's id is its row in the collection.",
        "attribution": attribution(service),
        "tileMatrixSetLimits": limits(zooms, collection.extent),
        "boundingBox": {
            "lowerLeft": [west, south],
            "upperRight": [east, north],
            "crs": CRS84.uri,
        },
        "layers": [
            {
                "id": collection.id,
                "title": collection.title,
                "dataType": "vector",
                "geometryDimension": 0 if collection.kind is None else 2,
                "minTileMatrix": str(zooms[0]),
                "maxTileMatrix": str(zooms[1]),
            }
        ],
    }


@router.get(
    "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
    summary="A vector tile of a collection",
    description="Mapbox Vector Tile with the one layer of the collection.",
    response_class=Response,
    responses={
        200: {
            "description": "The tile.",
            "content": {MVT: {"schema": {"type": "string", "format": "binary"}}},
        },
        204: {"description": "The tile is empty."},
        **_ERRORS,
    },
)
def tile(
    request: Request,
    service: OpenService,
    collection_id: CollectionId,
    identity: MatrixSet,
    zoom: Annotated[int, Path(alias="tileMatrix", ge=0, le=DEEPEST, description="Zoom.")],
    row: Annotated[int, Path(alias="tileRow", ge=0, description="Row, counted from the north.")],
    column: Annotated[
        int, Path(alias="tileCol", ge=0, description="Column, counted from the west.")
    ],
    query: Annotated[TileParams, Query()],
) -> Response:
    """Return a tile with the layer of a collection."""
    del query
    _check(identity)
    collection, archive = _tiled(request, service, collection_id)
    if max(row, column) >= 1 << zoom:
        raise HTTPException(404, f"There are {1 << zoom} rows and columns at this zoom.")
    packed = accepts_gzip(request.headers.get("accept-encoding", ""))
    etag = f'W/"{service.edition.id}-{collection.id}-{zoom}-{row}-{column}"'
    headers = {"ETag": etag, "Cache-Control": FIVE_MINUTES, "Vary": "Accept-Encoding"}
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    low, high = zooms_of(archive, collection.id)
    found = archive.get(zoom, column, row) if low <= zoom <= high else None
    if found is not None and archive.info.gzipped:
        found = gzip.decompress(found)
    body = layer_of(found, collection.id) if found else b""
    if not body:
        return Response(status_code=204, headers=headers)
    if packed:
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=MVT)
