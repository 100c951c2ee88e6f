"""Practices against an index: whose patients they are, what is left out, and what is said of it."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map.areas.practice_patients import (
    Catchments,
    Practices,
    catchment,
    read_practices,
)
from exclusion_map.areas.practices import findings, practice_validation
from exclusion_map.errors import InvalidRequestError, SourceError
from exclusion_map.geography.postcodes import PostcodeIndex, index_table
from exclusion_map.index import Definition, ValueTable, compose
from exclusion_map.terms import Direction

N = 40
STEP = 0.02
"""Degrees of longitude between areas: 1,369 metres at 52 degrees north."""
POMI = "nhs-pomi-2020"


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    """Forty areas in a row from west to east, 500 people each; the eastern half is a region."""
    return pd.DataFrame(
        {
            "code": [f"E{row:02}" for row in range(N)],
            "population": 500.0,
            "longitude": np.arange(N) * STEP,
            "latitude": 52.0,
            "region": [None] * 20 + ["East"] * 20,
        }
    )


@pytest.fixture(scope="module")
def postcodes() -> PostcodeIndex:
    """One postcode a practice, a little east of the middle of each area; one outside."""
    frame = pd.DataFrame(
        {
            "postcode": [*(f"AA{row}1AA" for row in range(N)), "ZZ11ZZ"],
            "latitude": [52.0] * N + [57.0],
            "longitude": [*(np.arange(N) * STEP + 0.002), 0.0],
            "live": True,
        }
    )
    return PostcodeIndex(index_table(frame, np.append(np.arange(N), -1).astype(np.int32)))


def write(raw: Path, rows: list[tuple[str, str, float, float | None, float]]) -> None:
    names = ["practice_code", "postcode", "patient_list_size", "total_pat_enbld"]
    frame = pd.DataFrame(rows, columns=[*names, "older_popn_unwtd"])
    frame["total_patients"] = frame["patient_list_size"]
    (raw / POMI).mkdir(exist_ok=True)
    frame.to_csv(raw / POMI / "pomi_2020_12.csv", index=False)


def one(patients: float, area: int = 10) -> Practices:
    return Practices(
        codes=np.array(["A"]),
        patients=np.array([patients]),
        not_enabled=np.array([70.0]),
        older=np.array([0.2]),
        longitude=np.array([area * STEP + 0.002]),
        latitude=np.array([52.0]),
        area=np.array([area]),
        listed=1,
        left_out={},
    )


def test_nearest_areas_hold_as_many_people_as_the_practice_has(small: pd.DataFrame) -> None:
    found = catchment("nearest", one(1_750), small)
    assert found.area.tolist() == [10, 11, 9, 12]  # the practice lies a little to the east
    assert found.weight.tolist() == [500, 500, 500, 250]


def test_a_long_list_reaches_as_far_as_it_must(small: pd.DataFrame) -> None:
    assert len(catchment("nearest", one(15_000), small).area) == 30
    everyone = catchment("nearest", one(1e6), small)
    assert everyone.weight.sum() == 500 * N


def test_the_kernel_weighs_by_distance_and_ends_at_three_kilometres(small: pd.DataFrame) -> None:
    found = catchment("kernel", one(9_999), small)
    assert sorted(found.area.tolist()) == [8, 9, 10, 11, 12]
    metres = 0.002 * 111_195 * math.cos(math.radians(52))
    own = found.weight[found.area.tolist().index(10)]
    assert own == pytest.approx(500 * math.exp(-((metres / 1000) ** 2) / 2))


def test_where_nothing_is_near_the_kernel_takes_the_own_area(small: pd.DataFrame) -> None:
    far = small.assign(latitude=54.0)
    assert catchment("kernel", one(2_000), far).area.tolist() == [10]


def test_own_is_the_area_it_stands_in(small: pd.DataFrame) -> None:
    assert catchment("own", one(2_000), small).area.tolist() == [10]


def test_an_unknown_method_is_refused(small: pd.DataFrame) -> None:
    with pytest.raises(InvalidRequestError, match="catchment of practices"):
        catchment("guess", one(2_000), small)


def test_means_are_weighted_and_pass_over_areas_without_a_score() -> None:
    around = Catchments(
        practice=np.array([0, 0, 0, 1]),
        area=np.array([0, 1, 2, 2]),
        weight=np.array([1.0, 3.0, 5.0, 1.0]),
        count=2,
    )
    assert around.mean(np.array([10.0, 30.0, np.nan])) == pytest.approx([25, np.nan], nan_ok=True)


def test_practices_are_placed_and_those_left_out_counted(
    tmp_path: Path, postcodes: PostcodeIndex
) -> None:
    write(
        tmp_path,
        [
            ("A1", "AA3 1AA", 2_000, 500, 400),
            ("A2", "AA4 1AA", 900, 500, 1),
            ("A3", "AA5 1AA", 2_000, None, 1),
            ("A4", "ZZ1 1ZZ", 2_000, 1, 1),
            ("A5", "nowhere", 2_000, 1, 1),
            ("A6", "AA6 1AA", 2_000, 3_000, 1),
        ],
    )
    found = read_practices(tmp_path, postcodes)
    assert found.codes.tolist() == ["A1"]
    assert found.not_enabled.tolist() == [75]
    assert found.older.tolist() == [0.2]
    assert found.area.tolist() == [3]
    assert found.listed == 6
    assert list(found.left_out.values()) == [1, 1, 1, 2]


def test_a_practice_twice_is_refused(tmp_path: Path, postcodes: PostcodeIndex) -> None:
    write(tmp_path, [("A1", "AA3 1AA", 2_000, 500, 1), ("A1", "AA3 1AA", 2_000, 501, 1)])
    with pytest.raises(SourceError, match="such as the one of A1"):
        read_practices(tmp_path, postcodes)


def test_the_whole_on_practices_that_follow_the_index(
    tmp_path: Path, small: pd.DataFrame, postcodes: PostcodeIndex
) -> None:
    # the further east, the higher the risk, the fewer enabled
    write(
        tmp_path,
        [(f"A{row}", f"AA{row} 1AA", 2_000, 1_500 - 30 * row, 100 + row % 5) for row in range(N)],
    )
    table = ValueTable(
        codes=small["code"].to_numpy(dtype=str),
        indicators=("x",),
        values=np.arange(N, dtype=float).reshape(-1, 1),
        population=np.full(N, 500.0),
        directions=(Direction.HIGHER_IS_RISKIER,),
    )
    definition = Definition.parse({"id": "mine", "title": "Mine", "children": [{"indicator": "x"}]})
    published = {"published": -np.arange(N, dtype=float)}
    found = practice_validation(
        tmp_path, small, {"mine": compose(definition, table)}, postcodes, published
    )
    json.dumps(found, allow_nan=False)
    assert (found["available"], found["compared"], found["main_method"]) == (True, N, "nearest")
    rows = {(row["measure"], row["method"], row["region"]): row for row in found["rows"]}
    assert len(rows) == 2 * 3 * 2
    assert rows["mine", "own", "everywhere"]["spearman"] == pytest.approx(1)
    assert rows["mine", "own", "everywhere"]["spearman_given_age"] == pytest.approx(1)
    assert rows["mine", "nearest", "East"]["n"] == 20
    assert rows["published", "own", "everywhere"]["spearman"] == pytest.approx(-1)
    assert found["findings"][0].startswith("mine: rank correlation")


def test_without_the_file_it_says_why(
    tmp_path: Path, small: pd.DataFrame, postcodes: PostcodeIndex
) -> None:
    found = practice_validation(tmp_path, small, {}, postcodes)
    assert found["available"] is False
    assert POMI in found["reason"]


def test_practices_of_elsewhere_are_said(
    tmp_path: Path, small: pd.DataFrame, postcodes: PostcodeIndex
) -> None:
    write(tmp_path, [("A1", "ZZ1 1ZZ", 2_000, 1, 1)])
    found = practice_validation(tmp_path, small, {}, postcodes)
    assert found == {"available": False, "reason": "No practice in the file is in these areas."}


def test_little_agreement_is_called_weak_and_what_is_better_named() -> None:
    told = findings(
        [
            {"measure": "mine", "method": "nearest", "region": region, "spearman": r}
            for region, r in (("everywhere", 0.12), ("North", -0.1), ("South", 0.24))
        ]
        + [
            {"measure": "imd", "method": "nearest", "region": "everywhere", "spearman": 0.27},
            {"measure": "deri", "method": "own", "region": "everywhere", "spearman": 0.9},
            {"measure": "none", "method": "nearest", "region": "everywhere", "spearman": None},
        ],
        ("mine",),
    )
    assert told == [
        "mine: rank correlation 0.12, weak; by region from -0.10 (North) to 0.24 (South).",
        "mine: these agree better with this outcome: imd (0.27).",
    ]
