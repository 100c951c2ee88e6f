"""Contiguity, hot spots and practices on national data: what the method pages say stays true."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from exclusion_map import indicators
from exclusion_map.areas.hotspots import Hotspots, Pattern, hotspots
from exclusion_map.areas.practice_patients import catchment, read_practices
from exclusion_map.geography.contiguity import Contiguity, queen
from exclusion_map.geography.coverage import mend
from exclusion_map.geography.placing import locate
from exclusion_map.geography.postcodes import PostcodeIndex, index_table, read_postcodes
from exclusion_map.geography.small_areas import BOUNDARIES
from exclusion_map.index import ValueTable, compose, definitions
from exclusion_map.index.validate import spearman
from exclusion_map.sources.files import find
from exclusion_map.sources.readers.layers import read_layer

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def areas(national_raw: Path) -> gpd.GeoDataFrame:
    layer = read_layer(find(national_raw, *BOUNDARIES), columns=("LSOA21CD",))
    areas = layer.rename(columns={"LSOA21CD": "code"}).sort_values("code", ignore_index=True)
    return areas.assign(geometry=mend(areas.geometry.to_numpy())[0])


@pytest.fixture(scope="module")
def touching(areas: gpd.GeoDataFrame) -> Contiguity:
    return queen(areas.geometry.to_numpy())


@pytest.fixture(scope="module")
def table(national_raw: Path, areas: gpd.GeoDataFrame, national_tidy: pd.DataFrame) -> ValueTable:
    codes = areas["code"].to_numpy(dtype=str)
    people = indicators.population(national_raw, codes)["population"].to_numpy(dtype=np.float64)
    return ValueTable.from_tidy(national_tidy, codes, people)


@pytest.fixture(scope="module")
def score(table: ValueTable) -> np.ndarray:
    return compose(definitions()["exclusion"], table).score


@pytest.fixture(scope="module")
def found(score: np.ndarray, touching: Contiguity) -> Hotspots:
    return hotspots(score, touching)


def test_the_only_island_is_scilly(areas: gpd.GeoDataFrame, touching: Contiguity) -> None:
    assert len(touching) == 35_672
    assert areas["code"].iloc[touching.islands].tolist() == ["E01019077"]


def test_each_touches_about_six_and_both_ways(touching: Contiguity) -> None:
    assert len(touching.indices) == 2 * 104_285
    there = touching.owners.astype(np.int64) * len(touching) + touching.indices
    back = touching.indices.astype(np.int64) * len(touching) + touching.owners
    assert (np.sort(back) == there).all()


def test_a_part_of_the_country_touches_as_shapely_says(
    areas: gpd.GeoDataFrame, touching: Contiguity
) -> None:
    part = np.arange(4_000, 7_000)
    outlines = areas.geometry.to_numpy()[part]
    one, other = areas.iloc[part].sindex.query(outlines, predicate="intersects")
    keep = np.zeros(len(touching), dtype=bool)
    keep[part] = True
    mine = touching.among(keep)
    assert len(mine.indices) == (one != other).sum()


def test_the_index_clusters_and_the_floor_does_not_hide_it(found: Hotspots) -> None:
    assert found.tested == 35_671
    assert 0.45 < found.global_moran < 0.65
    assert found.fewest_significant == 15
    assert found.significant.sum() > 3_000
    counts = found.counts()
    assert counts["island"] == 1
    assert counts["missing"] == 0
    assert counts["high_high"] + counts["low_low"] > 20 * counts["low_high"]


def test_hot_spots_have_higher_scores_and_neighbours(found: Hotspots, score: np.ndarray) -> None:
    high = found.pattern == Pattern.HIGH_HIGH
    assert score[high].min() > score.mean()
    assert found.neighbour_mean[high].min() > score.mean()
    assert (found.hot[high] == 1).all()


def test_practices_agree_weakly_as_published(
    national_raw: Path, areas: gpd.GeoDataFrame, table: ValueTable, score: np.ndarray
) -> None:
    frame = read_postcodes(national_raw)
    frame = frame.merge(_of_practices(national_raw), on="postcode", how="inner", validate="1:1")
    area = locate(
        frame["longitude"].to_numpy(dtype=float),
        frame["latitude"].to_numpy(dtype=float),
        areas.geometry.to_numpy(),
    ).area
    practices = read_practices(national_raw, PostcodeIndex(index_table(frame, area)))
    middle = areas.geometry.representative_point()
    small = pd.DataFrame(
        {"population": table.population, "longitude": middle.x, "latitude": middle.y}
    )
    around = catchment("nearest", practices, small)
    assert len(practices.codes) == 6_537
    assert 0.05 < spearman(around.mean(score), practices.not_enabled) < 0.2


def _of_practices(raw: Path) -> pd.DataFrame:
    path = raw / "nhs-pomi-2020" / "pomi_2020_12.csv"
    postcodes = pd.read_csv(path, usecols=["postcode"], dtype=str)["postcode"]
    return pd.DataFrame({"postcode": postcodes.str.replace(" ", "").unique()})
