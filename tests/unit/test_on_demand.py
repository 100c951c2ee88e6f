"""Figures of few areas of very many: the same to the last bit as those worked out for all."""

from dataclasses import replace

import numpy as np
import pytest

from exclusion_map.areas.alike import most_alike
from exclusion_map.areas.on_demand import on_demand
from exclusion_map.areas.positions import positions
from exclusion_map.editions.mapped import let_go, space
from exclusion_map.editions.reports.drawn import keep_draws
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Base, Composite, Definition, ValueTable, compose
from exclusion_map.index.explain import neighbours
from exclusion_map.terms import Direction

N = 3_000


@pytest.fixture(scope="module")
def table() -> ValueTable:
    random = np.random.default_rng(4)
    values = random.lognormal(size=(N, 11))
    values[random.random(values.shape) < 0.05] = np.nan
    values[:, 3] = random.integers(0, 5, N)  # many alike
    values[7] = np.nan
    return ValueTable(
        codes=np.array([f"A{number:05}" for number in range(N)]),
        indicators=tuple(f"i{number}" for number in range(11)),
        values=values,
        population=random.integers(1, 3_000, N).astype(np.float64),
        directions=(Direction.HIGHER_IS_RISKIER,) * 11,
    )


def _definition(method: str = "arithmetic") -> Definition:
    """Return nine indicators in a group and two beside it: numpy adds up nine as it does no two."""
    leaves = [{"indicator": f"i{number}", "weight": 1 + number % 3} for number in range(11)]
    return Definition.parse(
        {
            "id": "many",
            "title": "Many",
            "aggregate": {"method": method},
            "supplied": [
                {"id": f"i{number}", "title": "One", "direction": "higher_is_riskier"}
                for number in range(11)
            ],
            "children": [{"id": "group", "title": "Group", "children": leaves[:9]}, *leaves[9:]],
        }
    )


def _bases() -> list[Base]:
    nations = np.array(["north", "south", ""])[np.arange(N) % 3]
    return [Base.everyone(), Base.by(nations), Base.only(np.arange(N) % 5 == 0)]


@pytest.fixture(scope="module", params=[0, 1, 2], ids=["everyone", "nations", "chosen"])
def composite(table: ValueTable, request: pytest.FixtureRequest) -> Composite:
    return compose(_definition(), table, _bases()[request.param])


def test_rows_on_demand_are_those_of_the_whole(composite: Composite) -> None:
    seen = on_demand(composite, many=0)
    rows = np.random.default_rng(1).permutation(N)[:200]
    whole = replace(composite)
    for name in ("contributions", "percentile_ranks"):
        some, every = getattr(seen, name), getattr(whole, name)
        assert some[rows].tobytes() == np.ascontiguousarray(every[rows]).tobytes(), name
        for row in (*rows[:40].tolist(), 7):
            assert some[row].tobytes() == np.ascontiguousarray(every[row]).tobytes(), (name, row)
            assert np.array_equal(some[row, 3], every[row, 3], equal_nan=True)
        assert np.asarray(some).tobytes() == np.asarray(every).tobytes()
        assert some.shape == every.shape
    assert "contributions" not in composite.__dict__, "nothing was worked out for all areas"
    assert on_demand(composite, many=0) is seen


def test_few_areas_and_other_means_are_left_as_they_are(table: ValueTable) -> None:
    few, other = compose(_definition(), table), compose(_definition("geometric"), table)
    assert on_demand(few) is few
    assert on_demand(other, many=0) is other


@pytest.mark.parametrize("piece", [1, 7, 1 << 16, N - 1])
def test_areas_alike_piece_by_piece(composite: Composite, piece: int) -> None:
    for row in (0, 15, 2_985):
        found, wanted = most_alike(composite, row, 6, piece), neighbours(composite, row, 6)
        assert found.positions.tolist() == wanted.positions.tolist()
        if piece > 1:  # a piece of one is added up in another order
            assert found.distance.tobytes() == wanted.distance.tobytes()
        assert np.array_equal(found.differences, wanted.differences, equal_nan=True)
    with pytest.raises(InvalidRequestError, match="no data"):
        most_alike(composite, 7, 6, piece)


def test_codes_found_by_halving() -> None:
    codes = ("A1", "A3", "B2")
    table, halving = positions(codes), positions(codes, many=0)
    assert dict(halving) == dict(table) == {"A1": 0, "A3": 1, "B2": 2}
    assert [halving.get(code) for code in ("", "A2", "A3", "Z")] == [None, None, 1, None]
    assert "B2" in halving
    assert "B" not in halving
    assert len(halving) == 3


def test_draws_in_a_file_are_those_in_memory() -> None:
    draws = [np.random.default_rng(seed).permutation(70_000).astype(np.int32) for seed in range(3)]
    held = keep_draws(iter(draws), 3, 70_000)
    mapped = keep_draws(iter(draws), 3, 70_000, memory=0)
    assert held.dtype == mapped.dtype == np.uint32
    assert held.tobytes() == mapped.tobytes()
    let_go(mapped[:, 5:9])  # a part of it lets go of all, and all is still there
    assert mapped[:, 5:9].tolist() == held[:, 5:9].tolist()
    let_go(held)


def test_without_room_for_a_file_memory_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/nowhere")
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    array = space((2, 3), np.float64, memory=0)
    array[:] = 1
    assert array.shape == (2, 3)
    assert array.flags.owndata
