"""What must hold for any index on any table."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exclusion_map.index import Base, Composite, Definition, ValueTable, compose
from exclusion_map.terms import Direction

K = 3
METHODS = ["percentile_rank", "min_max", "z_score", "rank_exponential"]
WAYS: list[dict[str, Any]] = [
    {"method": "arithmetic"},
    {"method": "geometric"},
    {"method": "generalised_mean", "power": 3},
    {"method": "copeland"},
]
TREATMENTS: list[dict[str, Any]] = [
    {"method": "none"},
    {"method": "winsorise", "share": 0.1},
    {"method": "log"},
    {"method": "box_cox", "always": True},
]


def _definition(weights: list[float], **methods: Any) -> Definition:
    inner = [{"indicator": f"i{at}", "weight": weights[at]} for at in range(2)]
    children = [
        {"id": "g", "title": "G", "weight": 1, "children": inner},
        {"indicator": "i2", "weight": weights[2]},
    ]
    return Definition.parse({"id": "x", "title": "X", "children": children, **methods})


def _table(values: np.ndarray) -> ValueTable:
    n = len(values)
    return ValueTable(
        codes=np.array([f"A{at}" for at in range(n)]),
        indicators=tuple(f"i{at}" for at in range(K)),
        values=np.asarray(values, dtype=float),
        population=np.arange(1.0, n + 1),
        directions=(Direction.HIGHER_IS_RISKIER,) * K,
    )


def _same(first: Composite, second: Composite, order: Any = slice(None)) -> None:
    assert first.score[order].tolist() == pytest.approx(second.score.tolist(), nan_ok=True)
    assert first.rank[order].tolist() == second.rank.tolist()


@st.composite
def tables(draw: st.DrawFn, gaps: bool = True) -> np.ndarray:
    n = draw(st.integers(2, 15))
    cell = st.integers(0, 6).map(float)
    if gaps:
        cell = st.one_of(cell, st.just(float("nan")))
    rows = draw(st.lists(st.lists(cell, min_size=K, max_size=K), min_size=n, max_size=n))
    values = np.array(rows)
    values[0] = np.nan_to_num(values[0], nan=2.0)
    return values


@st.composite
def methods(draw: st.DrawFn) -> dict[str, Any]:
    way = draw(st.sampled_from(WAYS))
    powers = way["method"] in {"geometric", "generalised_mean"}
    normal = draw(st.sampled_from([m for m in METHODS if not (powers and m == "z_score")]))
    return {
        "aggregate": way,
        "normalise": {"method": normal},
        "treat": draw(st.sampled_from(TREATMENTS)),
    }


WEIGHTS = st.lists(st.integers(1, 9).map(float), min_size=K, max_size=K)


@settings(max_examples=60, deadline=None)
@given(tables(), WEIGHTS, methods(), st.sampled_from([0.5, 2.0, 3.0, 10.0, 0.1]))
def test_scaling_the_weights_of_a_group_changes_nothing(
    values: np.ndarray, weights: list[float], how: dict[str, Any], factor: float
) -> None:
    plain = _definition(weights, **how)
    group = {"i0": weights[0] * factor, "i1": weights[1] * factor}
    top = {"g": factor, "i2": weights[2] * factor}
    _same(compose(plain, _table(values)), compose(plain.with_weights(group | top), _table(values)))


@settings(max_examples=60, deadline=None)
@given(tables(), WEIGHTS, methods(), st.randoms(use_true_random=False))
def test_permuting_areas_permutes_results(
    values: np.ndarray, weights: list[float], how: dict[str, Any], random: Any
) -> None:
    definition = _definition(weights, **how)
    order = list(range(len(values)))
    random.shuffle(order)
    _same(compose(definition, _table(values)), compose(definition, _table(values[order])), order)


@settings(max_examples=60, deadline=None)
@given(tables(gaps=False), WEIGHTS, methods())
def test_better_on_every_indicator_never_ranks_worse(
    values: np.ndarray, weights: list[float], how: dict[str, Any]
) -> None:
    result = compose(_definition(weights, **how), _table(values))
    for one in range(len(values)):
        higher = (values >= values[one]).all(axis=1)
        assert (result.score[higher] >= result.score[one] - 1e-9).all()
        assert (result.rank[higher] <= result.rank[one]).all()


@settings(max_examples=60, deadline=None)
@given(tables(), WEIGHTS, methods(), st.lists(st.floats(-50, 50), min_size=K, max_size=K))
def test_an_area_outside_the_base_changes_nothing_inside(
    values: np.ndarray, weights: list[float], how: dict[str, Any], stranger: list[float]
) -> None:
    definition = _definition(weights, **how)
    alone = compose(definition, _table(values))
    more = np.vstack([values, stranger])
    mask = np.append(np.ones(len(values), dtype=bool), False)
    joined = compose(definition, _table(more), Base.only(mask))
    assert joined.score[:-1].tolist() == pytest.approx(alone.score.tolist(), nan_ok=True)
    assert joined.rank[:-1].tolist() == alone.rank.tolist()
    assert joined.decile[:-1].tolist() == alone.decile.tolist()
    assert np.isnan(joined.score[-1])


@settings(max_examples=30, deadline=None)
@given(tables(gaps=False), WEIGHTS)
def test_a_generalised_mean_of_power_1_is_the_arithmetic_mean(
    values: np.ndarray, weights: list[float]
) -> None:
    how = {"aggregate": {"method": "generalised_mean", "power": 1, "offset": 2}}
    _same(
        compose(_definition(weights), _table(values)),
        compose(_definition(weights, **how), _table(values)),
    )


@settings(max_examples=30, deadline=None)
@given(tables(), WEIGHTS)
def test_contributions_add_up(values: np.ndarray, weights: list[float]) -> None:
    result = compose(_definition(weights), _table(values))
    assume(not np.isnan(result.score).all())
    has = ~np.isnan(result.score)
    middle = np.median(result.score[has])
    assert result.contributions[has].sum(axis=1) == pytest.approx(
        result.score[has] - middle, abs=1e-8
    )


@settings(max_examples=30, deadline=None)
@given(
    tables(),
    WEIGHTS,
    st.sampled_from(["geometric", "generalised_mean"]),
    st.sampled_from(["arithmetic", "geometric"]),
)
def test_contributions_to_other_means_add_up(
    values: np.ndarray, weights: list[float], outer: str, inner: str
) -> None:
    definition = _definition(weights, aggregate={"method": outer})
    group = definition.children[0]
    data = definition.model_dump()
    inside = {**group.model_dump(), "aggregate": {"method": inner}}
    data["children"] = [inside, *data["children"][1:]]
    result = compose(Definition.parse(data), _table(values))
    has = ~np.isnan(result.score)
    middle = np.median(result.score[has])
    assert result.contributions[has].sum(axis=1) == pytest.approx(
        result.score[has] - middle, abs=1e-7
    )
    assert (result.contributions[has][np.isnan(result.normalised[has])] == 0).all()
