"""Which tiles are asked for, and how large the tiles of an edition are."""

import random
from collections import defaultdict
from pathlib import Path

import pandas as pd
from pmtiles.reader import MmapSource, all_tiles

from tests.benchmarks.figures import Section, Table, kilobytes
from tests.benchmarks.grid import Place, tile_at

DRAWN, LOWEST, HIGHEST, SEED = 300, 5, 12, 2026


def sizes(path: Path) -> dict[Place, int]:
    """Return the gzipped bytes of every tile of an archive."""
    with path.open("rb") as file:
        return {place: len(data) for place, data in all_tiles(MmapSource(file))}


def draw(edition: Path) -> list[Place]:
    """Return 300 tiles as people meet them: a zoom from 5 to 12, the tile of an area of England."""
    there = sizes(edition / "areas.pmtiles")
    areas = pd.read_parquet(edition / "areas.parquet", columns=["nation", "longitude", "latitude"])
    points = areas.loc[areas["nation"] == "England", ["longitude", "latitude"]].to_numpy()
    chance = random.Random(SEED)
    drawn: list[Place] = []
    while len(drawn) < DRAWN:
        longitude, latitude = chance.choice(points)
        place, _ = tile_at(longitude, latitude, chance.randint(LOWEST, HIGHEST))
        if place in there:
            drawn.append(place)
    return drawn


def measure(edition: Path) -> Section:
    """Return the sizes of the area tiles by zoom."""
    by_zoom: dict[int, list[tuple[int, Place]]] = defaultdict(list)
    for place, size in sizes(edition / "areas.pmtiles").items():
        by_zoom[place[0]].append((size, place))
    rows = []
    for zoom, tiles in sorted(by_zoom.items()):
        total = sum(size for size, _ in tiles)
        largest, where = max(tiles)
        name = "/".join(map(str, where))
        average = kilobytes(total / len(tiles))
        cells = [f"{len(tiles):,}", kilobytes(total), average, f"{kilobytes(largest)} ({name})"]
        rows.append([str(zoom), *cells])
    table = Table(("zoom", "tiles", "together", "average", "largest"), rows, "Gzipped, as sent.")
    return Section("Size of the area tiles", [table])
