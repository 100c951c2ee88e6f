"""Ranks and population-weighted tenths, worked by hand."""

import numpy as np
import pytest

from exclusion_map.errors import DefinitionError
from exclusion_map.index import Base, rank_and_decile

NAN = float("nan")


def test_rank_1_is_the_highest_score_and_ties_take_the_smallest_rank() -> None:
    rank, _ = rank_and_decile(np.array([1.0, 9.0, 5.0, 5.0, NAN]), np.ones(5))
    assert rank.tolist() == [4, 1, 2, 2, 0]


def test_tenths_hold_a_tenth_of_the_people_not_of_the_areas() -> None:
    # 10 + 10 + 20 + 60 people: midpoints of cumulative shares are 5, 15, 30 and 70 per cent
    _, decile = rank_and_decile(np.array([4.0, 3.0, 2.0, 1.0]), np.array([10.0, 10.0, 20.0, 60.0]))
    assert decile.tolist() == [1, 2, 4, 8]


def test_tied_areas_share_the_tenth_of_their_middle() -> None:
    _, decile = rank_and_decile(np.array([2.0, 1.0, 1.0, 1.0]), np.array([1.0, 3.0, 3.0, 3.0]))
    assert decile.tolist() == [1, 6, 6, 6]  # the tie spans 10 to 100 per cent: its middle is 55


def test_ten_equal_areas_fill_ten_tenths() -> None:
    _, decile = rank_and_decile(np.arange(10.0), np.full(10, 7.0))
    assert decile.tolist() == list(range(10, 0, -1))


def test_no_score_no_rank_and_no_tenth() -> None:
    rank, decile = rank_and_decile(np.array([NAN, 1.0]), np.ones(2))
    assert rank.tolist() == [0, 1]
    assert decile[0] == 0


def test_areas_without_people_still_have_a_tenth() -> None:
    _, decile = rank_and_decile(np.array([2.0, 1.0]), np.zeros(2))
    assert decile.tolist() == [3, 8]


def test_ranks_restart_in_each_group_and_skip_areas_outside() -> None:
    base = Base.by(["a", "b", "a", None, "b"])
    rank, _ = rank_and_decile(np.array([1.0, 2.0, 3.0, 9.0, 4.0]), np.ones(5), base)
    assert rank.tolist() == [2, 2, 1, 0, 1]


def test_a_base_without_areas_is_refused() -> None:
    with pytest.raises(DefinitionError, match="found no areas"):
        rank_and_decile(np.ones(2), np.ones(2), Base.only([False, False]))
