"""Where an index fails, worked by hand on twenty areas."""

import numpy as np
import pytest

from exclusion_map.index.shortfalls import FEWEST, shortfalls_by_kind, shortfalls_by_place

SCORE = np.arange(1.0, 21.0)
PLACES = np.array(["Alton"] * 10 + ["Bexley"] * 10, dtype=object)


def test_a_place_is_as_far_off_as_its_mean_percentiles_differ() -> None:
    # The outcome is the other way round: Alton has the lowest scores and the highest outcomes.
    outcome = 21 - SCORE
    high, low = shortfalls_by_place(SCORE, outcome, PLACES)
    assert (high.name, high.n) == ("Bexley", 10)
    # Percentiles 100 (r - 1/2) / 20 of ranks 11 to 20 have the mean 75, of 1 to 10 the mean 25.
    assert (high.score, high.outcome) == pytest.approx((75, 25))
    assert high.difference == pytest.approx(50)
    assert low.difference == pytest.approx(-50)
    assert low.spearman == pytest.approx(-1)


def test_places_of_few_areas_and_areas_without_an_outcome_are_left_out() -> None:
    outcome = SCORE.copy()
    outcome[10:12] = np.nan
    (only,) = shortfalls_by_place(SCORE, outcome, PLACES)
    assert (only.name, only.n) == ("Alton", FEWEST)


def test_kinds_are_the_tenth_of_areas_with_most_of_an_indicator() -> None:
    n = 100
    score = np.arange(float(n))
    lifted = np.where(score >= 90, score - 90, score + 10)  # the ten highest have the least outcome
    kinds = {"old": score, "young": -score, "unknown": np.full(n, np.nan)}
    first, second = shortfalls_by_kind(score, lifted, kinds)
    assert (first.name, second.name) == ("young", "old")
    assert second.n == 10
    assert second.score == pytest.approx(95)
    assert second.outcome == pytest.approx(5)
    assert first.difference == pytest.approx(-10)


def test_nothing_known_is_nothing_told() -> None:
    assert shortfalls_by_place(SCORE, np.full(20, np.nan), PLACES) == ()
