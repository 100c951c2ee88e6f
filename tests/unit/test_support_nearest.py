"""The nearest places, as the web service asks for them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map.errors import EditionError
from exclusion_map.support import SupportTable
from exclusion_map.support.distance import metres_between
from exclusion_map.terms import SupportKind


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    count = 400
    kinds = [kind.value for kind in SupportKind]
    return pd.DataFrame(
        {
            "id": [f"{kinds[row % 4]}:{row}" for row in range(count)],
            "kind": [kinds[row % 4] for row in range(count)],
            "name": [f"Place {row:03d}" for row in range(count)],
            "latitude": rng.uniform(53.0, 53.4, count),
            "longitude": rng.uniform(-3.0, -2.4, count),
            "area_code": [f"E{row % 50:02d}" for row in range(count)],
            "opening_hours": ['{"mon":[["09:00","17:00"]]}'] + [None] * (count - 1),
            "extra": "ignored",
        }
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("support") / "support.parquet"
    frame().to_parquet(path)
    return path


@pytest.fixture(scope="module")
def table(path: Path) -> SupportTable:
    return SupportTable.open(path)


def by_hand(longitude: float, latitude: float, kinds: set[str]) -> list[tuple[float, str]]:
    """The slow, obvious way: the haversine formula on each row."""
    rows = frame()
    rows = rows[rows["kind"].isin(kinds)]
    x, y = np.radians(rows["longitude"]), np.radians(rows["latitude"])
    x0, y0 = np.radians(longitude), np.radians(latitude)
    half = np.sin((y - y0) / 2) ** 2 + np.cos(y) * np.cos(y0) * np.sin((x - x0) / 2) ** 2
    away = 2 * 6_371_008.8 * np.arcsin(np.sqrt(half))
    return sorted(zip(away, rows["id"], strict=True))


@pytest.mark.parametrize("kind", [None, SupportKind.LIBRARY, SupportKind.PHARMACY])
@pytest.mark.parametrize("k", [1, 5, 1000])
def test_the_nearest_are_those_found_the_slow_way(
    table: SupportTable, kind: SupportKind | None, k: int
) -> None:
    expected = by_hand(-2.7, 53.2, {kind} if kind else set(SupportKind))[:k]
    found = table.nearest(-2.7, 53.2, kind, k)
    assert [near.place.id for near in found] == [identity for _, identity in expected]
    assert [near.metres for near in found] == pytest.approx([away for away, _ in expected])


def test_within_a_distance_are_those_found_the_slow_way(table: SupportTable) -> None:
    kinds = {SupportKind.LIBRARY, SupportKind.JOBCENTRE}
    expected = [pair for pair in by_hand(-2.7, 53.2, set(kinds)) if pair[0] <= 5000]
    found = table.within(-2.7, 53.2, 5000, kinds)
    assert [near.place.id for near in found] == [identity for _, identity in expected]
    assert table.within(-2.7, 53.2, 0) == []
    assert table.within(-2.7, 53.2, 5000, []) == []


def test_many_points_at_once_find_the_same_as_one_by_one(table: SupportTable) -> None:
    longitude = np.array([-2.7, -2.5, np.nan, -2.9])
    latitude = np.array([53.2, 53.1, 53.1, 53.35])
    rows, metres = table.nearest_many(longitude, latitude, SupportKind.LIBRARY, 3)
    for point in (0, 1, 3):
        near = table.nearest(longitude[point], latitude[point], SupportKind.LIBRARY, 3)
        assert [place.id for place in table.places(rows[point])] == [n.place.id for n in near]
        assert metres[point].tolist() == pytest.approx([n.metres for n in near])
    assert rows[2].tolist() == [-1, -1, -1]
    assert np.isnan(metres[2]).all()


def test_fewer_places_than_asked_for_leave_gaps() -> None:
    import pyarrow as pa

    few = SupportTable(pa.Table.from_pandas(frame().iloc[:1]))
    rows, metres = few.nearest_many(np.array([-2.7]), np.array([53.2]), k=3)
    assert rows.tolist() == [[0, -1, -1]]
    assert np.isnan(metres[0]).tolist() == [False, True, True]
    assert few.nearest(-2.7, 53.2, SupportKind.PHARMACY) == []
    none = SupportTable(pa.Table.from_pandas(frame().iloc[:0]))
    assert none.nearest(-2.7, 53.2) == []
    assert none.nearest_many(np.array([-2.7]), np.array([53.2]))[0].tolist() == [[-1]]


def test_a_place_is_had_by_id_with_its_hours(table: SupportTable) -> None:
    place = table.get("library:0")
    assert place is not None
    assert place.kind is SupportKind.LIBRARY
    assert place.schedule == {"mon": [["09:00", "17:00"]]}
    assert place.to_dict()["kind"] == "library"
    assert place.to_dict()["opening_hours"] == {"mon": [["09:00", "17:00"]]}
    assert table.get("library:none") is None


def test_places_of_areas_come_by_kind_and_name(table: SupportTable) -> None:
    places = table.in_areas(["E00", "E01", "E99"])
    order = list(SupportKind)
    keys = [(order.index(place.kind), place.name) for place in places]
    assert keys == sorted(keys)
    assert {place.area_code for place in places} == {"E00", "E01"}
    assert {place.kind for place in table.in_area("E00", {SupportKind.LIBRARY})} == {
        SupportKind.LIBRARY
    }
    assert table.in_area("E99") == []
    assert sum(table.counts.values()) == len(table) == 400


def test_places_are_counted_by_area_and_kind(table: SupportTable) -> None:
    counts = table.counts_by_area(["E00", "E99", "E01"])
    assert counts.shape == (3, len(SupportKind))
    assert counts[1].tolist() == [0] * len(SupportKind)
    assert counts[0].sum() == len(table.in_area("E00"))
    libraries = list(SupportKind).index(SupportKind.LIBRARY)
    assert counts[2, libraries] == len(table.in_area("E01", {SupportKind.LIBRARY}))


def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "support.parquet"
    with pytest.raises(EditionError, match=r"support\.parquet"):
        SupportTable.open(path)
    frame().drop(columns="latitude").to_parquet(path)
    with pytest.raises(EditionError, match="no column latitude"):
        SupportTable.open(path)


def test_distance_is_that_of_a_known_pair() -> None:
    # Birkenhead Central to Liverpool Central Library, 3.9 km over the Mersey, measured on a map.
    assert metres_between(-3.0237, 53.3867, -2.9803, 53.4099) == pytest.approx(3870, abs=50)
    # One degree of a meridian of the mean sphere.
    assert metres_between(0, 0, 0, 1) == pytest.approx(111_195, abs=1)


def test_the_service_does_not_load_pandas_for_support(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from exclusion_map.support import SupportTable;"
        f"t = SupportTable.open(Path({str(path)!r})); t.nearest(-2.7, 53.2);"
        "print([m for m in ('pandas', 'geopandas', 'shapely', 'scipy') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
