"""The archives of England and Wales, decoded as a map would decode it.

A pixel here is a CSS pixel of a tile drawn 512 pixels wide, as MapLibre draws it: eight units of
the tile's grid. Areas are measured in square pixels.
"""

import gzip
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from mapbox_vector_tile.Mapbox.vector_tile_pb2 import tile as VectorTile  # noqa: N812
from pmtiles.reader import MmapSource, Reader, all_tiles

from exclusion_map.tiles.grid import BUFFER
from exclusion_map.tiles.tilesets import AREA_TILESETS
from tests.benchmarks.grid import EXTENT, Place, tile_at

pytestmark = pytest.mark.national

Geometries = npt.NDArray[np.object_]

PIXELS = 512
UNIT = EXTENT / PIXELS
WORLD_M = 2 * np.pi * 6_378_137.0
LAYERS = {one.name: {kind.value: low for kind, low in one.layers} for one in AREA_TILESETS}
"""Lowest zoom of each layer of each tileset."""
HIGHEST = {one.name: one.max_zoom for one in AREA_TILESETS}
"""Highest zoom of each tileset."""
MAX_ZOOM = max(HIGHEST.values())
SAMPLE = {4: 2, 5: 2, 6: 2, 7: 2, 8: 2, 9: 1, 10: 3, 11: 6, 12: 10}
SEED = 2026
KNOWN = {"Liverpool": (-2.98, 53.41), "Anglesey": (-4.31, 53.25), "Tower Hamlets": (-0.04, 51.52)}

COAST = 2.0
"""Pixels the drawn coast may be off: simplification moves it by half a pixel, seldom by more."""
GAP = 1.0
"""Square pixels of land further inland than that, which no area of a layer covers."""
FILLED = 3.0
"""Square pixels of water further out than that, in creeks that fill up when drawn small."""
NEAR = BUFFER
"""Units on either side of a border within which two tiles show the same, to the last unit."""
NATIONAL_VIEW = 320_000
"""Most bytes of all tiles of a view of the whole country."""


@dataclass(frozen=True)
class Archive:
    """Every tile of a tileset, still packed."""

    name: str
    tiles: dict[Place, bytes]
    metadata: dict[str, object]

    def __hash__(self) -> int:
        return id(self)

    @lru_cache(maxsize=100)  # noqa: B019 - lives as long as the test module
    def decoded(self, place: Place) -> dict[str, tuple[npt.NDArray[np.int64], Geometries]]:
        """Ids and outlines by layer, in units of the tile's grid, y down."""
        tile = mapbox_vector_tile.decode(
            gzip.decompress(self.tiles[place]), default_options={"y_coord_down": True}
        )
        return {
            name: (
                np.array([feature["id"] for feature in layer["features"]]),
                np.array([shapely.geometry.shape(one["geometry"]) for one in layer["features"]]),
            )
            for name, layer in tile.items()
        }


@pytest.fixture(scope="module", params=LAYERS)
def archive(request: pytest.FixtureRequest, national_edition: Path) -> Archive:
    with (national_edition / f"{request.param}.pmtiles").open("rb") as file:
        source = MmapSource(file)
        return Archive(request.param, dict(all_tiles(source)), Reader(source).metadata())


@pytest.fixture(scope="module")
def placed(national_edition: Path) -> dict[str, pd.DataFrame]:
    """Areas by kind, in feature order, with a point inside each."""
    columns = ["feature_id", "longitude", "latitude"]
    larger = pd.read_parquet(national_edition / "larger_areas.parquet", columns=["kind", *columns])
    kinds = {str(kind): level for kind, level in larger.groupby("kind")}
    return kinds | {
        "small_area": pd.read_parquet(national_edition / "areas.parquet", columns=columns)
    }


@pytest.fixture(scope="module")
def counts(placed: dict[str, pd.DataFrame]) -> dict[str, int]:
    return {kind: len(level) for kind, level in placed.items()}


@pytest.fixture(scope="module")
def land(national_edition: Path) -> Geometries:
    """Islands and mainland as they are in the edition, in Web Mercator metres."""
    nations = gpd.read_parquet(
        national_edition / "larger_areas.parquet", filters=[("kind", "==", "nation")]
    )
    outlines = nations.geometry.to_crs(3857).to_numpy()
    return np.asarray(shapely.get_parts(shapely.coverage_union_all(outlines)))


def sampled(archive: Archive, zoom: int) -> list[Place]:
    """A seeded draw of the tiles of a zoom, and those of the known places."""
    there = sorted(place for place in archive.tiles if place[0] == zoom)
    many = SAMPLE[zoom] if archive.name == "areas" else 1
    drawn = random.Random(SEED + zoom).sample(there, min(many, len(there)))
    known = {tile_at(*point, zoom)[0] for point in KNOWN.values()}
    return sorted({*drawn, *(known & archive.tiles.keys())})


def true_land(land: Geometries, place: Place) -> shapely.Geometry:
    """The land in and around a tile, in units of its grid, to a quarter of a pixel."""
    zoom, x, y = place
    side = WORLD_M / 2**zoom
    west, north, margin = x * side - WORLD_M / 2, WORLD_M / 2 - y * side, side / 20
    box = (west - margin, north - side - margin, west + side + margin, north + margin)
    clipped = shapely.clip_by_rect(land[shapely.intersects(land, shapely.box(*box))], *box)
    units = shapely.transform(
        clipped, lambda xy: (xy - [west, north]) * [EXTENT / side, -EXTENT / side]
    )
    plain = shapely.simplify(units, UNIT / 4, preserve_topology=False)
    return shapely.union_all(shapely.make_valid(plain))


def square_pixels(geometry: shapely.Geometry) -> float:
    return float(shapely.area(geometry)) / UNIT**2


ENGLISH = ("icb", "sub_icb", "region")
"""Kinds that Wales has none of."""
TILE_BOX = shapely.box(0, 0, EXTENT, EXTENT)


def test_layers_are_there_at_their_zooms(archive: Archive) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    highest = HIGHEST[archive.name]
    for (zoom, _, _), data in archive.tiles.items():
        if zoom < highest:
            for layer in VectorTile.FromString(gzip.decompress(data)).layers:
                seen[layer.name].add(zoom)
    layers = LAYERS[archive.name]
    assert seen == {name: set(range(low, highest)) for name, low in layers.items()}
    told = archive.metadata["vector_layers"]
    assert {one["id"]: (one["minzoom"], one["maxzoom"]) for one in told} == {  # type: ignore[attr-defined]
        name: (low, highest) for name, low in layers.items()
    }


@pytest.mark.parametrize("zoom", range(4, MAX_ZOOM + 1))
def test_every_area_is_drawn_at_every_zoom_of_its_layer(
    archive: Archive, counts: dict[str, int], zoom: int
) -> None:
    drawn: dict[str, set[int]] = defaultdict(set)
    for place, data in archive.tiles.items():
        if place[0] != zoom:
            continue
        for layer in VectorTile.FromString(gzip.decompress(data)).layers:
            ids = [feature.id for feature in layer.features]
            assert len(set(ids)) == len(ids), f"an area twice in {place}"
            assert layer.extent == EXTENT
            assert not layer.keys
            drawn[layer.name].update(ids)
    assert drawn == {
        name: set(range(counts[name]))
        for name, lowest in LAYERS[archive.name].items()
        if lowest <= zoom <= HIGHEST[archive.name]
    }


@pytest.mark.parametrize("zoom", SAMPLE)
def test_every_layer_covers_the_land_once(archive: Archive, land: Geometries, zoom: int) -> None:
    for place in sampled(archive, zoom):
        whole = true_land(land, place)
        inland = shapely.buffer(whole, -COAST * UNIT, quad_segs=2)
        at_most = shapely.buffer(whole, COAST * UNIT, quad_segs=2)
        for name, (_, outlines) in archive.decoded(place).items():
            assert shapely.is_valid(outlines).all(), f"{name} in {place}"
            together = shapely.union_all(outlines)
            # Whole numbers throughout: what is covered twice would be told to the last unit.
            assert shapely.area(outlines).sum() == together.area, f"{name} in {place}"
            drawn = shapely.intersection(together, TILE_BOX)
            gaps = shapely.intersection(inland, TILE_BOX).difference(drawn)
            spilt = drawn.difference(at_most)
            if name not in ENGLISH:
                assert square_pixels(gaps) < GAP, f"{name} in {place}"
            assert square_pixels(spilt) < FILLED, f"{name} in {place}"


@pytest.mark.parametrize("zoom", range(6, MAX_ZOOM + 1))
def test_neighbouring_tiles_show_the_same_where_they_meet(archive: Archive, zoom: int) -> None:
    compared = 0
    for place in sampled(archive, zoom):
        for other, ours, theirs in borders(place):
            for name in archive.decoded(place) if other in archive.tiles else ():
                one = strip(archive.decoded(place)[name], *ours)
                two = strip(archive.decoded(other)[name], *theirs)
                assert one.keys() == two.keys(), f"{name} between {place} and {other}"
                differ = [(one[row] ^ two[row]).area for row in one]
                assert not any(differ), f"{name} between {place} and {other}"
                compared += len(one)
    shown = max(LAYERS[archive.name].values()) <= zoom <= HIGHEST[archive.name]
    assert compared >= 3 or not shown


Corner = tuple[float, float]


def borders(
    place: Place,
) -> Iterator[tuple[Place, tuple[Corner, Corner], tuple[Corner, Corner]]]:
    """The tiles to the right and below, with the strip between in either tile's grid."""
    zoom, x, y = place
    yield (
        (zoom, x + 1, y),
        ((EXTENT - NEAR, 0), (EXTENT + NEAR, EXTENT)),
        ((-NEAR, 0), (NEAR, EXTENT)),
    )
    yield (
        (zoom, x, y + 1),
        ((0, EXTENT - NEAR), (EXTENT, EXTENT + NEAR)),
        ((0, -NEAR), (EXTENT, NEAR)),
    )


def strip(
    layer: tuple[npt.NDArray[np.int64], Geometries], low: Corner, high: Corner
) -> dict[int, shapely.Geometry]:
    """What each area covers of a strip, from the strip's own corner on."""
    ids, outlines = layer
    near = np.flatnonzero(shapely.intersects(outlines, shapely.box(*low, *high)))
    met = shapely.intersection(outlines[near], shapely.box(*low, *high))
    moved = shapely.transform(met, lambda xy: xy - np.array(low))
    there = shapely.area(moved) > 0
    return dict(zip(ids[near][there].tolist(), moved[there], strict=True))


@pytest.mark.parametrize("zoom", [7, 9, 12])
def test_an_id_is_the_row_of_the_area(
    archive: Archive, placed: dict[str, pd.DataFrame], zoom: int
) -> None:
    checked = 0
    for place in sampled(archive, zoom):
        for name, (ids, outlines) in archive.decoded(place).items():
            rows = placed[name].iloc[ids]
            assert rows["feature_id"].tolist() == ids.tolist()
            for outline, longitude, latitude in zip(
                outlines, rows["longitude"], rows["latitude"], strict=True
            ):
                home, at = tile_at(longitude, latitude, zoom)
                if home == place:
                    # A point inside can lie within a pixel of an outline that was simplified.
                    assert shapely.dwithin(outline, shapely.Point(at), UNIT)
                    checked += 1
    assert checked or zoom > 9


def test_tiles_are_small(archive: Archive) -> None:
    sizes: dict[int, list[tuple[int, Place]]] = defaultdict(list)
    for place, data in archive.tiles.items():
        sizes[place[0]].append((len(data), place))
    for zoom, tiles in sorted(sizes.items()):
        largest, where = max(tiles)
        total = sum(size for size, _ in tiles)
        print(f"z{zoom}: {len(tiles):,} tiles, {total:,} bytes; the largest {largest:,} at {where}")
    totals = {zoom: sum(size for size, _ in tiles) for zoom, tiles in sizes.items()}
    assert all(totals[zoom] < NATIONAL_VIEW for zoom in (4, 5, 6) if zoom in totals)
    assert totals.get(5, 0) < 60_000
    assert max(size for tiles in sizes.values() for size, _ in tiles) < 400_000
    assert sum(totals.values()) < 45_000_000
