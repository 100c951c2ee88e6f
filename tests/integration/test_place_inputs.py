"""Points as other programs write them: geometries, partitions without rows, words for none."""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from rich.console import Console

from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.order import Placed, Reason
from exclusion_map.placing.run import PlaceOrder, Summary, place

QUIET = Console(quiet=True)
MEMORY = 8_000_000_000


@pytest.fixture(scope="module")
def edition(sample_edition: Path) -> Edition:
    return open_edition(sample_edition)


@pytest.fixture(scope="module")
def grids(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("grids")


@pytest.fixture
def order(tmp_path: Path, grids: Path) -> PlaceOrder:
    return PlaceOrder(
        input=tmp_path / "points.parquet",
        output=tmp_path / "placed.parquet",
        grid_dir=grids,
        workers=1,
        memory=MEMORY,
    )


def _points(edition: Edition, rows: int) -> gpd.GeoSeries:
    west, south, east, north = edition.manifest.bounds
    random = np.random.default_rng(9)
    x, y = random.uniform(west, east, rows), random.uniform(south, north, rows)
    return gpd.GeoSeries(gpd.points_from_xy(x, y), crs=4326)


def _run(edition: Edition, order: PlaceOrder, **changes: object) -> tuple[Summary, pa.Table]:
    changed = replace(order, **changes)  # type: ignore[arg-type]
    summary = place(edition.folder, changed, QUIET)
    table = pq.read_table(changed.output)
    assert table.num_rows == summary.rows
    return summary, table


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
@pytest.mark.parametrize("crs", [4326, 27700, 3857])
def test_geoparquet_brings_its_reference_system(
    edition: Edition, order: PlaceOrder, encoding: str, crs: int
) -> None:
    points = _points(edition, 400)
    plain = pa.table({"longitude": points.x.to_numpy(), "latitude": points.y.to_numpy()})
    pq.write_table(plain, order.input)
    wanted = _run(edition, order)[1].column("area_code").to_pylist()
    frame = gpd.GeoDataFrame({"id": range(400)}, geometry=points).to_crs(crs)
    frame.to_parquet(order.input, geometry_encoding=encoding)
    summary, table = _run(edition, order, overwrite=True)
    # What is turned there and back moves by less than a millimetre.
    assert table.column("area_code").to_pylist() == wanted
    assert set(summary.outcomes) <= {Placed.INSIDE, Placed.COAST, Reason.OUTSIDE}
    back = gpd.read_parquet(order.output)
    assert back.crs == frame.crs
    assert back.geometry.iloc[0].equals_exact(frame.geometry.iloc[0], 1e-9)


def test_what_is_no_point_is_told_row_by_row(edition: Edition, order: PlaceOrder) -> None:
    inside = _points(edition, 1).iloc[0]
    shapes = [inside, None, shapely.Point(), inside.buffer(0.01), shapely.MultiPoint([inside])]
    gpd.GeoDataFrame(geometry=shapes, crs=4326).to_parquet(order.input)
    _, table = _run(edition, order)
    none, other = Reason.NO_COORDINATES, Reason.NOT_A_POINT
    assert table.column("reason").to_pylist()[1:] == [none, none, other, other]
    wkb = [shapely.to_wkb(inside), b"\x01\x02", None]
    pq.write_table(pa.table({"wkb_geometry": pa.array(wkb, pa.binary())}), order.input)
    with pytest.raises(InvalidRequestError, match="does not tell"):
        _run(edition, order, overwrite=True)
    _, table = _run(edition, order, overwrite=True, crs="EPSG:4326")
    assert table.column("reason").to_pylist()[1:] == [other, none]


def test_csv_has_no_words_for_geometries(edition: Edition, order: PlaceOrder) -> None:
    frame = gpd.GeoDataFrame({"id": [1]}, geometry=_points(edition, 1))
    frame.to_parquet(order.input)
    output = order.output.with_suffix(".csv")
    with pytest.raises(InvalidRequestError, match="CSV cannot hold"):
        _run(edition, order, output=output)
    assert place(edition.folder, replace(order, output=output, keep=("id",)), QUIET).rows == 1
    assert output.read_text().startswith('"id"')


def test_geometry_that_cannot_be_read_is_refused(edition: Edition, order: PlaceOrder) -> None:
    table = pa.table({"shape": ["POINT (0 0)"]})
    about = {"primary_column": "shape", "columns": {"shape": {"encoding": "WKT"}}}
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(about)}), order.input)
    with pytest.raises(InvalidRequestError, match="no column of points"):
        _run(edition, order)


def test_partitions_without_rows(edition: Edition, order: PlaceOrder, tmp_path: Path) -> None:
    points = _points(edition, 30)
    table = pa.table({"lon": points.x.to_numpy(), "lat": points.y.to_numpy()})
    folder = tmp_path / "many"
    folder.mkdir()
    for number, part in enumerate((table[:0], table[:20], table[20:20], table[20:])):
        pq.write_table(part, folder / f"part-{number}.parquet")
    (folder / "_SUCCESS").touch()
    _, joined = _run(edition, order, input=folder)
    assert joined.column("lon").to_pylist() == table.column("lon").to_pylist()
    _, split = _run(edition, order, input=folder, output=tmp_path / "parts")
    assert split.column("area_code").to_pylist() == joined.column("area_code").to_pylist()
    pq.write_table(table[:0], order.input)
    summary, none = _run(edition, order, output=tmp_path / "none.parquet")
    assert summary.rows == 0
    assert none.schema.remove_metadata().equals(joined.schema.remove_metadata())


def test_text_that_means_none(edition: Edition, order: PlaceOrder, tmp_path: Path) -> None:
    source = tmp_path / "points.csv"
    source.write_text('lon,lat\nnan,52\n NaN ,52\n,\n"-1,9",52\ninf,52\n')
    _, table = _run(edition, order, input=source)
    none, text = Reason.NO_COORDINATES, Reason.NOT_A_NUMBER
    assert table.column("reason").to_pylist() == [none, none, none, Reason.COMMA, text]
