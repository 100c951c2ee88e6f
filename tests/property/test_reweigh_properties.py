"""The quick way to new weights gives the very numbers of compose, and the quick tenths those of a
full sort: with ties, gaps, groups, areas outside, empty places and any weights.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.errors import DefinitionError
from exclusion_map.index import Base, Definition, ValueTable, prepare, rank_and_decile
from exclusion_map.index.reweigh import Reweigher
from exclusion_map.index.tenths import Tenths
from exclusion_map.terms import Direction

K = 4
SCALES: list[dict[str, Any]] = [
    {"method": "min_max"},
    {"method": "percentile_rank"},
    {"method": "linear", "factor": 0.01, "offset": 3},
    {"method": "none"},
]
NORMALISERS = ["percentile_rank", "min_max", "z_score"]
FINE = settings(max_examples=150, deadline=None)


@st.composite
def bases(draw: st.DrawFn, n: int) -> Base:
    labels = draw(st.one_of(st.none(), st.lists(st.sampled_from("abc "), min_size=n, max_size=n)))
    if labels is None or not any(label.strip() for label in labels):
        return Base.everyone()
    return Base.by([label.strip() for label in labels])


@st.composite
def people(draw: st.DrawFn, n: int) -> np.ndarray:
    whole = st.lists(st.sampled_from([0, 1, 2, 5, 1500, 3001]), min_size=n, max_size=n)
    return np.array(draw(whole), dtype=float) * draw(st.sampled_from([1.0, 1.0, 0.37]))


@st.composite
def crowds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Base]:
    n = draw(st.integers(1, 60))
    steps = draw(st.sampled_from([1.0, 0.1, 1e-10, 25.0, 1e9]))
    cell = st.one_of(st.integers(0, 12), st.integers(0, 4000), st.just(float("nan")))
    scores = np.array(draw(st.lists(cell, min_size=n, max_size=n)), dtype=float) * steps
    return scores - draw(st.sampled_from([0.0, 7.5])), draw(people(n)), draw(bases(n))


@given(crowds())
@FINE
def test_tenths_by_buckets_are_those_of_a_full_sort(
    crowd: tuple[np.ndarray, np.ndarray, Base],
) -> None:
    scores, population, base = crowd
    _, expected = rank_and_decile(scores, population, base)
    assert Tenths(population, base).of(scores).tolist() == expected.tolist()


@pytest.mark.parametrize("groups", [None, 3, 400])
@pytest.mark.parametrize("digits", [0, 1, 12])
def test_tenths_of_many_areas(groups: int | None, digits: int) -> None:
    rng = np.random.default_rng(5)
    n = 9000
    scores = np.round(rng.gamma(2, 9, n), digits)
    scores[rng.random(n) < 0.02] = np.nan
    population = rng.integers(0, 3000, n).astype(float)
    base = None if groups is None else Base(rng.integers(-1, groups, n).astype(np.int32))
    _, expected = rank_and_decile(scores, population, base)
    assert (Tenths(population, base).of(scores) == expected).all()


@st.composite
def questions(draw: st.DrawFn) -> tuple[Definition, ValueTable, Base, list[dict[str, float]]]:
    n = draw(st.integers(2, 40))
    cell = st.one_of(st.integers(0, 6).map(float), st.just(float("nan")))
    rows = draw(st.lists(st.lists(cell, min_size=K, max_size=K), min_size=n, max_size=n))
    values = np.array(rows)
    values[0] = np.nan_to_num(values[0], nan=2.0)
    table = ValueTable(
        codes=np.array([f"A{at}" for at in range(n)]),
        indicators=tuple(f"i{at}" for at in range(K)),
        values=values,
        population=draw(people(n)),
        directions=(Direction.HIGHER_IS_RISKIER,) * K,
    )
    inner = [{"indicator": f"i{at}", "weight": draw(WEIGHT)} for at in range(2)]
    children = [{"id": "g", "title": "G", "weight": 2, "children": inner}]
    children += [{"indicator": f"i{at}", "weight": draw(WEIGHT)} for at in range(2, K)]
    definition = Definition.parse(
        {
            "id": "x",
            "title": "X",
            "children": children,
            "normalise": {"method": draw(st.sampled_from(NORMALISERS))},
            "scale": draw(st.sampled_from(SCALES)),
            "missing": {"minimum_share": draw(st.sampled_from([0.0, 0.5, 1.0]))},
        }
    )
    ids = st.sampled_from(["g", "i0", "i1", "i2", "i3"])
    wished = st.dictionaries(ids, st.sampled_from([0.0, 0.3, 1, 2.5, 10]), max_size=5)
    return definition, table, draw(bases(n)), draw(st.lists(wished, min_size=1, max_size=4))


WEIGHT = st.sampled_from([0.5, 1.0, 3.0])


@given(questions())
@FINE
def test_new_weights_give_the_numbers_of_compose(
    question: tuple[Definition, ValueTable, Base, list[dict[str, float]]],
) -> None:
    definition, table, base, wishes = question
    prepared = prepare(definition, table, base)
    quick = Reweigher(prepared)
    for weights in [*wishes, {}, wishes[0]]:  # what is kept from one wish must not reach the next
        try:
            slow = prepared.compose(weights)
        except DefinitionError:
            with pytest.raises(DefinitionError, match="all weights are 0"):
                quick.deciles(weights)
            continue
        np.testing.assert_array_equal(quick.score(weights), slow.score)
        assert quick.deciles(weights).tolist() == slow.decile.tolist()


@pytest.mark.parametrize("weights", [{"nobody": 1.0}, {"i0": -1.0}, {"i0": float("nan")}])
def test_weights_that_cannot_be_are_refused_as_compose_does(weights: dict[str, float]) -> None:
    table = ValueTable(
        codes=np.array(["A", "B"]),
        indicators=("i0",),
        values=np.array([[1.0], [2.0]]),
        population=np.ones(2),
        directions=(Direction.HIGHER_IS_RISKIER,),
    )
    definition = Definition.parse({"id": "x", "title": "X", "children": [{"indicator": "i0"}]})
    with pytest.raises(DefinitionError):
        Reweigher(prepare(definition, table)).deciles(weights)


def test_other_aggregations_are_composed() -> None:
    rng = np.random.default_rng(2)
    table = ValueTable(
        codes=np.array([f"A{at}" for at in range(50)]),
        indicators=("i0", "i1"),
        values=rng.random((50, 2)),
        population=np.ones(50),
        directions=(Direction.HIGHER_IS_RISKIER,) * 2,
    )
    children = [{"indicator": "i0"}, {"indicator": "i1"}]
    definition = Definition.parse(
        {"id": "x", "title": "X", "children": children, "aggregate": {"method": "geometric"}}
    )
    prepared = prepare(definition, table)
    slow = prepared.compose({"i0": 3})
    assert Reweigher(prepared).deciles({"i0": 3}).tolist() == slow.decile.tolist()
    assert Reweigher(prepared).score({"i0": 3}).tolist() == slow.score.tolist()
