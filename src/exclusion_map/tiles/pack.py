"""Pack vector tiles into one PMTiles archive, gzipped as they will be sent."""

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
    """Write tiles to an archive in the order they come and return how many there were.

    Args:
        tiles: place and uncompressed bytes, by rising tile id within a zoom and rising zoom.
        path: archive to write.
        layers: the ``vector_layers`` of TileJSON.
        bounds: west, south, east, north in degrees.
    """
    count = 0
    lowest: int | None = None
    with path.open("wb") as file, ExitStack() as stack:
        writer = Writer(file)
        stack.callback(writer.tile_f.close)  # it closes its temporary file only when all goes well
        for (zoom, column, row), data in tiles:
            # A fixed time in the gzip header: the same tiles give the same archive.
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
