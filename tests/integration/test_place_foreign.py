"""Points in the forms other people's programs write: the same areas, on a cluster too."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from pyproj import Transformer
from rich.console import Console

from exclusion_map.editions.manifest import read_manifest
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.advice import advice
from exclusion_map.placing.order import Placed, Reason
from exclusion_map.placing.run import PlaceOrder, Summary, place
from exclusion_map.terms import AreaKind

distributed = pytest.importorskip(
    "distributed", reason="dask.distributed is not installed: the extra 'scale'"
)
QUIET = Console(quiet=True)
ROWS = 300
ADDED = ["area_code", "score", "decile", "decile_low", "decile_high", "placed", "reason"]
Write = Callable[[pd.DataFrame, Path], Path]

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as running:
        yield running


@pytest.fixture(scope="module")
def edition(sample_edition: Path) -> Edition:
    return open_edition(sample_edition)


@pytest.fixture(scope="module")
def grids(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("grids")


@pytest.fixture(scope="module")
def people(sample_edition: Path) -> pd.DataFrame:
    """People in the county, at sea around it, and some without a place."""
    west, south, east, north = read_manifest(sample_edition).bounds
    random = np.random.default_rng(11)
    latitude = random.uniform(south - 0.05, north + 0.05, ROWS)
    longitude = random.uniform(west - 0.05, east + 0.05, ROWS)
    frame = pd.DataFrame(
        {
            "Näme": [f"Zoë {number:04d}" for number in range(ROWS)],
            "note": ["one; two, three|four" if n % 7 == 0 else "" for n in range(ROWS)],
            "LATITUDE": latitude,
            "Longitude": longitude,
        }
    )
    frame.loc[[3, 40], "LATITUDE"] = np.nan
    frame.loc[50, "LATITUDE"] = 95.0
    # These two lie in no sea anybody swims in, but swapped they are in the county.
    frame.loc[60, ["LATITUDE", "Longitude"]] = [1.2, 54.6]
    return frame


@pytest.fixture(scope="module")
def truth(sample_edition: Path, people: pd.DataFrame, grids: Path) -> pd.DataFrame:
    folder = grids / "truth"
    folder.mkdir()
    people.to_parquet(folder / "points.parquet", index=False)
    _, table = _run(sample_edition, _order(folder / "points.parquet", folder, grids))
    found: pd.DataFrame = table.to_pandas()
    return found


def _order(source: Path, folder: Path, grids: Path, **more: Any) -> PlaceOrder:
    output = folder / "placed.parquet"
    plain = PlaceOrder(input=source, output=output, grid_dir=grids, workers=1, part_rows=100)
    return replace(plain, memory=8_000_000_000, **more)


def _run(edition: Path, order: PlaceOrder) -> tuple[Summary, pa.Table]:
    summary = place(edition, order, QUIET)
    return summary, pq.read_table(order.output)


def _csv(**options: Any) -> Write:
    def write(frame: pd.DataFrame, folder: Path) -> Path:
        path = folder / f"points{options.pop('ending', '.csv')}"
        path.write_bytes(_text(frame, **options))
        return path

    return write


def _text(frame: pd.DataFrame, mark: str = ",", encoding: str = "utf-8", ends: str = "\n") -> bytes:
    return frame.to_csv(index=False, sep=mark, lineterminator=ends).encode(encoding)


def _packed(frame: pd.DataFrame, folder: Path) -> Path:
    (folder / "Points.CSV.gz").write_bytes(gzip.compress(_text(frame, encoding="utf-8-sig")))
    return folder / "Points.CSV.gz"


def _partitioned(frame: pd.DataFrame, folder: Path) -> Path:
    root = folder / "hive"
    for number in range(3):
        part = frame[number * 100 : number * 100 + 100]
        inside = root / f"year=202{number}" / "region=North%20East"
        inside.mkdir(parents=True)
        part.to_parquet(inside / "part-0.parquet", index=False)
    (root / "_SUCCESS").touch()
    (root / "_temporary").mkdir()
    (root / "_temporary" / "half.parquet").write_bytes(b"PAR1")
    return root


def _grid_references(frame: pd.DataFrame, folder: Path) -> Path:
    to_grid = Transformer.from_crs(4326, 27700, always_xy=True)
    east, north = to_grid.transform(frame["Longitude"], frame["LATITUDE"])
    known = np.isfinite(east)
    table = frame[["Näme", "note"]].assign(
        EASTING=np.where(known, east, np.nan), northing=np.where(known, north, np.nan)
    )
    table.to_csv(folder / "grid.tsv", index=False, sep="\t")
    return folder / "grid.tsv"


def _points(frame: pd.DataFrame, folder: Path) -> Path:
    shapes = gpd.points_from_xy(frame["Longitude"], frame["LATITUDE"], crs=4326)
    table = gpd.GeoDataFrame(frame[["Näme", "note"]], geometry=shapes)
    table.loc[frame["LATITUDE"].isna(), "geometry"] = None
    table.to_parquet(folder / "points.parquet", index=False)
    return folder / "points.parquet"


FORMS: dict[str, Write] = {
    "semicolons": _csv(mark=";"),
    "tabs, Windows line ends": _csv(mark="\t", ends="\r\n"),
    "bars, a mark": _csv(mark="|", encoding="utf-8-sig"),
    "UTF-16": _csv(mark=";", encoding="utf-16", ending=".tsv"),
    "Windows text": _csv(encoding="cp1252"),
    "packed": _packed,
    "partitions": _partitioned,
    "grid references": _grid_references,
    "GeoParquet": _points,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_areas_here_and_on_a_cluster(
    form: str,
    edition: Edition,
    people: pd.DataFrame,
    truth: pd.DataFrame,
    grids: Path,
    cluster: Any,
    tmp_path: Path,
) -> None:
    order = _order(FORMS[form](people, tmp_path), tmp_path, grids)
    summary, here = _run(edition.folder, order)
    there = replace(order, output=tmp_path / "there.parquet", cluster=cluster.scheduler_address)
    assert _run(edition.folder, there)[1].equals(here)
    found = here.to_pandas()
    assert summary.rows == ROWS
    assert found["Näme"].tolist() == people["Näme"].tolist()
    assert found["note"].fillna("").tolist() == people["note"].tolist()
    # What has no system but metres is impossible or outside otherwise than in degrees.
    rows = truth["reason"].isin([Reason.IMPOSSIBLE, Reason.SWAPPED]) & (form == "grid references")
    for name in ADDED:
        wanted, given = (frame.loc[~rows, name].astype(object) for frame in (truth, found))
        assert (
            given.where(given.notna(), None).tolist() == wanted.where(wanted.notna(), None).tolist()
        ), name
    assert found.loc[rows, "area_code"].isna().all()


def test_what_folders_say_is_kept(
    edition: Edition, people: pd.DataFrame, grids: Path, tmp_path: Path
) -> None:
    order = _order(_partitioned(people, tmp_path), tmp_path, grids)
    _, table = _run(edition.folder, order)
    assert set(table.column("region").to_pylist()) == {"North East"}
    assert table.column("year").to_pylist() == ["2020"] * 100 + ["2021"] * 100 + ["2022"] * 100
    (order.input / "2023").mkdir()
    people.to_parquet(order.input / "2023" / "a.parquet")
    with pytest.raises(InvalidRequestError, match="key=value"):
        _run(edition.folder, replace(order, overwrite=True))


def test_rows_that_cannot_be_placed_are_kept_counted_and_explained(
    truth: pd.DataFrame,
) -> None:
    assert len(truth) == ROWS
    assert truth["reason"][[3, 50, 60]].tolist() == [
        Reason.NO_COORDINATES,
        Reason.IMPOSSIBLE,
        Reason.SWAPPED,
    ]
    counts = {str(why): int(many) for why, many in truth["reason"].value_counts().items()}
    assert counts[Reason.OUTSIDE] > 0
    told = advice(ROWS, counts)
    assert len(told) == 2
    assert "swapped" in told[0]
    assert "--crs EPSG:27700" in told[1]
    assert "--x" in advice(5, {Reason.OUTSIDE: 5})[0]
    assert advice(0, {}) == advice(5, {Placed.INSIDE: 5}) == []


def test_a_corner_of_several_areas_is_in_the_first_of_them(
    edition: Edition, grids: Path, tmp_path: Path
) -> None:
    areas = gpd.read_parquet(edition.folder / "areas.parquet")
    corners = areas.geometry.get_coordinates().drop_duplicates().iloc[::50]
    corners.to_csv(tmp_path / "corners.csv", index=False)
    order = _order(tmp_path / "corners.csv", tmp_path, grids, x="x", y="y")
    _, table = _run(edition.folder, order)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(corners["x"], corners["y"]), crs=4326)
    codes = edition.atlas.level(AreaKind.SMALL_AREA).codes
    touched = points.sjoin(areas[["geometry"]].assign(code=list(codes)), predicate="intersects")
    assert touched.index.duplicated().any()
    assert table.num_rows == len(corners)
    assert table.column("area_code").to_pylist() == touched.groupby(level=0)["code"].min().tolist()


def test_headings_alone_and_odd_names(edition: Edition, grids: Path, tmp_path: Path) -> None:
    none = tmp_path / "none.csv"
    none.write_bytes("lat;lon;Größe\r\n".encode("utf-16"))
    summary, table = _run(edition.folder, _order(none, tmp_path, grids))
    assert (summary.rows, table.column_names[:3]) == (0, ["lat", "lon", "Größe"])
    odd = pa.table({"geo.lat": [54.6], "länge (°)": [1.2], 'a "b"': ["x"]})
    pq.write_table(odd, tmp_path / "odd.parquet")
    order = _order(
        tmp_path / "odd.parquet", tmp_path, grids, x="länge (°)", y="geo.lat", overwrite=True
    )
    assert _run(edition.folder, order)[1].column('a "b"').to_pylist() == ["x"]
    text = tmp_path / "odd.csv"
    text.write_text("score,lat,lon\n1,54.6,1.2\n")
    with pytest.raises(InvalidRequestError, match="--prefix"):
        _run(edition.folder, _order(text, tmp_path, grids, overwrite=True))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv.gz", gzip.compress(b"lat,lon\n1,2\n" * 99)[:-20], "damaged gzip"),
        ("a.csv.gz", b"lat,lon\n1,2\n", "damaged gzip"),
        ("a.csv", b"lat,lon\n\x81,2\n", "not cp1252"),
        ("a.csv", "lat,lon\n1,2\n".encode("utf-16")[:-1], "not utf-16"),
        ("a.csv", b"", "columns"),
        ("a.csv", b"\x00" * 5000, "columns"),
        ("a.csv", b"[" * 2_000_000, "columns"),
        ("a.csv", b"lat,lon,lat\n1,2,3\n", "two columns 'lat'"),
        ("a.csv", b"lat,lon,\n1,2,3\n", "without a name"),
        ("a.csv", b'lat,lon\n1,2,3\n"', "unreadable"),
        ("a.parquet", b"PAR1" * 9, "unreadable"),
        ("a.xlsx", b"PK", "the ending '.xlsx'"),
    ],
)
def test_damaged_files_are_refused_and_leave_no_output(
    edition: Edition, grids: Path, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    order = _order(tmp_path / name, tmp_path, grids)
    with pytest.raises(InvalidRequestError, match=said):
        place(edition.folder, order, QUIET)
    assert not order.output.exists()


def test_windows_text_is_written_as_utf8(edition: Edition, grids: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("lat,lon,né\n54.6,1.2,café\n".encode("cp1252"))
    order = replace(_order(tmp_path / "in.csv", tmp_path, grids), output=tmp_path / "out.csv")
    place(edition.folder, order, QUIET)
    assert pacsv.read_csv(order.output).column("né").to_pylist() == ["café"]
    assert not list(tmp_path.glob("*.parts"))
