"""Pack vector tiles into a PMTiles archive, gzipped as they will be served."""

import gzip
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

Place = tuple[int, int, int]
"""Zoom, column and row of a tile."""
E7 = 10_000_000
"""PMTiles stores degrees as ten-millionths."""
COMPRESSION_LEVEL = 9


def pack(
    tiles: Iterable[tuple[Place, bytes]],
    path: Path,
    *,
    layers: list[dict[str, object]],
    bounds: tuple[float, float, float, float],
) -> int:
    """Write tiles to an archive in the given order and return their number.

    Args:
        tiles: position and uncompressed bytes, sorted by zoom and tile id.
        path: archive to write.
        layers: the ``vector_layers`` of TileJSON.
        bounds: west, south, east, north in degrees.
    """
    count = 0
    lowest: int | None = None
    with path.open("wb") as file, ExitStack() as stack:
        writer = Writer(file)
        stack.callback(writer.tile_f.close)  # otherwise closed only on success
        for (zoom, column, row), data in tiles:
            # Fixed gzip timestamp, so that the same tiles give the same archive.
            packed = gzip.compress(data, COMPRESSION_LEVEL, mtime=0)
            writer.write_tile(zxy_to_tileid(zoom, column, row), packed)
            lowest = zoom if lowest is None else lowest
            count += 1
        west, south, east, north = bounds
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_lon_e7": int(west * E7),
            "min_lat_e7": int(south * E7),
            "max_lon_e7": int(east * E7),
            "max_lat_e7": int(north * E7),
            "center_zoom": lowest or 0,
            "center_lon_e7": int((west + east) / 2 * E7),
            "center_lat_e7": int((south + north) / 2 * E7),
        }
        writer.finalize(header, {"vector_layers": layers})
    return count
