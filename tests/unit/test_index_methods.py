"""Each family of methods, worked by hand."""

from typing import Any

import numpy as np
import pytest

from exclusion_map.errors import DefinitionError
from exclusion_map.index import Base, Definition, ValueTable, compose
from exclusion_map.index.aggregate import Copeland, GeneralisedMean, Geometric, aggregate
from exclusion_map.index.normalise import (
    Goalposts,
    MinMax,
    PercentileRank,
    RankExponential,
    ZScore,
    normalise,
)
from exclusion_map.index.scale import LinearScale, PercentileScale, scale
from exclusion_map.index.treat import (
    BoxCox,
    Log,
    Winsorise,
    called_for,
    kurtosis,
    skewness,
    treat,
)
from exclusion_map.terms import Direction

NAN = float("nan")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (MinMax(), [0, 50, NAN, 100]),
        (ZScore(), [-np.sqrt(1.5), 0, NAN, np.sqrt(1.5)]),
        (PercentileRank(), [100 / 6, 50, NAN, 500 / 6]),
        (Goalposts(low=0, high=20), [50, 75, NAN, 100]),
        (Goalposts(low=12, high=18), [0, 50, NAN, 100]),
    ],
)
def test_normalisation_by_hand(params: Any, expected: list[float]) -> None:
    found = normalise(np.array([10.0, 15.0, NAN, 20.0]), params)
    assert found.tolist() == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("params", [MinMax(), PercentileRank(), Goalposts(low=0, high=20)])
def test_lower_is_riskier_mirrors(params: Any) -> None:
    values = np.array([10.0, 15.0, NAN, 20.0])
    mirrored = normalise(values, params, lower_is_riskier=True)
    assert mirrored.tolist() == pytest.approx(
        (100 - normalise(values, params)).tolist(), nan_ok=True
    )


def test_rank_exponential_runs_to_100_and_halves_as_published() -> None:
    found = normalise(np.arange(1.0, 1001.0), RankExponential())
    assert found[-1] == pytest.approx(100)
    # by the publisher's choice of 23, the most deprived tenth takes the scores from about 50 up
    assert found[900] == pytest.approx(50, abs=1)


def test_geometric_mean_by_hand() -> None:
    columns = [np.array([3.0, NAN]), np.array([15.0, 7.0])]
    # (3+1)^1/2 (15+1)^1/2 - 1 = 7
    assert aggregate(columns, [1, 1], Geometric()).tolist() == pytest.approx([7, 7])


def test_generalised_mean_by_hand() -> None:
    columns = [np.array([2.0]), np.array([6.0])]
    found = aggregate(columns, [1, 1], GeneralisedMean(power=2, offset=1))
    assert found[0] == pytest.approx(np.sqrt((9 + 49) / 2) - 1)


def test_a_mean_that_needs_values_from_0_refuses_others() -> None:
    with pytest.raises(DefinitionError, match=r"normalised value of -1"):
        aggregate([np.array([-1.0, 2.0])], [1], Geometric())


def test_copeland_by_hand_with_a_gap() -> None:
    # pairs: A-B 2 to 1 for A; A-C on the first alone, A wins; B-C on the first alone, C wins
    columns = [np.array([3.0, 1, 2]), np.array([1.0, 2, NAN])]
    found = aggregate(columns, [2, 1], Copeland(), 0)
    assert found.tolist() == [100, 0, 50]
    assert aggregate([np.array([5.0])], [1], Copeland()).tolist() == [50]


def test_copeland_counts_within_the_base() -> None:
    table = ValueTable(
        codes=np.array(list("abcd")),
        indicators=("a",),
        values=np.array([[1.0], [2], [3], [4]]),
        population=np.ones(4),
        directions=(Direction.HIGHER_IS_RISKIER,),
    )
    definition = Definition.parse(
        {
            "id": "x",
            "title": "X",
            "aggregate": {"method": "copeland"},
            "scale": {"method": "none"},
            "children": [{"indicator": "a"}],
        }
    )
    assert compose(definition, table, Base.by(list("xxyy"))).score.tolist() == [0, 100, 0, 100]


def test_skewness_and_kurtosis_as_spreadsheets_have_them() -> None:
    values = np.array([3.0, 4, 5, 2, 3, 4, 5, 6, 4, 7])
    # the examples of SKEW and KURT in a widely used spreadsheet's manual
    assert skewness(values) == pytest.approx(0.359543, abs=1e-6)
    assert kurtosis(values) == pytest.approx(-0.151800, abs=1e-6)


def _skewed() -> np.ndarray:
    return np.exp(np.random.default_rng(1).normal(size=400) * 1.5)


def test_a_treatment_acts_only_where_it_is_called_for() -> None:
    calm = np.random.default_rng(1).normal(size=400)
    assert not called_for(calm, Log())
    assert called_for(calm, Log(always=True))
    assert called_for(_skewed(), Log())
    assert not called_for(np.ones(5), Log(always=True))
    assert treat(calm, Winsorise()) is calm


@pytest.mark.parametrize("params", [Winsorise(share=0.05), Log(), BoxCox()])
@pytest.mark.parametrize("mirror", [1, -1])
def test_a_treatment_keeps_the_order_and_the_gaps_and_tames_the_tail(
    params: Any, mirror: int
) -> None:
    values = mirror * _skewed()
    values[7] = NAN
    treated = treat(values, params)
    assert np.isnan(treated[7])
    has = ~np.isnan(values)
    order = np.argsort(values[has])
    assert (np.diff(treated[has][order]) >= 0).all()
    assert abs(skewness(treated[has])) < abs(skewness(values[has]))


def test_winsorising_draws_in_to_the_last_value_inside() -> None:
    values = np.arange(100.0)
    values[99] = 1e6
    treated = treat(values, Winsorise(share=0.02, always=True))
    assert (treated.min(), treated.max()) == (2, 97)


def test_box_cox_finds_the_logarithm_of_a_log_normal() -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    values = _skewed()
    expected, power = stats.boxcox(values)
    assert abs(power) < 0.1
    assert treat(values, BoxCox()) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("method", "value"), [("median", 2.0), ("mean", 3.0)])
def test_imputed_values_are_named_flagged_and_not_counted_as_data(
    method: str, value: float
) -> None:
    table = ValueTable(
        codes=np.array(list("abcd")),
        indicators=("a", "b"),
        values=np.array([[1.0, 0], [2, 0], [6, 0], [NAN, 0]]),
        population=np.ones(4),
        directions=(Direction.HIGHER_IS_RISKIER,) * 2,
    )
    definition = Definition.parse(
        {
            "id": "x",
            "title": "X",
            "normalise": {"method": "none"},
            "scale": {"method": "none"},
            "missing": {"impute": {"method": method}},
            "children": [{"indicator": "a"}, {"indicator": "b"}],
        }
    )
    result = compose(definition, table)
    assert result.score.tolist() == [0.5, 1, 3, value / 2]
    assert result.imputed is not None
    assert result.imputed.tolist() == [[False, False]] * 3 + [[True, False]]
    assert result.data_share.tolist() == [1, 1, 1, 0.5]
    assert f"a: 1 missing values are estimates, the {method} of the base." in result.notes


def test_scales() -> None:
    scores = np.array([1.0, NAN, 3.0])
    assert scale(scores, LinearScale(factor=2, offset=1)).tolist() == pytest.approx(
        [3, NAN, 7], nan_ok=True
    )
    assert scale(scores, PercentileScale()).tolist() == pytest.approx([25, NAN, 75], nan_ok=True)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"normalise": {"method": "goalposts", "low": 3, "high": 3}}, "high must be above low"),
        ({"aggregate": {"method": "generalised_mean", "power": 0}}, "power 0 is the geometric"),
        ({"treat": {"method": "winsorise", "share": 0.7}}, "treat.winsorise.share"),
        ({"scale": {"method": "linear", "factor": 0}}, "scale.linear.factor"),
    ],
)
def test_parameters_that_cannot_be_are_refused(field: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        Definition.parse({"id": "x", "title": "X", "children": [{"indicator": "a"}], **field})
