import gzip
from pathlib import Path
from typing import get_args

import mapbox_vector_tile
import pandas as pd
import pytest
from pmtiles.reader import MmapSource, all_tiles

from api.routes.tilejson import TilesetName
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.archive import TileArchive
from exclusion_map.tiles.build import build_tiles
from exclusion_map.tiles.support_layers import support_layers
from exclusion_map.tiles.tilesets import AREA_TILESETS, TILESETS, tileset_of

BOUNDS = (-6.0, 50.0, 2.0, 56.0)
# Two libraries of one town, a surgery 30 km north of them, a pharmacy far away.
PLACES = pd.DataFrame(
    {
        "id": ["library:a", "library:b", "gp_practice:c", "pharmacy:d"],
        "kind": ["library", "library", "gp_practice", "pharmacy"],
        "name": ["A", "B", "C", None],
        "address": ["1 High Street", None, None, None],
        "longitude": [-1.500, -1.501, -1.500, -4.0],
        "latitude": [53.000, 53.001, 53.27, 50.4],
    }
)


def found(table: pd.DataFrame, path: Path) -> dict[int, dict[str, list[dict[str, object]]]]:
    """The attributes of all features by zoom and layer."""
    build_tiles(support_layers(table, BOUNDS), path)
    seen: dict[int, dict[str, list[dict[str, object]]]] = {}
    with path.open("rb") as file:
        for (zoom, _, _), data in all_tiles(MmapSource(file)):
            for layer, told in mapbox_vector_tile.decode(gzip.decompress(data)).items():
                features = [one["properties"] for one in told["features"]]
                seen.setdefault(zoom, {}).setdefault(layer, []).extend(features)
    return seen


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, list[dict[str, object]]]]:
    return found(PLACES, tmp_path_factory.mktemp("tiles") / "support.pmtiles")


def test_clusters_from_afar_and_places_close(
    seen: dict[int, dict[str, list[dict[str, object]]]],
) -> None:
    layers = {zoom: set(layers) for zoom, layers in seen.items()}
    assert layers == {
        **{zoom: {"support_clusters"} for zoom in range(4, 8)},
        **{zoom: {"support"} for zoom in range(8, 13)},
    }


def test_clusters_count_their_places_by_kind(
    seen: dict[int, dict[str, list[dict[str, object]]]],
) -> None:
    far = seen[4]["support_clusters"]
    assert {"count": 3, "library": 2, "gp_practice": 1} in far
    assert {"count": 1, "pharmacy": 1, "sid": "pharmacy:d", "kind": "pharmacy"} in far
    near = seen[7]["support_clusters"]
    assert {"count": 2, "library": 2} in near
    assert len(near) == 3


def test_a_place_tells_what_is_known_of_it(
    seen: dict[int, dict[str, list[dict[str, object]]]],
) -> None:
    assert seen[8]["support"][0].keys() == {"sid", "kind", "name"}
    close = {one["sid"]: one for one in seen[12]["support"]}
    assert close["library:a"]["address"] == "1 High Street"
    assert close["pharmacy:d"] == {"sid": "pharmacy:d", "kind": "pharmacy"}


def test_without_any_place_the_archive_is_whole_and_empty(tmp_path: Path) -> None:
    assert found(PLACES.iloc[:0], tmp_path / "support.pmtiles") == {}
    archive = TileArchive(tmp_path / "support.pmtiles")
    assert (archive.info.min_zoom, archive.info.max_zoom) == (4, 12)
    assert [layer["id"] for layer in archive.metadata["vector_layers"]] == [
        "support_clusters",
        "support",
    ]


def test_every_kind_of_area_is_in_one_tileset() -> None:
    kinds = [kind for one in AREA_TILESETS for kind, _ in one.layers]
    assert sorted(kinds) == sorted(AreaKind)
    assert tileset_of(AreaKind.WARD).file == "wards.pmtiles"
    assert set(get_args(TilesetName)) == set(TILESETS)
