"""Which tiles a collection has, and the one tile matrix set they are cut by."""

import math
from typing import Any, Final

from api.service import Service
from exclusion_map.features.crs import WEB_MERCATOR
from exclusion_map.tiles.archive import TileArchive

MATRIX_SET: Final = "WebMercatorQuad"
MATRIX_SET_URI: Final = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}"
DEEPEST: Final = 24
_HALF: Final = 20037508.3427892
_PIXELS: Final = 256
_METRES_A_PIXEL: Final = 0.00028
"""Size of a pixel by which the standards turn a cell into a scale."""


def archive_of(service: Service, collection: str) -> TileArchive | None:
    """Return the archive that holds the layer of a collection; None where there is none."""
    for archive in service.edition.tiles.values():
        layers = archive.metadata.get("vector_layers", ())
        if any(layer.get("id") == collection for layer in layers):
            return archive
    return None


def has_tiles(service: Service, collection: str) -> bool:
    """Return whether there are tiles of a collection."""
    return archive_of(service, collection) is not None


def zooms_of(archive: TileArchive, collection: str) -> tuple[int, int]:
    """Return the lowest and highest zoom at which tiles hold the layer of a collection."""
    for layer in archive.metadata.get("vector_layers", ()):
        if layer.get("id") == collection:
            low = int(layer.get("minzoom", archive.info.min_zoom))
            return max(low, archive.info.min_zoom), archive.info.max_zoom
    return archive.info.min_zoom, archive.info.max_zoom


def matrix_set() -> dict[str, Any]:
    """Return WebMercatorQuad as OGC 17-083r4 defines it."""
    return {
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": MATRIX_SET_URI,
        "crs": WEB_MERCATOR.uri,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(DEEPEST + 1)],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    tiles = 1 << zoom
    cell = 2 * _HALF / (_PIXELS * tiles)
    return {
        "id": str(zoom),
        "scaleDenominator": cell / _METRES_A_PIXEL,
        "cellSize": cell,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-_HALF, _HALF],
        "tileWidth": _PIXELS,
        "tileHeight": _PIXELS,
        "matrixWidth": tiles,
        "matrixHeight": tiles,
    }


def limits(zooms: tuple[int, int], extent: tuple[float, float, float, float]) -> list[Any]:
    """Return the range of tiles at each zoom that covers an extent in degrees."""
    west, south, east, north = extent
    found = []
    for zoom in range(zooms[0], zooms[1] + 1):
        left, top = _tile(west, north, zoom)
        right, bottom = _tile(east, south, zoom)
        found.append(
            {
                "tileMatrix": str(zoom),
                "minTileRow": top,
                "maxTileRow": bottom,
                "minTileCol": left,
                "maxTileCol": right,
            }
        )
    return found


def _tile(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Return column and row of the tile that holds a point."""
    tiles = 1 << zoom
    x = (longitude + 180) / 360
    y = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return min(int(x * tiles), tiles - 1), min(int(y * tiles), tiles - 1)
