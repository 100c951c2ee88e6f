"""Samples of England and Wales: figures that a change of method must not move unseen."""

from pathlib import Path

import numpy as np
import pytest

from exclusion_map.editions.reaching import risk_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.sampling import Sampled, figures_of, rows_within, sample_of
from exclusion_map.targeting.sampling.design import Allocation, Method, SampleDesign
from exclusion_map.targeting.sampling.drawing import joint_probabilities
from exclusion_map.targeting.sampling.record import design_of
from exclusion_map.terms import AreaKind

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition)


def drawn_by(edition: Edition, design: SampleDesign) -> Sampled:
    return sample_of(edition, risk_of(edition, edition.manifest.default_index), design)


@pytest.mark.parametrize("method", list(Method))
def test_four_hundred_areas_of_the_country(edition: Edition, method: Method) -> None:
    found = drawn_by(edition, SampleDesign(areas=400, method=method, strata=("region",), seed=11))
    drawn = found.drawn
    assert len(drawn.main) == 400
    assert len(set(drawn.main.tolist()) | set(drawn.reserves.tolist())) == 800
    assert drawn.probability.sum() == pytest.approx(400)
    # Regions of England by people, and Wales, which has none: the census's own proportions.
    told = dict(zip(drawn.frame.names, drawn.wanted.tolist(), strict=True))
    assert told == {
        "East Midlands": 33, "East of England": 42, "London": 59, "North East": 18,
        "North West": 50, "South East": 62, "South West": 38, "Wales": 21,
        "West Midlands": 40, "Yorkshire and The Humber": 37,
    }  # fmt: skip
    people = drawn.frame.figures.count("population")[drawn.frame.rows]
    assert (people[drawn.main] * drawn.weights).sum() == pytest.approx(59_597_747, rel=1e-9)


@pytest.mark.parametrize("division", ["region", "icb", "sub_icb"])
def test_nobody_is_not_known_for_being_welsh(edition: Edition, division: str) -> None:
    risk = risk_of(edition, edition.manifest.default_index)
    rows, _ = rows_within(edition.atlas, "", "")
    named = figures_of(edition, risk).classes(division, rows, 5)
    nations = edition.atlas.level(AreaKind.SMALL_AREA).nations
    assert "not known" not in named
    assert {nation for name, nation in zip(named, nations, strict=True) if name == "Wales"} == {
        "Wales"
    }
    assert named.count("Wales") == nations.count("Wales") == 1_917


def test_a_balanced_sample_agrees_with_the_census(edition: Edition) -> None:
    found = drawn_by(edition, SampleDesign(areas=400, method=Method.BALANCED, seed=5))
    parts = {part.name: part for part in found.parts}
    older = parts["aged_65_plus"]
    assert older.population == pytest.approx(0.1856, abs=1e-4)
    assert older.weighted == pytest.approx(older.population, abs=5e-4)
    assert parts["at_risk"].weighted == pytest.approx(parts["at_risk"].population, abs=5e-4)


def test_people_at_risk_as_size_bring_more_of_them(edition: Edition) -> None:
    plain = drawn_by(edition, SampleDesign(areas=200, seed=1))
    aimed = drawn_by(edition, SampleDesign(areas=200, size="at_risk", seed=1))
    worst = [
        next(part for part in found.parts if part.name == "highest-risk tenth")
        for found in (plain, aimed)
    ]
    assert worst[0].expected == pytest.approx(0.100, abs=2e-3)
    assert worst[1].expected == pytest.approx(0.153, abs=2e-3)
    assert worst[0].population == worst[1].population
    assert aimed.weighting > plain.weighting >= 1 - 1e-12
    assert plain.weighting == pytest.approx(1)


def test_neyman_and_joint_probabilities(edition: Edition) -> None:
    design = SampleDesign(
        areas=120,
        method=Method.RANDOM,
        strata=("fifth",),
        allocation=Allocation.NEYMAN,
        within="E12000002",
        seed=2,
    )
    drawn = drawn_by(edition, design).drawn
    assert drawn.wanted.sum() == 120
    # Scores differ most at the two ends.
    assert drawn.wanted[0] + drawn.wanted[-1] > 60
    joint = joint_probabilities(drawn)
    assert joint is not None
    pi = drawn.probability[drawn.main]
    assert np.allclose(np.diag(joint), pi)
    assert (joint <= np.minimum.outer(pi, pi) + 1e-12).all()
    assert joint.min() > 0


def test_the_record_draws_the_same_again(edition: Edition) -> None:
    found = drawn_by(edition, SampleDesign(areas=60, strata=("icb",), method=Method.SPREAD, seed=9))
    again = drawn_by(edition, design_of(found.record))
    assert again.record == found.record
    assert again.drawn.main.tolist() == found.drawn.main.tolist()
    assert again.drawn.reserves.tolist() == found.drawn.reserves.tolist()
    other = drawn_by(edition, found.drawn.design.model_copy(update={"seed": 10}))
    assert other.record != found.record


def test_areas_apart_in_a_health_area(edition: Edition) -> None:
    design = SampleDesign(
        areas=30, method=Method.RANDOM, distance_m=2_000, within="E54000008", seed=4
    )
    drawn = drawn_by(edition, design).drawn
    assert drawn.spaced is not None
    assert drawn.probability.sum() == pytest.approx(30)
    assert drawn.spaced.error < 0.05
