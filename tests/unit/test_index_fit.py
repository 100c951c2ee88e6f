"""Weights fitted to an outcome."""

import numpy as np
import pytest

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Definition, ValueTable
from exclusion_map.index.calibrate import calibrate
from exclusion_map.index.fit import Moments, folds_by_group, non_negative
from exclusion_map.terms import Direction


def test_weights_that_are_positive_anyway_are_found() -> None:
    x = np.random.default_rng(1).random((60, 3))
    weights, constant = non_negative(x, x @ [1.0, 0.5, 2.0] + 3)
    assert weights == pytest.approx([1, 0.5, 2])
    assert constant == pytest.approx(3)


def test_a_weight_that_would_be_negative_is_0_and_the_others_fitted_again() -> None:
    rng = np.random.default_rng(2)
    a = rng.random(200)
    b = a + 0.1 * rng.random(200)
    weights, _ = non_negative(np.column_stack([a, b]), 2 * a - b)
    alone, _ = non_negative(a[:, None], 2 * a - b)
    assert weights == pytest.approx([alone[0], 0])


@pytest.mark.parametrize("seed", range(8))
def test_it_finds_what_scipy_finds(seed: int) -> None:
    optimize = pytest.importorskip("scipy.optimize", reason="scipy is not installed")
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(80, 7)) @ rng.normal(size=(7, 7))
    y = rng.normal(size=80)
    weights, constant = non_negative(x, y)
    expected, _ = optimize.nnls(x - x.mean(axis=0), y - y.mean())
    assert weights == pytest.approx(expected, abs=1e-8)
    assert constant == pytest.approx(y.mean() - x.mean(axis=0) @ weights)


def test_ridge_by_hand() -> None:
    # one centred column with sum of squares 2: weight = 2 / (2 + penalty) for y = x
    moments = Moments.of(np.array([[-1.0], [0], [1]]), np.array([4.0, 5, 6]))
    weights, constant = moments.ridge(2.0)
    assert weights == pytest.approx([0.5])
    assert constant == pytest.approx(5)


def test_moments_of_parts_add_up_and_come_apart() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.random((50, 3)), rng.random(50)
    first, second = Moments.of(x[:20], y[:20]), Moments.of(x[20:], y[20:])
    whole = Moments.of(x, y).ridge(1.0)
    assert (first + second).ridge(1.0)[0] == pytest.approx(whole[0])
    assert (Moments.of(x, y) - second).ridge(1.0)[0] == pytest.approx(first.ridge(1.0)[0])


def test_folds_keep_districts_together_and_are_of_about_equal_size() -> None:
    rng = np.random.default_rng(3)
    districts = np.array([f"D{number}" for number in rng.integers(0, 60, 2000)])
    fold = folds_by_group(districts, 5, seed=1)
    for name in set(districts.tolist()):
        assert len(set(fold[districts == name].tolist())) == 1
    sizes = np.bincount(fold)
    assert sizes.max() - sizes.min() < 40
    assert fold.tolist() == folds_by_group(districts, 5, seed=1).tolist()


def _table(values: np.ndarray) -> ValueTable:
    return ValueTable(
        codes=np.array([f"A{at}" for at in range(len(values))]),
        indicators=("a", "b"),
        values=values,
        population=np.ones(len(values)),
        directions=(Direction.HIGHER_IS_RISKIER, Direction.LOWER_IS_RISKIER),
    )


DEFINITION = Definition.parse(
    {"id": "x", "title": "X", "children": [{"indicator": "a"}, {"indicator": "b"}]}
)


def test_calibration_judges_on_districts_it_did_not_see() -> None:
    rng = np.random.default_rng(4)
    values = rng.random((400, 2))
    outcome = 3 * values[:, 0] - values[:, 1] + 0.1 * rng.random(400)
    outcome[5] = np.nan
    districts = [f"D{at % 20}" for at in range(400)]
    found = calibrate(DEFINITION, _table(values), outcome, districts, folds=4)
    assert found.weights == pytest.approx([0.75, 0.25], abs=0.03)
    assert found.fold_weights.shape == (4, 2)
    assert np.isnan(found.held_out[5])
    assert found.agreement.n == 399
    assert found.agreement.spearman > 0.95


def test_calibration_refuses_gaps() -> None:
    values = np.array([[1.0, 2], [np.nan, 3], [4, 5]])
    with pytest.raises(InvalidRequestError, match="gaps in a"):
        calibrate(DEFINITION, _table(values), [1.0, 2, 3], ["x", "y", "z"], folds=2)
