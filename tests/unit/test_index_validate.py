"""Measures of agreement, worked by hand."""

import numpy as np
import pytest

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index.validate import (
    agreement,
    calibration,
    evidence,
    overlap_of_worst,
    spearman,
)

NAN = float("nan")


def test_spearman_by_hand_with_a_tie() -> None:
    # ranks 1 2.5 2.5 4 against 1 2 3 4: sums of squares 4.5 and 5, of products 4.5
    assert spearman([1, 5, 5, 9], [1, 2, 3, 4]) == pytest.approx(4.5 / np.sqrt(4.5 * 5))


def test_gaps_are_left_out_of_both() -> None:
    assert spearman([1, 2, 3, NAN, 4], [1, 2, 3, 0, NAN]) == pytest.approx(1)
    assert agreement([1, 2, 3, NAN], [3, 2, 1, 0]).n == 3


def test_no_variation_gives_no_correlation() -> None:
    assert np.isnan(spearman([1, 1, 1], [1, 2, 3]))
    assert np.isnan(spearman([1, 2], [1, 2]))


def test_overlap_counts_ties_at_the_cut_in_part() -> None:
    outcome = np.arange(20.0)
    assert overlap_of_worst(outcome, outcome) == 1
    assert overlap_of_worst(-outcome, outcome) == 0
    assert overlap_of_worst(np.zeros(20), outcome) == pytest.approx(0.1)  # drawn by lot


def test_evidence_by_group_and_on_the_same_areas() -> None:
    rows = evidence(
        {"a": [1, 2, 3, 4, 5, 6], "b": [1, 2, 3, NAN, NAN, NAN]},
        [1, 2, 3, 6, 5, 4],
        {"side": ["l", "l", "l", "r", "r", None]},
        same_areas=True,
    )
    assert [(row.measure, row.group, row.agreement.n) for row in rows] == [
        ("a", "everywhere", 3),
        ("b", "everywhere", 3),
        ("a", "l", 3),
        ("b", "l", 3),
        ("a", "r", 0),
        ("b", "r", 0),
    ]


def test_calibration_goes_from_the_highest_score_down() -> None:
    table = calibration(np.arange(100.0), np.arange(100.0) * 2)
    assert (table[0].score, table[0].outcome) == (94.5, 189)
    assert table[-1].n == 10


def test_vectors_of_other_areas_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="shapes"):
        spearman([1, 2], [1, 2, 3])
