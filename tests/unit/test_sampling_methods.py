"""Ways of drawing, on small cases: worked by hand, published, simulated with fixed seeds."""

from collections.abc import Callable
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import chi2

from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sampling import conditional_poisson
from exclusion_map.targeting.sampling.cube import cube
from exclusion_map.targeting.sampling.flight import fly
from exclusion_map.targeting.sampling.pivotal import local_pivotal
from exclusion_map.targeting.sampling.probabilities import inclusion_probabilities
from exclusion_map.targeting.sampling.spacing import draw_apart
from exclusion_map.targeting.sampling.systematic import (
    joint_systematic,
    serpentine,
    systematic,
)

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Draw = Callable[[np.random.Generator], Rows]

TILLE = np.array([0.07, 0.17, 0.41, 0.61, 0.83, 0.91])
"""Tillé (2006), Sampling Algorithms, example 10, page 86."""
PLACES = np.array([[0.0, 0], [1, 0], [5, 5], [6, 5], [0, 9], [1, 9]])


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def counts(draw: Draw, units: int, times: int, seed: int) -> Floats:
    found = np.zeros(units)
    random = generator(seed)
    for _ in range(times):
        found[draw(random)] += 1
    return found


def agrees(found: Floats, pi: Floats, times: int) -> None:
    """Hold counts against probabilities: each unit's chi-square on 1 degree, at 1 in 10,000."""
    score = (found - times * pi) ** 2 / (times * pi * (1 - pi))
    assert score.max() < chi2.isf(1e-4 / len(pi), 1), score


def test_probabilities_by_hand() -> None:
    # Sizes 1, 2, 3, 4: 2 of them at 2 x / 10.
    found = inclusion_probabilities(np.array([1.0, 2, 3, 4]), 2)
    assert found == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_large_units_are_certain() -> None:
    # 3 x 6 / 10 exceeds 1; then 2 x 2 / 4 = 1 for the next, and 1 is left for two of size 1.
    found = inclusion_probabilities(np.array([6.0, 2, 1, 1]), 3)
    assert found.tolist() == [1.0, 1.0, 0.5, 0.5]
    assert inclusion_probabilities(np.array([5.0, 1, 1]), 3).tolist() == [1, 1, 1]
    assert inclusion_probabilities(np.array([5.0, 1, 1]), 0).tolist() == [0, 0, 0]


@pytest.mark.parametrize(("size", "n"), [([1.0, 0.0], 1), ([1.0, np.nan], 1), ([1.0, 1.0], 3)])
def test_sizes_that_cannot_be(size: list[float], n: int) -> None:
    with pytest.raises(InvalidRequestError):
        inclusion_probabilities(np.array(size), n)


def test_systematic_by_hand() -> None:
    # Sums 0.2 0.9 1.7 2.2 2.6 3.0; steps 0.3, 1.3, 2.3 end in units 1, 2 and 4.
    pi = np.array([0.2, 0.7, 0.8, 0.5, 0.4, 0.4])
    assert systematic(pi, 0.3).tolist() == [1, 2, 4]
    assert systematic(pi, 0.0).tolist() == [0, 2, 3]
    assert systematic(pi, 0.95).tolist() == [2, 3, 5]


def test_systematic_joint_probabilities_are_those_of_every_start() -> None:
    pi = np.array([0.2, 0.7, 0.8, 0.5, 0.4, 0.4])
    # The sample changes only where a sum of probabilities ends: go through every stretch.
    edges = np.unique(np.round(np.append(np.cumsum(pi) % 1, [0, 1]), 12))
    wanted = np.zeros((6, 6))
    for low, high in pairwise(edges.tolist()):
        taken = systematic(pi, (low + high) / 2)
        wanted[np.ix_(taken, taken)] += high - low
    assert joint_systematic(pi, np.arange(6)) == pytest.approx(wanted, abs=1e-9)


def test_serpentine_turns_round() -> None:
    first = np.array([1.0, 1, 1, 2, 2, 2, np.nan])
    second = np.array([1.0, 2, 3, 1, 2, 3, 0])
    assert serpentine([first, second]).tolist() == [0, 1, 2, 5, 4, 3, 6]


def test_conditional_poisson_as_published() -> None:
    published = np.array(
        [
            [0.07, 0.0049, 0.0130, 0.0215, 0.0447, 0.0559],
            [0.0049, 0.17, 0.0324, 0.0537, 0.1113, 0.1377],
            [0.0130, 0.0324, 0.41, 0.1407, 0.2888, 0.3452],
            [0.0215, 0.0537, 0.1407, 0.61, 0.4691, 0.5351],
            [0.0447, 0.1113, 0.2888, 0.4691, 0.83, 0.7461],
            [0.0559, 0.1377, 0.3452, 0.5351, 0.7461, 0.91],
        ]
    )
    working = conditional_poisson.working_probabilities(TILLE)
    joint = conditional_poisson.joint_probabilities(working, np.arange(6))
    assert joint == pytest.approx(published, abs=5.1e-5)


def test_conditional_poisson_by_every_sample() -> None:
    p = np.array([0.2, 0.5, 0.5, 0.6, 0.3, 0.9])
    odds = p / (1 - p)
    pi = np.zeros(6)
    joint = np.zeros((6, 6))
    total = 0.0
    for sample in combinations(range(6), 3):
        weight = float(np.prod(odds[list(sample)]))
        total += weight
        joint[np.ix_(sample, sample)] += weight
    joint /= total
    pi = np.diag(joint).copy()
    working = conditional_poisson.working_probabilities(pi)
    assert working.pi == pytest.approx(pi, abs=1e-10)
    found = conditional_poisson.joint_probabilities(working, np.arange(6))
    assert found == pytest.approx(joint, abs=1e-9)


def test_conditional_poisson_is_exact_where_recursions_lose_digits() -> None:
    target = np.concatenate([np.full(300, 0.99), np.full(500, 0.4), np.full(5, 0.998), [0.01]])
    assert target.sum() == pytest.approx(502)
    working = conditional_poisson.working_probabilities(target)
    assert np.abs(working.pi - target).max() < 1e-10
    # Each row of joint probabilities sums to n pi.
    joint = conditional_poisson.joint_probabilities(working, np.arange(len(target)))
    assert joint.sum(axis=1) == pytest.approx(working.n * target, rel=1e-8)


@pytest.mark.parametrize("target", [[0.5, 0.5, 1.0], [0.0, 1.0], [0.5, 0.2]])
def test_probabilities_that_no_design_has(target: list[float]) -> None:
    with pytest.raises(InvalidRequestError):
        conditional_poisson.working_probabilities(np.array(target))


def test_simulated_systematic() -> None:
    found = counts(lambda random: systematic(TILLE, float(random.random())), 6, 20_000, 1)
    agrees(found, TILLE, 20_000)


def test_simulated_conditional_poisson_in_pairs() -> None:
    working = conditional_poisson.working_probabilities(TILLE)
    times, random = 8_000, generator(2)
    pairs = np.zeros((6, 6))
    for _ in range(times):
        taken = conditional_poisson.draw(working, random)
        assert len(taken) == 3
        pairs[np.ix_(taken, taken)] += 1
    agrees(np.diag(pairs), TILLE, times)
    joint = conditional_poisson.joint_probabilities(working, np.arange(6))
    upper = np.triu_indices(6, 1)
    agrees(pairs[upper], joint[upper], times)


def test_simulated_local_pivotal() -> None:
    found = counts(lambda random: local_pivotal(TILLE, PLACES, random), 6, 4_000, 3)
    agrees(found, TILLE, 4_000)


def test_neighbours_are_not_drawn_together() -> None:
    # Three pairs of neighbours at one half each: one of each pair, always.
    pi = np.full(6, 0.5)
    random = generator(4)
    for _ in range(200):
        taken = local_pivotal(pi, PLACES, random)
        assert np.bincount(taken // 2, minlength=3).tolist() == [1, 1, 1]


def test_the_local_pivotal_method_spreads() -> None:
    random = generator(5)
    points = random.random((400, 2))
    pi = np.full(400, 0.1)

    def nearest(taken: Rows) -> float:
        gaps = np.linalg.norm(points[taken][:, None] - points[taken][None], axis=2)
        np.fill_diagonal(gaps, np.inf)
        return float(gaps.min(axis=1).mean())

    working = conditional_poisson.working_probabilities(pi)
    spread = np.mean([nearest(local_pivotal(pi, points, random)) for _ in range(20)])
    plain = np.mean([nearest(conditional_poisson.draw(working, random)) for _ in range(20)])
    assert spread > 1.3 * plain


def test_simulated_cube() -> None:
    strata = np.array([0, 0, 0, 1, 1, 1])
    pi = np.array([0.2, 0.3, 0.5, 0.7, 0.8, 0.5])
    figures = np.column_stack([np.array([3.0, 1, 4, 1, 5, 9])])
    random, times = generator(6), 400
    found = np.zeros(6)
    for _ in range(times):
        taken = cube(pi, strata, figures, random)
        assert np.bincount(strata[taken], minlength=2).tolist() == [1, 2]
        found[taken] += 1
    agrees(found, pi, times)


def test_simulated_flight_keeps_chances_and_totals() -> None:
    # Four thousand flights of the same six units at the same time.
    times, figures = 4_000, np.column_stack([np.ones(6), [3.0, 1, 4, 1, 5, 9] / TILLE])
    table = np.broadcast_to(figures, (times, 6, 2)).copy()
    chance = np.broadcast_to(TILLE, (times, 6)).copy()
    fly(table, chance, np.broadcast_to([0, 5], (times, 2)).copy(), generator(11))
    decided = (chance == 0) | (chance == 1)
    assert (~decided).sum(axis=1).max() <= 2
    assert chance.sum(axis=1) == pytest.approx(np.full(times, 3.0))
    assert (chance * figures[:, 1]).sum(axis=1) == pytest.approx(np.full(times, 23.0))
    error = np.abs(chance.mean(axis=0) - TILLE) / (chance.std(axis=0) / np.sqrt(times))
    assert error.max() < 4.5


def test_the_cube_balances() -> None:
    random = generator(7)
    size = random.gamma(20, 80, 3_000)
    strata = random.integers(0, 4, 3_000)
    pi = np.zeros(3_000)
    for at in range(4):
        pi[strata == at] = inclusion_probabilities(size[strata == at], 30)
    figures = np.column_stack([size, size * random.random(3_000), size * random.random(3_000)])
    taken = cube(pi, strata, figures, random)
    assert np.bincount(strata[taken]).tolist() == [30] * 4
    estimated = (figures[taken] / pi[taken, None]).sum(axis=0)
    assert estimated == pytest.approx(figures.sum(axis=0), rel=0.01)
    # What is proportional to the chances has no error at all.
    assert estimated[0] == pytest.approx(size.sum(), rel=1e-9)


def test_areas_apart_and_their_estimated_probabilities() -> None:
    random = generator(8)
    crowd, lonely = random.random((60, 2)) * 2, random.random((60, 2)) * 40 + 10
    points = np.column_stack([np.concatenate([crowd, lonely]), np.zeros(120)])
    pi = np.full(120, 12 / 120)
    wanted, stratum = np.array([12]), np.zeros(120, dtype=np.int64)
    found = draw_apart(pi, stratum, wanted, points, 1.0, random)
    gaps = np.linalg.norm(points[found.taken][:, None] - points[found.taken][None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min() >= 1.0
    assert found.probability.sum() == pytest.approx(12)
    # In a crowd one keeps others away: it is drawn less often than was meant, and this is told.
    assert found.probability[:60].mean() < 0.9 * found.probability[60:].mean()
    with pytest.raises(InvalidRequestError, match="room for about"):
        draw_apart(pi, stratum, wanted, points, 60.0, random)


def test_conditional_poisson_of_one_unit() -> None:
    """Of one unit the chances are the odds' own shares: p (1 - p)^-1 is in proportion to pi."""
    pi = np.array([0.5, 0.3, 0.15, 0.05])
    working = conditional_poisson.working_probabilities(pi)
    odds = working.p / (1 - working.p)
    assert odds / odds.sum() == pytest.approx(pi, abs=1e-12)
    assert working.p.sum() == pytest.approx(1)
    agrees(counts(lambda random: conditional_poisson.draw(working, random), 4, 4000, 5), pi, 4000)
