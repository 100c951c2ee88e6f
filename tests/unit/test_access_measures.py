"""Access worked by hand, and floating catchments against PySAL's ``access``."""

import numpy as np
import pytest

from exclusion_map.access import (
    Gaussian,
    Pairs,
    Points,
    Step,
    StraightLine,
    count_within,
    floating_catchment,
    supply_within,
)
from exclusion_map.errors import InvalidRequestError

DEGREE_M = 111_195.08
"""A degree of latitude on a sphere of 6,371,008.8 m."""


def line(*metres: float) -> Points:
    """Return points on a meridian, metres north of 52 degrees."""
    latitude = 52.0 + np.array(metres) / DEGREE_M
    return Points(np.full(len(metres), -1.0), latitude)


def test_the_nearest_by_hand() -> None:
    cost, row = StraightLine(detour=1.0).nearest(line(0, 700), line(1000, 300))
    np.testing.assert_allclose(cost, [300.0, 300.0], rtol=1e-6)
    assert row.tolist() == [1, 0]


def test_a_detour_and_a_speed_by_hand() -> None:
    cost, _ = StraightLine(detour=1.3, metres_per_minute=80.0).nearest(line(0), line(800))
    np.testing.assert_allclose(cost, [13.0], rtol=1e-6)


def test_nothing_to_reach_is_infinitely_far_and_an_unknown_place_unknown() -> None:
    way = StraightLine()
    cost, row = way.nearest(line(0), line())
    assert (cost[0], row[0]) == (np.inf, -1)
    nowhere = Points(np.array([np.nan]), np.array([52.0]))
    cost, row = way.nearest(nowhere, line(5))
    assert np.isnan(cost[0])
    assert row[0] == -1
    assert len(way.within(nowhere, line(5), 100)) == 0


def test_a_limit_holds_what_is_at_it() -> None:
    pairs = StraightLine(detour=1.0).within(line(0, 5000), line(100, 800, 801), 800.001)
    assert list(zip(pairs.origin, pairs.destination, strict=True)) == [(0, 0), (0, 1)]
    assert count_within(pairs).tolist() == [2, 0]


def test_supply_in_reach_is_zero_with_nothing_there_and_unknown_where_one_is() -> None:
    pairs = StraightLine(detour=1.0).within(line(0, 5000, 9000), line(100, 200, 5100), 500)
    supply = supply_within(pairs, np.array([2.0, 3.0, np.nan]))
    np.testing.assert_array_equal(supply, [5.0, np.nan, 0.0])


def test_decays_by_hand() -> None:
    steps = Step()
    costs = np.array([0.0, 10.0, 10.1, 20.0, 30.0, 30.1])
    assert steps(costs).tolist() == [1.0, 1.0, 0.68, 0.68, 0.22, 0.0]
    bell = Gaussian(10.0)
    half = (np.exp(-0.125) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    np.testing.assert_allclose(bell(np.array([0.0, 5.0, 10.0, 11.0])), [1.0, half, 0.0, 0.0])


def test_a_floating_catchment_by_hand() -> None:
    # Two areas of 100 and 300 people, one library with 8 computers that both reach and one with 2
    # that only the second reaches: ratios 8/400 and 2/300.
    pairs = Pairs(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1.0, 2.0, 3.0]), 3, 2)
    access = floating_catchment(
        pairs,
        supply=np.array([8.0, 2.0]),
        demand=np.array([100.0, 300.0, 50.0]),
        decay=Step((5.0,), (1.0,)),
    )
    np.testing.assert_allclose(access, [0.02, 0.02 + 2 / 300, 0.0])


def test_all_supply_that_is_in_reach_is_shared_out() -> None:
    rng = np.random.default_rng(4)
    origins, destinations = line(*rng.uniform(0, 9000, 60)), line(*rng.uniform(0, 9000, 12))
    pairs = StraightLine().within(origins, destinations, 3000)
    demand, supply = rng.uniform(50, 500, 60), rng.uniform(1, 20, 12)
    access = floating_catchment(pairs, supply=supply, demand=demand, decay=Gaussian(3000))
    reached = np.isin(np.arange(12), pairs.destination)
    np.testing.assert_allclose((access * demand).sum(), supply[reached].sum())


def test_the_same_as_pysal(recwarn: pytest.WarningsRecorder) -> None:
    import geopandas as gpd
    import pandas as pd
    from access import Access
    from access.weights import step_fn

    rng = np.random.default_rng(7)
    origins, destinations = line(*rng.uniform(0, 20_000, 80)), line(*rng.uniform(0, 20_000, 15))
    way = StraightLine(metres_per_minute=80.0)
    pairs = way.within(origins, destinations, 30.0)
    demand, supply = rng.uniform(50, 500, 80), rng.uniform(1, 20, 15)
    costs = pd.DataFrame({"origin": pairs.origin, "dest": pairs.destination, "cost": pairs.cost})
    points = gpd.GeoDataFrame({"who": demand, "id": np.arange(80)})
    places = gpd.GeoDataFrame({"what": supply, "id": np.arange(15)})
    peer = Access(
        demand_df=points,
        demand_index="id",
        demand_value="who",
        supply_df=places,
        supply_index="id",
        supply_value="what",
        cost_df=costs,
        cost_origin="origin",
        cost_dest="dest",
        cost_name="cost",
        neighbor_cost_df=costs,
        neighbor_cost_origin="origin",
        neighbor_cost_dest="dest",
        neighbor_cost_name="cost",
    )
    found = peer.enhanced_two_stage_fca(
        cost="cost", max_cost=30, weight_fn=step_fn({10: 1.0, 20: 0.68, 30: 0.22})
    )
    ours = floating_catchment(pairs, supply=supply, demand=demand, decay=Step())
    # The peer leaves out who has nothing in reach; that is a finding, and zero.
    theirs = found["e2sfca_what"].reindex(range(80)).fillna(0.0).to_numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: StraightLine(detour=0.5), "at least 1"),
        (lambda: StraightLine(metres_per_minute=0), "above 0"),
        (lambda: Step((10.0,), (1.0, 0.5)), "as many weights"),
        (lambda: Step((10.0, 5.0), (1.0, 0.5)), "limits that rise"),
        (lambda: Gaussian(0.0), "above 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: object, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        wrong()  # type: ignore[operator]
