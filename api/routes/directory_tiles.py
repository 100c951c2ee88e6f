"""Tiles of the directory: what people add or correct shows on the map at once.

The number of the directory's last change is part of the address, so a tile may be kept for ever;
an address of another number is answered with the places of now, and not to be kept.
"""

import gzip
import threading
from collections import OrderedDict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response

from api.answers import FOREVER
from api.dependencies import OpenService
from api.errors import responses
from api.hosts import base_address
from api.negotiation import accepts_gzip
from api.support_query import SupportFilter, places_in
from exclusion_map.directory.places import Places
from exclusion_map.directory.selecting import Choice, select_places
from exclusion_map.errors import InvalidRequestError
from exclusion_map.tiles.directory_tiles import (
    CLUSTERS_LAYER,
    MAX_ZOOM,
    PLACES_LAYER,
    DirectoryLayer,
)

router = APIRouter(prefix="/tiles/directory", tags=["tiles"])

MVT = "application/vnd.mapbox-vector-tile"
LAYERS_KEPT, TILES_KEPT = 12, 600
_NO_STORE = "no-cache"
_making = threading.Lock()
_SENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {MVT: {"schema": {"type": "string", "format": "binary"}}}},
    204: {"description": "The tile is empty."},
    **responses(422, 503),
}


class Kept:
    """Layers and tiles that were asked for last: some kilobytes each."""

    def __init__(self) -> None:
        self._layers: OrderedDict[tuple[str, Choice], DirectoryLayer] = OrderedDict()
        self._tiles: OrderedDict[tuple[str, Choice, int, int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def tile(self, places: Places, choice: Choice, z: int, x: int, y: int) -> bytes:
        """Return a tile, compressed; empty where nothing is."""
        key = (places.tag, choice, z, x, y)
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
                return self._tiles[key]
        made = self._layer(places, choice).tile(z, x, y)
        packed = gzip.compress(made, 5, mtime=0) if made else b""
        with self._lock:
            self._tiles[key] = packed
            while len(self._tiles) > TILES_KEPT:
                self._tiles.popitem(last=False)
        return packed

    def _layer(self, places: Places, choice: Choice) -> DirectoryLayer:
        key = (places.tag, choice)
        with self._lock:
            if key in self._layers:
                self._layers.move_to_end(key)
                return self._layers[key]
            snapshot = places.snapshot
            self._layers[key] = made = DirectoryLayer.of(snapshot, select_places(snapshot, choice))
            while len(self._layers) > LAYERS_KEPT:
                self._layers.popitem(last=False)
            return made


@router.get("/now.json", summary="Tiles of the directory as it is now (TileJSON)")
def tilejson(
    request: Request, service: OpenService, asked: Annotated[SupportFilter, Query()]
) -> Response:
    """TileJSON with the address of tiles of the directory as it is now, filtered as requested."""
    places = places_in(request, service)
    asked.choice  # noqa: B018 - a filter that cannot be is told here, not by each tile
    query = f"?{request.url.query}" if request.url.query else ""
    base = base_address(request)
    told = {
        "tilejson": "3.0.0",
        "name": "Places that can help",
        "tiles": [f"{base}/tiles/directory/{places.tag}/{{z}}/{{x}}/{{y}}.mvt{query}"],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "vector_layers": [
            {
                "id": PLACES_LAYER,
                "fields": {
                    "sid": "Id of the place",
                    "name": "Its name",
                    "kind": "Kind of place",
                    "stated": "Support that was stated, with commas",
                    "usual": "Support that is usual for the kind, not confirmed, with commas",
                },
            },
            {"id": CLUSTERS_LAYER, "fields": {"count": "How many places"}},
        ],
    }
    return JSONResponse(told, headers={"Cache-Control": _NO_STORE})


@router.get(
    "/{tag}/{z}/{x}/{y}.mvt",
    summary="A tile of the directory",
    response_class=Response,
    responses={**_SENT, **responses(404)},
)
def tile(
    request: Request,
    service: OpenService,
    tag: Annotated[str, Path(max_length=100)],
    z: Annotated[int, Path(ge=0, le=MAX_ZOOM)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
    asked: Annotated[SupportFilter, Query()],
) -> Response:
    """Mapbox Vector Tile with single places, or with clusters at low zooms."""
    if x >= 2**z or y >= 2**z:
        raise InvalidRequestError(
            "tile", found=f"{z}/{x}/{y}", expected=f"column and row below {2**z} at zoom {z}"
        )
    places = places_in(request, service)
    # "Now" is another minute soon: such a tile must not be kept.
    lasting = tag == places.tag and asked.open.strip().lower() != "now"
    headers = {"Cache-Control": FOREVER if lasting else _NO_STORE, "Vary": "Accept-Encoding"}
    packed = kept_of(request).tile(places, asked.choice, z, x, y)
    if not packed:
        return Response(status_code=204, headers=headers)
    if accepts_gzip(request.headers.get("accept-encoding", "")):
        return Response(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=MVT)
    return Response(gzip.decompress(packed), headers=headers, media_type=MVT)


def kept_of(request: Request) -> Kept:
    """Return what an app keeps; it is made with its first tile."""
    state = request.app.state
    with _making:
        if not hasattr(state, "directory_tiles"):
            state.directory_tiles = Kept()
    kept: Kept = state.directory_tiles
    return kept
