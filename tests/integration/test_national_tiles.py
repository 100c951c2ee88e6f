"""The archive of England and Wales, decoded as a map would decode it.

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
import pytest
import shapely
from mapbox_vector_tile.Mapbox.vector_tile_pb2 import tile as VectorTile  # noqa: N812
from pmtiles.reader import MmapSource, Reader, all_tiles

from tests.benchmarks.grid import EXTENT, Place, tile_at

pytestmark = pytest.mark.national

Geometries = npt.NDArray[np.object_]

PIXELS = 512
UNIT = EXTENT / PIXELS
WORLD_M = 2 * np.pi * 6_378_137.0
LAYERS = {"local_authority": 4, "neighbourhood": 7, "small_area": 9}
MAX_ZOOM = 12
SAMPLE = {4: 2, 5: 2, 6: 2, 7: 2, 8: 2, 9: 1, 10: 3, 11: 6, 12: 10}
SEED = 2026
KNOWN = {"Liverpool": (-2.98, 53.41), "Anglesey": (-4.31, 53.25), "Tower Hamlets": (-0.04, 51.52)}

OVERLAP = 1.0
"""Square pixels of a tile that two areas of a layer may both cover: rounding to the grid."""
COAST = 2.0
"""Pixels the drawn coast may be off: simplification moves it by half a pixel, seldom by more."""
GAP = 1.0
"""Square pixels of land further inland than that, which no area of a layer covers."""
SEAM = 1.0
"""Pixels along the border of two tiles at which they name different areas."""
FILLED = 3.0
"""Square pixels of water further out than that, in creeks that fill up when drawn small."""
CROSSED = 1.5
"""Square pixels of a layer within loops of outlines that cross themselves after rounding."""


@dataclass(frozen=True)
class Archive:
    """Every tile of the archive, still packed."""

    tiles: dict[Place, bytes]
    metadata: dict[str, object]

    def __hash__(self) -> int:
        return id(self)

    @lru_cache(maxsize=200)  # noqa: B019 - lives as long as the test module
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


@pytest.fixture(scope="module")
def archive(national_edition: Path) -> Archive:
    with (national_edition / "areas.pmtiles").open("rb") as file:
        source = MmapSource(file)
        return Archive(dict(all_tiles(source)), Reader(source).metadata())


@pytest.fixture(scope="module")
def counts(national_edition: Path) -> dict[str, int]:
    kinds = gpd.read_parquet(
        national_edition / "larger_areas.parquet", columns=["kind", "geometry"]
    )
    small = gpd.read_parquet(national_edition / "areas.parquet", columns=["geometry"])
    larger = kinds["kind"].value_counts()
    return {
        "local_authority": int(larger["local_authority"]),
        "neighbourhood": int(larger["neighbourhood"]),
        "small_area": len(small),
    }


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
    drawn = random.Random(SEED + zoom).sample(there, min(SAMPLE[zoom], len(there)))
    return sorted({*drawn, *(tile_at(*point, zoom)[0] for point in KNOWN.values())})


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


TILE_BOX = shapely.box(0, 0, EXTENT, EXTENT)


def test_layers_are_there_at_their_zooms(archive: Archive) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    for (zoom, _, _), data in archive.tiles.items():
        if zoom < MAX_ZOOM:
            for layer in VectorTile.FromString(gzip.decompress(data)).layers:
                seen[layer.name].add(zoom)
    assert seen == {name: set(range(low, MAX_ZOOM)) for name, low in LAYERS.items()}
    told = archive.metadata["vector_layers"]
    assert {one["id"]: (one["minzoom"], one["maxzoom"]) for one in told} == {  # type: ignore[attr-defined]
        name: (low, MAX_ZOOM) for name, low in LAYERS.items()
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
        name: set(range(counts[name])) for name, lowest in LAYERS.items() if zoom >= lowest
    }


@pytest.mark.parametrize("zoom", SAMPLE)
def test_every_layer_covers_the_land_once(archive: Archive, land: Geometries, zoom: int) -> None:
    for place in sampled(archive, zoom):
        whole = true_land(land, place)
        inland = shapely.buffer(whole, -COAST * UNIT, quad_segs=2)
        at_most = shapely.buffer(whole, COAST * UNIT, quad_segs=2)
        for name, (_, outlines) in archive.decoded(place).items():
            inside = shapely.intersection(shapely.make_valid(outlines), TILE_BOX)
            together = shapely.union_all(inside)
            overlap = float(shapely.area(inside).sum()) / UNIT**2 - square_pixels(together)
            gaps = shapely.intersection(inland, TILE_BOX).difference(together)
            spilt = together.difference(at_most)
            assert overlap < OVERLAP, f"{name} in {place}"
            assert square_pixels(gaps) < GAP, f"{name} in {place}"
            assert square_pixels(spilt) < FILLED, f"{name} in {place}"


@pytest.mark.parametrize("zoom", SAMPLE)
def test_outlines_that_touch_themselves_do_not_show(archive: Archive, zoom: int) -> None:
    """Rounding makes narrow necks touch, which the format advises against but maps draw well."""
    for place in sampled(archive, zoom):
        for name, (_, outlines) in archive.decoded(place).items():
            touching = outlines[~shapely.is_valid(outlines)]
            loops = shapely.area(shapely.make_valid(touching)) - shapely.area(touching)
            crossed = float(np.abs(loops).sum()) / UNIT**2
            assert crossed < CROSSED, f"{name} in {place}"


@pytest.mark.parametrize("zoom", range(6, MAX_ZOOM + 1))
def test_neighbouring_tiles_name_the_same_areas_along_their_border(
    archive: Archive, zoom: int
) -> None:
    compared = 0
    for place in sampled(archive, zoom):
        for other, ours, theirs in borders(place):
            if other not in archive.tiles:
                continue
            for name in archive.decoded(place):
                differ = disagreement(
                    archive.decoded(place)[name], ours, archive.decoded(other).get(name), theirs
                )
                assert differ < SEAM, f"{name} between {place} and {other}"
                compared += 1
    assert compared >= 3


def borders(place: Place) -> Iterator[tuple[Place, shapely.LineString, shapely.LineString]]:
    """The tiles to the right and below, with the shared border in either tile's grid."""
    zoom, x, y = place
    left, right = (shapely.LineString([(at, 0), (at, EXTENT)]) for at in (0, EXTENT))
    top, bottom = (shapely.LineString([(0, at), (EXTENT, at)]) for at in (0, EXTENT))
    yield (zoom, x + 1, y), right, left
    yield (zoom, x, y + 1), bottom, top


def disagreement(
    one: tuple[npt.NDArray[np.int64], Geometries],
    one_line: shapely.LineString,
    other: tuple[npt.NDArray[np.int64], Geometries] | None,
    other_line: shapely.LineString,
) -> float:
    """Pixels of the border that only one of two tiles gives to an area, the worst area's."""
    ours, theirs = along(one, one_line), along(other, other_line) if other else {}
    nothing = shapely.LineString()
    return max(
        (
            shapely.length(
                shapely.symmetric_difference(ours.get(i, nothing), theirs.get(i, nothing))
            )
            / UNIT
            for i in ours.keys() | theirs.keys()
        ),
        default=0.0,
    )


def along(
    layer: tuple[npt.NDArray[np.int64], Geometries], line: shapely.LineString
) -> dict[int, shapely.Geometry]:
    """The stretch of a tile's border within each area, laid on one axis."""
    ids, outlines = layer
    vertical = line.coords[0][0] == line.coords[1][0]
    near = np.flatnonzero(shapely.intersects(outlines, line))
    met = shapely.intersection(shapely.make_valid(outlines[near]), line)
    flat = shapely.transform(
        met, lambda xy: np.column_stack([xy[:, 1 if vertical else 0], np.zeros(len(xy))])
    )
    return dict(zip(ids[near].tolist(), flat, strict=True))


@pytest.mark.parametrize("zoom", range(9, MAX_ZOOM + 1))
def test_an_id_is_the_row_of_the_area(archive: Archive, national_edition: Path, zoom: int) -> None:
    small = gpd.read_parquet(national_edition / "areas.parquet")
    assert small["feature_id"].tolist() == list(range(len(small)))
    checked = 0
    for place in sampled(archive, zoom):
        ids, outlines = archive.decoded(place)["small_area"]
        rows = small.iloc[ids]
        for outline, longitude, latitude in zip(
            outlines, rows["longitude"], rows["latitude"], strict=True
        ):
            home, at = tile_at(longitude, latitude, zoom)
            if home == place:
                # A representative point can lie within a pixel of an outline that was simplified.
                assert shapely.dwithin(shapely.make_valid(outline), shapely.Point(at), UNIT)
                checked += 1
    assert checked > 30


def test_tiles_are_small(archive: Archive) -> None:
    sizes: dict[int, list[tuple[int, Place]]] = defaultdict(list)
    for place, data in archive.tiles.items():
        sizes[place[0]].append((len(data), place))
    for zoom, tiles in sorted(sizes.items()):
        largest, where = max(tiles)
        total = sum(size for size, _ in tiles)
        print(f"z{zoom}: {len(tiles):,} tiles, {total:,} bytes; the largest {largest:,} at {where}")
    national = {zoom: sum(size for size, _ in sizes[zoom]) for zoom in (4, 5, 6)}
    assert national[5] < 60_000
    assert national[6] < 110_000
    assert max(size for tiles in sizes.values() for size, _ in tiles) < 400_000
    assert sum(size for tiles in sizes.values() for size, _ in tiles) < 45_000_000
