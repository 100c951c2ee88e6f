"""What is said about one area, and about the index as a whole."""

from typing import Any

import numpy as np
import pytest

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Base, Definition, ValueTable, compose
from exclusion_map.index.audit import audit
from exclusion_map.index.explain import (
    group_contributions,
    neighbours,
    percentiles,
    sentence,
    suggestions,
)
from exclusion_map.index.respond import Response
from exclusion_map.terms import Direction

NAN = float("nan")


def _table(values: np.ndarray) -> ValueTable:
    n, k = values.shape
    return ValueTable(
        codes=np.array([f"A{at}" for at in range(n)]),
        indicators=tuple("abcd"[:k]),
        values=values,
        population=np.ones(n),
        directions=(Direction.HIGHER_IS_RISKIER,) * k,
    )


def _definition(**more: Any) -> Definition:
    inner = [
        {"indicator": "a", "weight": 3, "response": "skills"},
        {"indicator": "b", "weight": 1, "response": "connectivity"},
    ]
    children = [
        {"id": "g", "title": "Skills", "weight": 1, "children": inner},
        {"indicator": "c", "weight": 1, "title": "English", "response": "skills"},
    ]
    return Definition.parse({"id": "x", "title": "Risk of x", "children": children, **more})


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(7).random((50, 3)) * 100


def test_percentiles_among_all_and_within_groups() -> None:
    column = [1.0, 2.0, 3.0, 4.0, NAN]
    assert percentiles(column)[:4].tolist() == [12.5, 37.5, 62.5, 87.5]
    within = percentiles(column, ["x", "x", "y", None, "x"])
    assert within[:3].tolist() == [25, 75, 50]
    assert np.isnan(within[3:]).all()


def test_neighbours_by_hand() -> None:
    values = np.array([[0.0, 0, 0], [1, 0, 0], [0, 5, 5], [NAN, 0, 0], [NAN, NAN, 0]])
    result = compose(_definition(normalise={"method": "none"}), _table(values))
    found = neighbours(result, 0)
    # area 3 lacks `a` and is alike in the rest; area 4 shares one indicator of three: left out
    assert found.positions.tolist() == [3, 1, 2]
    spread = np.std([0, 1, 0])
    assert found.distance[0] == 0
    assert found.distance[1] == pytest.approx(np.sqrt((1 / spread) ** 2 / 3))
    assert found.differences[1, 0] == pytest.approx(1 / spread)


def test_an_area_without_data_has_no_neighbours() -> None:
    values = np.array([[1.0, 2, 3], [NAN, NAN, NAN], [2, 3, 4]])
    with pytest.raises(InvalidRequestError, match="area A1"):
        neighbours(compose(_definition(), _table(values)), 1)


def test_a_kind_of_response_is_suggested_from_the_highest_third(values: np.ndarray) -> None:
    values[0] = [200, 0, 150]  # top on both indicators that speak for skills, low on the other
    found = suggestions(compose(_definition(), _table(values)), 0)
    assert [one.response for one in found] == [Response.SKILLS, Response.CONNECTIVITY]
    assert found[0].percentile == 99
    assert [one.suggested for one in found] == [True, False]


def test_contributions_of_groups_are_those_of_their_indicators(values: np.ndarray) -> None:
    result = compose(_definition(), _table(values))
    within = group_contributions(result, 3)
    assert within["g"] == pytest.approx(result.contributions[3, :2].sum())


def test_the_sentence_says_place_rank_and_what_raises_it(values: np.ndarray) -> None:
    values[0] = [200, 100, 100]
    result = compose(_definition(), _table(values))
    text = sentence(result, 0, "Sampleton", {"c": "People"}, among="areas")
    assert text == (
        "Sampleton is in the highest-risk tenth of areas by risk of x (rank 1 of 50, 1 being the "
        "highest risk); what raises it most: skills and people."
    )
    lowest = int(np.argmax(result.rank))
    assert "in the lowest-risk tenth" in sentence(result, lowest, "Lowton")
    middle = int(np.flatnonzero(result.decile == 5)[0])
    assert "tenth 5 (1 = highest risk, 10 = lowest)" in sentence(result, middle, "Midton")


def test_the_sentence_counts_within_the_base_and_owns_up_to_gaps(values: np.ndarray) -> None:
    values[1] = NAN
    result = compose(_definition(), _table(values), Base.by(["x"] * 20 + ["y"] * 30))
    assert " of 19," in sentence(result, 0, "Sampleton")
    assert sentence(result, 1, "Gapton") == "Gapton has too little data for a score."


def test_effective_weights_add_up_and_differ_from_nominal_ones() -> None:
    rng = np.random.default_rng(1)
    a = rng.normal(size=500) * 10
    values = np.column_stack([a, a + rng.normal(size=500), rng.normal(size=500)])
    result = compose(_definition(normalise={"method": "none"}), _table(values))
    found = audit(result)
    nominal = {one.id: one.nominal for one in found.indicators}
    assert nominal == pytest.approx({"a": 0.375, "b": 0.125, "c": 0.5})
    assert sum(one.variance_share for one in found.indicators) == pytest.approx(1)
    # half of the weight, but next to none of the variance
    effective = {one.id: one.variance_share for one in (*found.groups, *found.indicators)}
    assert effective["c"] < 0.05
    assert effective["g"] == pytest.approx(effective["a"] + effective["b"])


def test_double_counting_and_cancelling_are_told() -> None:
    a = np.random.default_rng(1).normal(size=500)
    values = np.column_stack([a, a * 2, -a])
    warnings = [one.warning for one in audit(compose(_definition(), _table(values))).warnings]
    assert any("b and a (correlation 1.00) measure much the same" in text for text in warnings)
    assert any("c and a (correlation -1.00) point opposite ways" in text for text in warnings)


def test_an_index_that_is_no_weighted_sum_has_no_variance_shares(values: np.ndarray) -> None:
    found = audit(compose(_definition(aggregate={"method": "geometric"}), _table(values)))
    assert np.isnan([one.variance_share for one in found.indicators]).all()
    assert all(one.correlation > 0 for one in found.indicators)
