"""Build the archive of a tileset: cut its layers, join them tile by tile, and pack them.

Values are sent to clients separately from geometry, so the tiles of one boundary vintage never
change (see docs/decisions/0002-geometry-apart-from-values.md). A feature's id is its row number in
the table of its level, so that values are looked up by position.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pmtiles.tile import zxy_to_tileid

from exclusion_map.errors import EditionError
from exclusion_map.tiles.layers import Bounds, Layer
from exclusion_map.tiles.pack import Place, pack


@dataclass
class TileReport:
    """Content of an archive.

    Attributes:
        tiles: number of tiles.
        bytes: their total size, gzipped.
        absent: features missing from all tiles of a zoom because they are too small, by layer
            and zoom.
    """

    tiles: int = 0
    bytes: int = 0
    absent: dict[tuple[str, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class LayerTiles:
    """A layer cut into tiles, which can be passed between processes.

    Attributes:
        name, min_zoom, max_zoom, fields, bounds: those of the layer.
        tiles: uncompressed tiles by zoom; tens of megabytes for the small areas of a country.
        shown: by zoom, a mask (n,) of the features shown in its tiles.
    """

    name: str
    min_zoom: int
    max_zoom: int
    fields: Mapping[str, str]
    bounds: Bounds
    tiles: dict[int, dict[Place, bytes]] = field(default_factory=dict)
    shown: dict[int, npt.NDArray[np.bool_]] = field(default_factory=dict)


def build_tiles(
    layers: Iterable[Layer], path: Path, *, on_part: Callable[[str], None] | None = None
) -> TileReport:
    """Write a PMTiles archive of vector tiles and return a report of its content.

    Args:
        layers: layers of the tileset; the first is drawn first.
        path: archive to write, in an existing folder.
        on_part: progress callback for each layer and zoom.

    Raises:
        EditionError: a feature is missing at the highest zoom of its layer.
        GeographyError: outlines of a layer overlap or leave gaps.
    """
    return write_tiles([cut_layer(layer, on_part) for layer in layers], path)


def cut_layer(layer: Layer, on_part: Callable[[str], None] | None = None) -> LayerTiles:
    """Return the tiles of a layer, as :func:`write_tiles` takes them.

    Args:
        layer: the layer to cut.
        on_part: progress callback for each zoom.

    Raises:
        GeographyError: outlines of the layer overlap or leave gaps.
    """
    cut = LayerTiles(layer.name, layer.min_zoom, layer.max_zoom, dict(layer.fields), layer.bounds)
    for zoom, tiles in layer.zooms():
        shown = cut.shown[zoom] = np.zeros(layer.count(zoom), dtype=bool)
        held = cut.tiles[zoom] = {}
        for place, data, ids in tiles:
            held[place] = data
            shown[ids] = True
        if on_part:
            on_part(f"{layer.name}, zoom {zoom}")
    return cut


def write_tiles(layers: Sequence[LayerTiles], path: Path) -> TileReport:
    """Write the archive of layers already cut and return a report of its content.

    Args:
        layers: layers of the tileset; the first is drawn first.
        path: archive to write, in an existing folder.

    Raises:
        EditionError: a feature is missing at the highest zoom of its layer.
    """
    absent = _absent(layers)
    zooms = sorted({zoom for layer in layers for zoom in range(layer.min_zoom, layer.max_zoom + 1)})
    tiles = _joined([one.tiles for one in layers], zooms)
    count = pack(
        tiles,
        path,
        layers=[_describe(layer) for layer in layers],
        bounds=_bounds(layers),
    )
    return TileReport(count, path.stat().st_size, absent)


def _absent(layers: Sequence[LayerTiles]) -> dict[tuple[str, int], int]:
    counts = {
        (layer.name, zoom): int((~shown).sum())
        for layer in layers
        for zoom, shown in layer.shown.items()
        if not shown.all()
    }
    for layer in layers:
        if lost := counts.get((layer.name, layer.max_zoom)):
            raise EditionError(
                f"tiles of {layer.name}",
                found=f"{lost} features without a tile at zoom {layer.max_zoom}",
                expected="every feature",
                mend="Look for outlines without area in the boundary file.",
            )
    return counts


def _joined(
    layers: Sequence[dict[int, dict[Place, bytes]]], zooms: Sequence[int]
) -> Iterator[tuple[Place, bytes]]:
    """Yield tiles by tile id; concatenated layers make one tile."""
    for zoom in zooms:
        here = [layer[zoom] for layer in layers if zoom in layer]
        places = {place for tiles in here for place in tiles}
        if not places and zoom in (zooms[0], zooms[-1]):
            # An empty tile, because the writer derives the zoom range from the tiles.
            yield (zoom, 0, 0), b""
        for place in sorted(places, key=lambda at: zxy_to_tileid(*at)):
            yield place, b"".join(tiles[place] for tiles in here if place in tiles)


def _describe(layer: LayerTiles) -> dict[str, object]:
    return {
        "id": layer.name,
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "fields": dict(layer.fields),
    }


def _bounds(layers: Sequence[LayerTiles]) -> Bounds:
    boxes = np.array([layer.bounds for layer in layers])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
