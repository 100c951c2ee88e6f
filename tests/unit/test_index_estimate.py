"""The modelled estimate on a world whose truth is known."""

import numpy as np
import pytest

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index.estimate import Estimate, estimate, roll_up

N, DISTRICTS = 3000, 60


class World:
    """Areas in districts: an outcome that depends on features, on the district, and on chance."""

    def __init__(self) -> None:
        rng = np.random.default_rng(11)
        self.features = rng.random((N, 6))
        district = np.arange(N) % DISTRICTS
        self.districts = np.array([f"D{one:02}" for one in district])
        self.regions = np.where(district < 30, "north", "south")
        self.households = rng.integers(400, 900, N).astype(float)
        # the south is harder to tell: its own errors are twice as large
        noise = rng.normal(size=N) * np.where(district < 30, 0.5, 1.0)
        shared = 0.4 * rng.normal(size=DISTRICTS)[district]
        self.truth = np.maximum(6 + self.features @ [4.0, 2, 0, 0, -1, -2] + shared + noise, 0)
        self.outcome = np.where(np.arange(N) % 7 == 0, np.nan, self.truth)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def found(world: World) -> Estimate:
    return estimate(world.features, world.outcome, world.districts, world.regions, world.households)


def test_every_area_has_an_estimate_inside_its_interval(found: Estimate) -> None:
    assert not np.isnan(found.value).any()
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()
    assert (found.value >= 0).all()


def test_it_is_judged_on_districts_it_did_not_see(found: Estimate, world: World) -> None:
    assert found.agreement.n == (~np.isnan(world.outcome)).sum()
    assert found.agreement.spearman > 0.8
    assert np.isnan(found.held_out[::7]).all()


def test_intervals_hold_what_they_say_in_each_region_and_where_nothing_was_known(
    found: Estimate, world: World
) -> None:
    assert found.coverage == pytest.approx(
        {"everywhere": 0.8, "north": 0.8, "south": 0.8}, abs=0.03
    )
    unseen = np.isnan(world.outcome)
    inside = (found.low <= world.truth) & (world.truth <= found.high)
    for region in ("north", "south"):
        at = unseen & (world.regions == region)
        assert inside[at].mean() == pytest.approx(0.8, abs=0.08)
    width = found.high - found.low
    assert width[world.regions == "south"].mean() > 1.5 * width[world.regions == "north"].mean()


def test_what_districts_share_is_found(found: Estimate) -> None:
    assert found.district_sd == pytest.approx(0.4, abs=0.12)


def test_larger_areas_add_up_with_ranges_that_hold(found: Estimate, world: World) -> None:
    rolled = roll_up(found, world.households, world.districts, world.districts)
    truth = [
        (world.truth * world.households)[world.districts == name].sum() / 100
        for name in rolled.names
    ]
    inside = (rolled.low <= truth) & (truth <= rolled.high)
    assert inside.mean() > 0.65
    assert rolled.at_risk.sum() == pytest.approx((found.value * world.households).sum() / 100)
    assert rolled.households.sum() == world.households.sum()
    # a whole country is surer, in proportion, than a district: shared errors cancel between them
    country = roll_up(found, world.households, ["all"] * N, world.districts)
    wide = (rolled.high - rolled.low) / rolled.at_risk
    assert (country.high - country.low)[0] / country.at_risk[0] < wide.mean() / 3


def test_areas_without_a_larger_one_are_left_out(found: Estimate, world: World) -> None:
    labels = np.where(np.arange(N) < 10, "a", None)
    rolled = roll_up(found, world.households, labels, world.districts)
    assert rolled.names == ("a",)
    assert rolled.households[0] == world.households[:10].sum()


def test_gaps_and_regions_without_outcome_are_refused(world: World) -> None:
    gaps = world.features.copy()
    gaps[3, 2] = np.nan
    with pytest.raises(InvalidRequestError, match="features"):
        estimate(gaps, world.outcome, world.districts, world.regions, world.households)
    elsewhere = np.where(np.arange(N) % 7 == 0, "west", world.regions)
    with pytest.raises(InvalidRequestError, match="no outcome in west"):
        estimate(world.features, world.outcome, world.districts, elsewhere, world.households)
