"""Build geometry tiles: outlines simplified with shared borders, an id a feature, no attributes.

Values reach clients apart from geometry (see docs/decisions/0002-geometry-apart-from-values.md), so
the tiles of one boundary vintage never change. A feature's id is its row number in the level's
table, so that a value is found by position.
"""

import gzip
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import freestiler
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from mapbox_vector_tile.Mapbox.vector_tile_pb2 import tile as VectorTile  # noqa: N812
from pmtiles.reader import MmapSource, all_tiles
from pmtiles.tile import zxy_to_tileid

from exclusion_map.errors import EditionError
from exclusion_map.tiles.pack import Place, pack

WORLD_M = 2 * np.pi * 6_378_137.0
"""Width of the Web Mercator square, in metres at the equator."""
PIXELS = 512
"""Width of a tile on a screen, in CSS pixels, as MapLibre draws it."""
EXTENT = 4096
"""Width of a tile in the whole numbers it is stored in."""
WEB_MERCATOR = 3857
FINEST_M = 10.0
"""Detail finer than this, in Web Mercator metres, is not in boundaries generalised to 20 m."""


@dataclass(frozen=True)
class TileLayer:
    """A layer of a tileset.

    Attributes:
        name: name of the layer in the tiles.
        features: outlines, EPSG:4326; the row number becomes the feature's id.
        min_zoom, max_zoom: zooms at which the layer is present, both included.
        keep: columns that become attributes; none for areas.
    """

    name: str
    features: gpd.GeoDataFrame
    min_zoom: int
    max_zoom: int
    keep: tuple[str, ...] = ()

    @property
    def zooms(self) -> range:
        """Every zoom at which the layer is present."""
        return range(self.min_zoom, self.max_zoom + 1)


@dataclass
class TileReport:
    """What went into an archive.

    Attributes:
        tiles: how many tiles there are.
        bytes: their size together, gzipped.
        absent: features that no tile of a zoom holds, by layer and zoom: too small to draw.
    """

    tiles: int = 0
    bytes: int = 0
    absent: dict[tuple[str, int], int] = field(default_factory=dict)


def build_tiles(
    layers: Iterable[TileLayer], path: Path, *, on_part: Callable[[str], None] | None = None
) -> TileReport:
    """Write a PMTiles archive of vector tiles and return what went into it.

    Layers are cut side by side, for simplification uses one core.

    Args:
        layers: layers of polygons that form a coverage, or of points.
        path: archive to write; its folder exists.
        on_part: told about each layer and zoom once its tiles are cut.

    Raises:
        EditionError: at its highest zoom a layer lacks a feature.
    """
    layers = tuple(layers)
    seen = _Seen(layers)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".tiles-") as folder:
        with ThreadPoolExecutor(len(layers)) as pool:
            cut = list(pool.map(lambda layer: _cut(layer, Path(folder), on_part), layers))
        zooms = sorted({zoom for parts in cut for zoom in parts})
        tiles = (
            tile
            for zoom in zooms
            for tile in _merge([parts[zoom] for parts in cut if zoom in parts], seen)
        )
        count = pack(tiles, path, layers=_describe(layers), bounds=_bounds(layers))
    return TileReport(count, path.stat().st_size, seen.absent())


def _cut(layer: TileLayer, folder: Path, on_part: Callable[[str], None] | None) -> dict[int, Path]:
    """Return an archive of one layer's tiles by zoom."""
    outlines = np.asarray(layer.features.geometry.to_crs(WEB_MERCATOR).to_numpy())
    parts = {}
    # From the highest zoom down, so that each zoom simplifies what the one above it left.
    for zoom in reversed(layer.zooms):
        outlines = simplify(outlines, zoom)
        parts[zoom] = folder / f"{zoom}-{layer.name}.pmtiles"
        _tile(layer, snap(outlines, zoom), zoom, parts[zoom])
        if on_part:
            on_part(f"{layer.name}, zoom {zoom}")
    return parts


def simplify(outlines: npt.NDArray[np.object_], zoom: int) -> npt.NDArray[np.object_]:
    """Return outlines simplified to half a pixel of a zoom, neighbours still sharing their border.

    Args:
        outlines: shape (n,), in Web Mercator metres; points are returned as they are.
        zoom: Web Mercator zoom.
    """
    half_pixel = WORLD_M / 2**zoom / PIXELS / 2
    if half_pixel < FINEST_M or shapely.get_dimensions(outlines[0]) == 0:
        return outlines
    return np.asarray(shapely.coverage_simplify(outlines, half_pixel))


def snap(outlines: npt.NDArray[np.object_], zoom: int) -> npt.NDArray[np.object_]:
    """Return outlines on the grid of a zoom's tiles, valid where rounding made them cross.

    Tiles hold whole numbers. Where a neck of land is narrower than one, rounding makes an outline
    touch or cross itself; readers that clip (GDAL by default) then lose the area. Such outlines are
    parted at the neck; one that would vanish is left as it was.

    Args:
        outlines: shape (n,), polygons in Web Mercator metres; points are returned as they are.
        zoom: Web Mercator zoom.
    """
    if shapely.get_dimensions(outlines[0]) == 0:
        return outlines
    cell = WORLD_M / 2**zoom / EXTENT
    snapped = shapely.set_precision(outlines, cell, mode="pointwise")
    crossed = np.flatnonzero(~shapely.is_valid(snapped))
    mended = shapely.set_precision(outlines[crossed], cell, mode="valid_output")
    gone = shapely.is_empty(mended)
    snapped[crossed] = np.where(gone, outlines[crossed], mended)
    return np.asarray(snapped)


def _tile(layer: TileLayer, outlines: npt.NDArray[np.object_], zoom: int, part: Path) -> None:
    """Tile one layer by itself: the tiler numbers features across the layers it is given."""
    frame = gpd.GeoDataFrame(
        layer.features[list(layer.keep)], geometry=outlines, crs=WEB_MERCATOR
    ).to_crs(4326)
    freestiler.freestile(
        frame, part, layer_name=layer.name, min_zoom=zoom, max_zoom=zoom, quiet=True
    )


class _Seen:
    """Which features were met in the tiles, by layer and zoom."""

    def __init__(self, layers: tuple[TileLayer, ...]) -> None:
        self._layers = {layer.name: layer for layer in layers}
        self._met = {
            (layer.name, zoom): np.zeros(len(layer.features), dtype=bool)
            for layer in layers
            for zoom in layer.zooms
        }

    def meet(self, layer: str, zoom: int, ids: list[int]) -> None:
        self._met[layer, zoom][ids] = True

    def absent(self) -> dict[tuple[str, int], int]:
        counts = {place: int((~met).sum()) for place, met in self._met.items() if not met.all()}
        for (name, zoom), count in counts.items():
            if zoom == self._layers[name].max_zoom:
                raise EditionError(
                    f"tiles of {name}",
                    found=f"{count} features without a tile at zoom {zoom}",
                    expected="every feature",
                    mend="Look for outlines without area in the boundary file.",
                )
        return counts


def _merge(parts: Iterable[Path], seen: _Seen) -> Iterator[tuple[Place, bytes]]:
    """Yield the tiles of one zoom by tile id; joined end to end, layers make one tile."""
    merged: dict[Place, bytes] = {}
    for part in parts:
        with part.open("rb") as file:
            for place, data in all_tiles(MmapSource(file)):
                numbered = _number_from_zero(gzip.decompress(data), place[0], seen)
                merged[place] = merged.get(place, b"") + numbered
    for place in sorted(merged, key=lambda at: zxy_to_tileid(*at)):
        yield place, merged[place]


def _number_from_zero(data: bytes, zoom: int, seen: _Seen) -> bytes:
    """Return a tile whose feature ids are row numbers: the tiler counts from one."""
    tile = VectorTile.FromString(data)
    for layer in tile.layers:
        for feature in layer.features:
            feature.id -= 1
        seen.meet(layer.name, zoom, [feature.id for feature in layer.features])
    return bytes(tile.SerializeToString())


def _describe(layers: tuple[TileLayer, ...]) -> list[dict[str, object]]:
    return [
        {
            "id": layer.name,
            "minzoom": layer.min_zoom,
            "maxzoom": layer.max_zoom,
            "fields": dict.fromkeys(layer.keep, "String"),
        }
        for layer in layers
    ]


def _bounds(layers: tuple[TileLayer, ...]) -> tuple[float, float, float, float]:
    boxes = np.array([layer.features.total_bounds for layer in layers])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
