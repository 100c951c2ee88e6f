"""Six small areas in two councils and one region, for figures worked by hand."""

import numpy as np
import pytest

from exclusion_map.areas.atlas import Atlas, IndicatorValues, Level
from exclusion_map.areas.value_table import value_table
from exclusion_map.index import Definition
from exclusion_map.terms import AreaKind, Direction

N = 6
CODES = tuple(f"E0100000{n}" for n in range(1, N + 1))
PEOPLE = np.array([100.0, 300.0, 100.0, 100.0, 200.0, 200.0])
COUNCIL = np.array([0, 0, 0, 1, 1, 1], dtype=np.int32)
REGION = np.array([0, 0, 0, 0, -1, -1], dtype=np.int32)
OLD = np.array([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
POOR = np.array([6.0, 5.0, 4.0, 3.0, 2.0, np.nan])


def level(kind: AreaKind, codes: tuple[str, ...], **more: object) -> Level:
    n = len(codes)
    given: dict[str, object] = {
        "population": np.full(n, 500.0),
        "longitude": np.arange(n) + 0.5,
        "latitude": np.full(n, 0.5),
        "parents": {},
    }
    return Level(
        kind=kind,
        codes=codes,
        names=codes,
        labels=tuple(f"Place {code}" for code in codes),
        nations=("England",) * n,
        households=np.full(n, 5.0),
        bbox=np.zeros((n, 4)),
        small_areas=np.ones(n, dtype=np.int32),
        position={code: row for row, code in enumerate(codes)},
        **(given | more),  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    values = np.column_stack([OLD, POOR])
    small = level(
        AreaKind.SMALL_AREA,
        CODES,
        population=PEOPLE,
        parents={AreaKind.LOCAL_AUTHORITY: COUNCIL, AreaKind.REGION: REGION},
        rural_urban=("Urban", "Urban", "Rural", "Rural", "Urban", ""),
    )
    return Atlas(
        levels={
            AreaKind.SMALL_AREA: small,
            AreaKind.LOCAL_AUTHORITY: level(AreaKind.LOCAL_AUTHORITY, ("E06000001", "E06000002")),
            AreaKind.REGION: level(AreaKind.REGION, ("E12000001",)),
        },
        scores={},
        indicators={
            AreaKind.SMALL_AREA: IndicatorValues(
                ids=("old", "poor"),
                value=values,
                numerator=values,
                denominator=np.full(values.shape, 100.0),
                quality=np.zeros(values.shape, dtype=np.uint8),
                qualities=("observed",),
            )
        },
    )


@pytest.fixture(scope="module")
def table(atlas: Atlas):
    up = Direction.HIGHER_IS_RISKIER
    return value_table(atlas, {"old": up, "poor": up})


@pytest.fixture(scope="module")
def definition() -> Definition:
    return Definition.parse(
        {
            "id": "risk",
            "title": "Risk",
            "children": [
                {"id": "age", "title": "Age", "weight": 2, "children": [{"indicator": "old"}]},
                {"indicator": "poor", "weight": 1},
            ],
        }
    )
