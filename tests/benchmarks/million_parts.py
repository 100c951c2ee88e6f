"""Parts of building and serving an edition of very many areas, each a job to be timed."""

import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.benchmarks.index_speed import made_up_definition, made_up_table

Job = Callable[[], tuple[str, int]]
"""Returns a remark, and how many areas were worked on."""

WEST, SOUTH, EAST, NORTH = -125.0, 25.0, -67.0, 49.0
MIN_ZOOM, MAX_ZOOM = 9, 12
TILED = 100
"""One area of so many is cut into tiles: a hundredth of the ground, whatever their number."""
VIEW = (0.6, 0.3)
"""Degrees that a screen shows at zoom 10."""
SEED = 7
DRAWS = 100
"""A tenth of an edition's: time and file grow with them, memory does not."""


class Law(StrEnum):
    """How a cost grows with n areas."""

    SAME = "what is looked at"
    LINEAR = "n"
    SORTED = "n log n"

    def times(self, here: int, there: int) -> float:
        """Return how many times as much ``there`` areas cost as ``here`` areas do."""
        if self is Law.SAME:
            return 1.0
        linear = there / here
        return linear if self is Law.LINEAR else linear * math.log(there) / math.log(here)


@dataclass(frozen=True)
class Part:
    """One part: what it is, how it is made ready, and how its cost grows with the areas."""

    title: str
    prepare: Callable[[int], Job]
    law: "Law"


def outlines(areas: int) -> npt.NDArray[np.object_]:
    """Return quadrilaterals that cover the ground without gaps, with shared crooked borders."""
    import shapely

    side = max(1, round(areas**0.5))
    random = np.random.default_rng(SEED)
    grid = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    grid[1:-1, 1:-1] += random.uniform(-0.3, 0.3, (side - 1, side - 1, 2))
    grid = grid / side * (EAST - WEST, NORTH - SOUTH) + (WEST, SOUTH)
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    return np.asarray(shapely.polygons(np.stack([a, b, c, d, a], axis=2).reshape(-1, 5, 2)))


def _table(areas: int) -> Job:
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely

    shapes = outlines(areas)

    def job() -> tuple[str, int]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "areas.parquet"
            table = pa.table({"geometry": pa.array(shapely.to_wkb(shapes), pa.binary())})
            pq.write_table(table, path, compression="zstd", row_group_size=1000)
            size = path.stat().st_size
        return (
            f"{size / len(shapes):.0f} bytes an area, corners of blocks are several times as many",
            len(shapes),
        )

    return job


def _tiles(areas: int) -> Job:
    import geopandas as gpd

    from exclusion_map.tiles.build import cut_layer
    from exclusion_map.tiles.layers import AreaLayer

    # A corner of the whole: areas of the size they have there, so that tiles are as full.
    shapes = outlines(areas)
    side = round(len(shapes) ** 0.5)
    few = max(1, round((len(shapes) / TILED) ** 0.5))
    some = shapes.reshape(side, side)[:few, :few].ravel()
    layer = AreaLayer("small_area", gpd.GeoDataFrame(geometry=some, crs=4326), MIN_ZOOM, MAX_ZOOM)

    def job() -> tuple[str, int]:
        tiles = cut_layer(layer)
        size = sum(len(data) for zoom in tiles.tiles.values() for data in zoom.values())
        return f"{size / len(some):.0f} bytes an area before gzip, all in memory", len(some)

    return job


def _grid(areas: int) -> Job:
    from exclusion_map.placing.grid import build_grid

    shapes = outlines(areas)
    build_grid(shapes[:10])

    def job() -> tuple[str, int]:
        grid = build_grid(shapes)
        return f"{grid.nbytes / len(shapes):.0f} bytes an area, mapped", len(shapes)

    return job


def _scores(areas: int) -> Job:
    from exclusion_map.index import compose

    table, definition = made_up_table(areas), made_up_definition()
    return lambda: (
        "12 indicators, from raw values to tenths",
        len(compose(definition, table).score),
    )


def _weights(areas: int) -> Job:
    from exclusion_map.index import prepare

    ready = prepare(made_up_definition(), made_up_table(areas))

    def job() -> tuple[str, int]:
        begun = time.perf_counter()
        composite = ready.compose({"g1": 7})
        return f"{time.perf_counter() - begun:.2f} s until a map repaints", len(composite.score)

    return job


def _all_values(areas: int) -> Job:
    import gzip

    score = _scored(areas)

    def job() -> tuple[str, int]:
        whole = score.tobytes()
        return f"{len(gzip.compress(whole, 1)) / 1e6:.1f} MB gzip for every client", len(score)

    return job


def _values_in_view(areas: int) -> Job:
    """One byte for each area in view: rows in the order of the ground are few runs."""
    score = _scored(areas)
    side = round(len(score) ** 0.5)
    wide, high = (EAST - WEST) / side, (NORTH - SOUTH) / side

    def job() -> tuple[str, int]:
        columns, rows = int(VIEW[0] / wide) + 2, int(VIEW[1] / high) + 2
        times, sent = [], 0
        for start in np.random.default_rng(SEED).integers(0, side - max(columns, rows), 1000):
            begun = time.perf_counter()
            runs = [
                score[(start + row) * side + start :][:columns].tobytes() for row in range(rows)
            ]
            sent = sum(map(len, runs)) + 8 * len(runs)
            times.append(time.perf_counter() - begun)
        micro = np.median(times) * 1e6
        return f"{columns * rows:,} areas in view, {sent:,} bytes, {micro:.0f} microseconds", len(
            score
        )

    return job


def _scored(areas: int) -> npt.NDArray[np.uint8]:
    side = max(1, round(areas**0.5))
    return np.random.default_rng(SEED).integers(0, 101, side * side).astype(np.uint8)


def _uncertainty(areas: int) -> Job:
    """Draws of everything that is doubted, with ranks in a file as for a thousand draws."""
    from exclusion_map.index.uncertainty import uncertainty

    table, definition = made_up_table(areas), made_up_definition()

    def job() -> tuple[str, int]:
        begun = time.process_time()
        uncertainty(definition, table, draws=DRAWS, memory=0)
        each = (time.process_time() - begun) / DRAWS
        return (
            f"{DRAWS} draws, {each:.2f} s each; 1,000 draws {1000 * each / 60:.0f} min of "
            f"processor, {4000 * areas / 1e9:.0f} GB of ranks in a file",
            areas,
        )

    return job


PARTS = {
    "table": Part("outlines written as a table", _table, Law.LINEAR),
    "tiles": Part(f"tiles, zoom {MIN_ZOOM} to {MAX_ZOOM}, of a corner", _tiles, Law.LINEAR),
    "grid": Part("grid for placing points", _grid, Law.LINEAR),
    "scores": Part("scores of an index", _scores, Law.SORTED),
    "weights": Part("new weights", _weights, Law.SORTED),
    "values": Part("values of all areas", _all_values, Law.LINEAR),
    "view": Part("values of a view, 1,000 times", _values_in_view, Law.SAME),
    "uncertainty": Part("uncertainty by chunks", _uncertainty, Law.SORTED),
}
