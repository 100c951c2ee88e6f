"""Columns of Parquet files as arrays, and the read model made of them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Level, parents_of_larger
from exclusion_map.editions.columns import encoded, floats, plain, read_columns, runs, texts
from exclusion_map.errors import EditionError, NotFoundError
from exclusion_map.terms import AreaKind


def table(tmp_path: Path, rows_a_group: int = 2, **columns: pa.Array) -> pa.Table:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=rows_a_group)
    return read_columns(path, tuple(columns))


def test_columns_come_back_whole_over_row_groups_with_nulls(tmp_path: Path) -> None:
    read = table(
        tmp_path,
        number=pa.array([1.5, None, 3.0, np.nan, None]),
        whole=pa.array([1, None, 3, 4, 5], pa.int32()),
        word=pa.array(["b", None, "a", "b", "c"]),
    )
    np.testing.assert_array_equal(floats(read, "number"), [1.5, np.nan, 3, np.nan, np.nan])
    np.testing.assert_array_equal(floats(read, "whole"), [1, np.nan, 3, 4, 5])
    assert texts(read, "word") == ("b", "", "a", "b", "c")
    assert texts(read, "absent") == ()
    values, at = encoded(read, "word")
    assert [values[n] if n >= 0 else None for n in at] == ["b", None, "a", "b", "c"]


def test_slices_are_read_from_where_they_start() -> None:
    array = pa.array([9, None, 7, 6, None, 4], pa.int64())
    values, valid = plain(array.slice(1, 4))
    assert valid.tolist() == [False, True, True, False]
    assert values[valid].tolist() == [7, 6]


def test_empty_columns_stay_empty() -> None:
    empty = pa.table({"n": pa.array([], pa.float64()), "w": pa.array([], pa.string())})
    assert floats(empty, "n").shape == (0,)
    assert texts(empty, "w") == ()
    assert runs(empty, "w") == {}


def test_runs_split_a_table_and_refuse_one_that_is_mixed() -> None:
    split = runs(pa.table({"kind": ["a", "a", "b"], "n": [1, 2, 3]}), "kind")
    assert {kind: part.column("n").to_pylist() for kind, part in split.items()} == {
        "a": [1, 2],
        "b": [3],
    }
    with pytest.raises(ValueError, match="one piece"):
        runs(pa.table({"kind": ["a", "b", "a"]}), "kind")


def test_a_table_without_a_column_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    assert read_columns(path, ("a",), ("b",)).column_names == ["a"]
    with pytest.raises(EditionError, match=r"t\.parquet.*no column 'b'"):
        read_columns(path, ("a", "b"))
    path.write_text("not a table")
    with pytest.raises(EditionError, match=r"t\.parquet.*unreadable"):
        read_columns(path, ("a",))


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int32)


def test_parents_of_larger_areas_hold_nearly_all_of_them() -> None:
    small = {
        AreaKind.NEIGHBOURHOOD: rows(0, 0, 1, 1),
        AreaKind.WARD: rows(0, 0, 0, 1),
        AreaKind.LOCAL_AUTHORITY: rows(0, 0, 0, 1),
        AreaKind.REGION: rows(0, 0, OUTSIDE, OUTSIDE),
    }
    parents = parents_of_larger(AreaKind.NEIGHBOURHOOD, 2, small)
    assert parents[AreaKind.LOCAL_AUTHORITY].tolist() == [0, OUTSIDE]
    assert parents[AreaKind.REGION].tolist() == [0, OUTSIDE]
    assert AreaKind.WARD not in parents


def level(kind: AreaKind, codes: list[str], parents: dict[AreaKind, np.ndarray]) -> Level:
    n = len(codes)
    zeros = np.zeros(n)
    return Level(
        kind=kind,
        codes=tuple(codes),
        names=tuple(codes),
        labels=tuple(codes),
        nations=("England",) * n,
        population=zeros,
        households=zeros,
        longitude=zeros,
        latitude=zeros,
        bbox=np.zeros((n, 4)),
        parents=parents,
        small_areas=np.ones(n, dtype=np.int32),
        position={code: row for row, code in enumerate(codes)},
    )


@pytest.fixture
def atlas() -> Atlas:
    parents = {AreaKind.WARD: rows(1, 0, 1, OUTSIDE), AreaKind.ICB: rows(0, 0, OUTSIDE, 0)}
    levels = {
        AreaKind.SMALL_AREA: level(AreaKind.SMALL_AREA, ["S1", "S2", "S3", "S4"], parents),
        AreaKind.WARD: level(AreaKind.WARD, ["W1", "W2"], {}),
        AreaKind.ICB: level(AreaKind.ICB, ["I1"], {}),
    }
    return Atlas(levels=levels, scores={}, indicators={})


def test_members_are_the_small_areas_inside(atlas: Atlas) -> None:
    assert sorted(atlas.members(*atlas.find("W2"))) == [0, 2]
    assert atlas.members(*atlas.find("w1 ")).tolist() == [1]
    assert atlas.members(*atlas.find("S4")).tolist() == [3]


def test_areas_within_another_share_a_small_area_with_it(atlas: Atlas) -> None:
    assert atlas.within(AreaKind.WARD, *atlas.find("I1")).tolist() == [0, 1]
    assert atlas.within(AreaKind.SMALL_AREA, *atlas.find("I1")).tolist() == [0, 1, 3]
    assert atlas.within(AreaKind.ICB, *atlas.find("S3")).tolist() == []


def test_what_the_edition_does_not_hold_is_told(atlas: Atlas) -> None:
    with pytest.raises(NotFoundError, match="S1"):
        atlas.find("X1")
    with pytest.raises(NotFoundError, match="ward"):
        atlas.level(AreaKind.REGION)
    with pytest.raises(NotFoundError, match="S1"):
        atlas.levels[AreaKind.SMALL_AREA].index_of("S9")
    with pytest.raises(NotFoundError, match="other"):
        atlas.score_set("other", AreaKind.WARD)
