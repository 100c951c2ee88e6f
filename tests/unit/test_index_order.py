"""Sorting, ties and ranks."""

import numpy as np
import pytest

from exclusion_map.index.order import ascending_order, mid_ranks, mid_ranks_in_groups


def test_ties_share_their_average_rank() -> None:
    assert mid_ranks(np.array([30.0, 10.0, 20.0, 20.0])).tolist() == [4.0, 1.0, 2.5, 2.5]


def test_no_values_have_no_ranks() -> None:
    assert mid_ranks(np.array([])).size == 0


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(np.random.default_rng(1).normal(size=3000), id="signs"),
        pytest.param(np.random.default_rng(2).integers(0, 9, 3000) * 0.1, id="ties"),
        pytest.param(1.0 + np.arange(3000)[::-1] * np.spacing(1.0), id="differ in the last bits"),
        pytest.param(np.where(np.arange(3000) % 2, 0.0, -0.0), id="both zeros"),
    ],
)
def test_packed_sort_is_exact(values: np.ndarray) -> None:
    assert values[ascending_order(values)].tolist() == np.sort(values).tolist()
    assert mid_ranks(values).tolist() == _obvious_ranks(values)


def _obvious_ranks(values: np.ndarray) -> list[float]:
    ordered = np.sort(values)
    first = np.searchsorted(ordered, values, "left")
    last = np.searchsorted(ordered, values, "right")
    return ((first + 1 + last) / 2).tolist()


@pytest.mark.parametrize("n", [1, 40, 3000])
def test_ranks_in_groups_are_those_of_each_group_by_itself(n: int) -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(0, n // 4 + 2, n) * 0.1
    groups = rng.integers(0, 5, n).astype(np.int32) * 3
    values[groups == 3] = 7.0
    ranks, size, alike = mid_ranks_in_groups(values, groups)
    expected_alike = 0
    for group in np.unique(groups):
        at = groups == group
        assert ranks[at].tolist() == mid_ranks(values[at]).tolist()
        assert (size[at] == at.sum()).all()
        expected_alike += int(np.ptp(values[at]) == 0)
    assert alike == expected_alike


def test_ranks_in_no_groups() -> None:
    ranks, _, alike = mid_ranks_in_groups(np.array([]), np.array([], dtype=np.int32))
    assert ranks.size == 0
    assert alike == 0
