"""A raw folder cut down to one nation: what it holds, and what is then not needed."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from exclusion_map.errors import FetchError
from exclusion_map.sources import arcgis, extent, files
from exclusion_map.sources.web import Passing
from exclusion_map.terms import Nation

ICBS = ("ons-lsoa21-icb24-lookup", "LSOA21_SICBL24_ICB24_EN_LU.csv")


def _boundaries(folder: Path, *codes: str) -> Path:
    path = folder / "ons-lsoa21-boundaries" / "LSOA_2021_EW_BGC.parquet"
    path.parent.mkdir(parents=True)
    shapes = [shapely.box(number, 50, number + 1, 51) for number in range(len(codes))]
    gpd.GeoDataFrame({"LSOA21CD": codes}, geometry=shapes, crs=4326).to_parquet(path)
    return path


def test_what_describes_england_alone_is_not_needed_in_wales(tmp_path: Path) -> None:
    _boundaries(tmp_path, "W01000001")
    assert extent.nations_held(tmp_path) == {Nation.WALES}
    lacking = files.absent(tmp_path)
    needed = extent.needed(tmp_path, lacking)
    assert {one.source.id for one in lacking} - {one.source.id for one in needed} == {
        "mhclg-iod2025",
        "ons-lad24-region24-lookup",
        "ons-lsoa21-icb24-lookup",
    }
    assert extent.spared(tmp_path, *ICBS, {Nation.WALES})
    assert not extent.spared(tmp_path, *ICBS, set(Nation))


def test_without_boundaries_everything_is_needed(tmp_path: Path) -> None:
    lacking = files.absent(tmp_path)
    assert extent.needed(tmp_path, lacking) == lacking
    _boundaries(tmp_path, "W01000001").write_bytes(b"PAR1 and no more")
    assert extent.nations_held(tmp_path) == set(Nation)


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"features":' * 100_000, b"<html>"])
def test_a_layer_that_is_nested_without_end_is_asked_again(body: bytes) -> None:
    with pytest.raises(Passing, match="not JSON"):
        arcgis._parse(body, None)  # type: ignore[arg-type]


def test_an_error_of_a_layer_may_be_a_word() -> None:
    class Label:
        label = "layer"

    with pytest.raises(FetchError, match="gone"):
        arcgis._parse(b'{"error": "gone"}', Label())  # type: ignore[arg-type]
