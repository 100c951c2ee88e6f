"""Files of Sampleshire opened by GDAL's programs, geopandas and DuckDB: counts, values, systems."""

import json
import shutil
import subprocess
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import pytest

from exclusion_map.areas.scoring import Question
from exclusion_map.areas.selection import choose
from exclusion_map.editions.downloads import AreaOrder, area_dataset
from exclusion_map.editions.jobs import answer_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.support_downloads import SupportOrder, support_dataset
from exclusion_map.exports.area_columns import ColumnGroup
from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.writing import write
from exclusion_map.index import Definition
from exclusion_map.terms import AreaKind

OUTLINED = ("gpkg", "parquet", "geojson", "fgb")


@pytest.fixture(scope="module")
def edition(sample_edition: Path) -> Edition:
    return open_edition(sample_edition)


def dataset_of(edition: Edition, order: AreaOrder, within: str = "") -> Dataset:
    index = edition.manifest.indices[0]
    asked = Question(
        definition=Definition.parse(index.definition, index.id),
        selection=choose(edition.atlas, [within]) if within else None,
    )
    return area_dataset(edition, answer_of(edition, asked), order)


@pytest.fixture(scope="module")
def files(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every form of a file of all small areas with all columns."""
    folder = tmp_path_factory.mktemp("downloads")
    dataset = dataset_of(edition, AreaOrder(groups=tuple(ColumnGroup)))
    made = {}
    for form in FileFormat:
        made[form.value] = folder / f"areas.{form.value}"
        write(dataset, form, made[form.value])
    return made


def read(path: Path) -> gpd.GeoDataFrame:
    if path.suffix == ".parquet":
        return gpd.read_parquet(path)
    return gpd.read_file(path, layer="small_areas")


@pytest.mark.parametrize("ending", OUTLINED)
def test_geopandas_reads_outlines_and_figures(
    files: dict[str, Path], edition: Edition, ending: str
) -> None:
    table = read(files[ending]).sort_values("code").reset_index(drop=True)
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    scores = edition.atlas.score_set(edition.manifest.default_index, AreaKind.SMALL_AREA)
    assert tuple(table["code"]) == small.codes
    assert table.crs is not None
    assert table.crs.equals("EPSG:4326", ignore_axis_order=True) or table.crs.equals("OGC:CRS84")
    assert table.is_valid.all()
    assert set(table.geom_type) == {"MultiPolygon"}
    np.testing.assert_allclose(table.bounds.to_numpy(), small.bbox, atol=1e-6)
    np.testing.assert_array_equal(table["score"].astype(float), scores.score)
    ranks = table["rank"].astype(float).fillna(0)
    np.testing.assert_array_equal(ranks, scores.rank)


def test_a_selection_has_the_outlines_of_its_own_areas(edition: Edition, tmp_path: Path) -> None:
    council = edition.atlas.level(AreaKind.LOCAL_AUTHORITY)
    code = council.codes[1]
    dataset = dataset_of(edition, AreaOrder(kind=AreaKind.WARD, within=code), code)
    path = tmp_path / "wards.fgb"
    write(dataset, FileFormat.FGB, path)
    table = gpd.read_file(path).sort_values("code")
    level = edition.atlas.level(AreaKind.WARD)
    rows = edition.atlas.within(AreaKind.WARD, council, 1)
    assert list(table["code"]) == [level.codes[row] for row in rows]
    np.testing.assert_allclose(table.bounds.to_numpy(), level.bbox[rows], atol=1e-9)


@pytest.mark.gdal
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb"])
def test_ogrinfo_reads_them(files: dict[str, Path], edition: Edition, ending: str) -> None:
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not installed: apt-get install gdal-bin")
    told = subprocess.run(
        ["ogrinfo", "-so", str(files[ending]), "small_areas"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "partially supported" not in told.stdout + told.stderr
    assert f"Feature Count: {len(edition.atlas.level(AreaKind.SMALL_AREA))}" in told.stdout
    assert "Multi Polygon" in told.stdout
    assert "WGS 84" in told.stdout
    assert edition.id in told.stdout or ending != "gpkg"


def test_duckdb_counts_and_adds_the_same(files: dict[str, Path], edition: Edition) -> None:
    people = float(np.nansum(edition.atlas.level(AreaKind.SMALL_AREA).population))
    for ending in ("csv", "parquet"):
        table = duckdb.read_parquet if ending == "parquet" else duckdb.read_csv
        count, total = (
            table(str(files[ending])).aggregate("count(*), sum(population)").fetchall()[0]
        )
        assert (count, total) == (len(edition.atlas.level(AreaKind.SMALL_AREA)), people)


def test_the_same_order_gives_the_same_bytes(
    files: dict[str, Path], edition: Edition, tmp_path: Path
) -> None:
    dataset = dataset_of(edition, AreaOrder(groups=tuple(ColumnGroup)))
    for ending in ("csv", "zip", "parquet", "geojson", "arrow"):
        again = tmp_path / f"again.{ending}"
        write(dataset, FileFormat(ending), again)
        assert again.read_bytes() == files[ending].read_bytes(), ending


def test_intervals_and_the_estimate_are_those_of_the_edition(
    files: dict[str, Path], sample_edition: Path
) -> None:
    told = duckdb.read_csv(str(files["csv"])).set_alias("told")
    intervals = duckdb.read_parquet(f"{sample_edition}/uncertainty.parquet").set_alias("interval")
    estimate = duckdb.read_parquet(f"{sample_edition}/estimate.parquet").set_alias("estimate")
    joined = (
        told.join(intervals.filter("\"index\" = 'exclusion' AND rank_low > 0"), "code")
        .set_alias("told")
        .join(estimate.filter("low IS NOT NULL"), "code")
        .aggregate(
            "count(*), sum((told.rank_low = told.rank_low_1)::int), sum((modelled_low = low)::int)"
        )
        .fetchall()[0]
    )
    assert joined[0] > 300
    assert joined[0] == joined[1] == joined[2]


def test_places_of_support_are_points(edition: Edition, tmp_path: Path) -> None:
    dataset = support_dataset(edition, SupportOrder())
    path = tmp_path / "support.gpkg"
    write(dataset, FileFormat.GPKG, path)
    table = gpd.read_file(path, layer="support")
    assert len(table) == len(edition.support)
    assert set(table.geom_type) == {"Point"}
    np.testing.assert_allclose(table.geometry.x, table["longitude"])
    hours = table["opening_hours"].dropna()
    assert isinstance(json.loads(hours.iloc[0]), dict)
