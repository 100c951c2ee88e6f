"""What holds of every sample, whatever the sizes, strata and method."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from exclusion_map.targeting.sampling import conditional_poisson
from exclusion_map.targeting.sampling.allocation import whole_numbers
from exclusion_map.targeting.sampling.cube import cube
from exclusion_map.targeting.sampling.pivotal import local_pivotal
from exclusion_map.targeting.sampling.precision import kish_effect
from exclusion_map.targeting.sampling.probabilities import inclusion_probabilities
from exclusion_map.targeting.sampling.systematic import serpentine, systematic

SEEDS = st.integers(0, 2**32)
SIZES = st.lists(st.floats(0.1, 1_000), min_size=2, max_size=40)


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@given(SIZES, st.data())
def test_probabilities_sum_to_the_size(sizes: list[float], data: st.DataObject) -> None:
    size = np.array(sizes)
    n = data.draw(st.integers(0, len(size)))
    found = inclusion_probabilities(size, n)
    assert abs(found.sum() - n) < 1e-9 * max(n, 1)
    assert found.min() >= 0
    assert found.max() <= 1
    # The larger has the greater chance, and those not certain are in proportion.
    assert (np.diff(found[np.argsort(size)]) >= -1e-12).all()
    open_ = found < 1
    if n and open_.sum() > 1:
        ratio = found[open_] / size[open_]
        assert np.allclose(ratio, ratio[0])


@settings(max_examples=60, deadline=None)
@given(SIZES, SEEDS, st.data())
def test_every_method_draws_the_size_and_the_certain(
    sizes: list[float], seed: int, data: st.DataObject
) -> None:
    size = np.array(sizes)
    n = data.draw(st.integers(1, len(size)))
    pi = inclusion_probabilities(size, n)
    random = generator(seed)
    points = random.random((len(size), 2))
    samples = [
        systematic(pi, float(random.random())),
        local_pivotal(pi, points, random),
        cube(pi, np.zeros(len(pi), dtype=np.int64), size[:, None] * points, random),
    ]
    for taken in samples:
        assert len(taken) == len(set(taken.tolist())) == n
        assert set(np.flatnonzero(pi >= 1).tolist()) <= set(taken.tolist())
    # In proportion to size, without certain units, weighted sizes are the total.
    if pi.max() < 1:
        for taken in samples:
            assert abs((size[taken] / pi[taken]).sum() / size.sum() - 1) < 1e-9


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.5, 5), min_size=3, max_size=30), SEEDS, st.data())
def test_conditional_poisson_reaches_its_probabilities(
    sizes: list[float], seed: int, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, len(sizes) - 1))
    pi = inclusion_probabilities(np.array(sizes), n)
    open_ = pi[pi < 1]
    if round(open_.sum()) in (0, len(open_)) or open_.max() > 0.999:
        return
    working = conditional_poisson.working_probabilities(open_)
    assert np.abs(working.pi - open_).max() < 1e-9
    taken = conditional_poisson.draw(working, generator(seed))
    assert len(taken) == working.n
    joint = conditional_poisson.joint_probabilities(working, np.arange(len(open_)))
    assert np.allclose(joint.sum(axis=1), working.n * open_)
    # Sen, Yates and Grundy: never more than independent.
    off = joint - np.outer(open_, open_)
    np.fill_diagonal(off, 0)
    assert off.max() < 1e-9


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.data())
def test_whole_numbers_keep_bounds_and_total(share: list[float], data: st.DataObject) -> None:
    count = len(share)
    bounds = st.lists(st.integers(0, 9), min_size=count, max_size=count)
    least = np.array(data.draw(bounds))
    most = least + np.array(data.draw(bounds))
    n = data.draw(st.integers(int(least.sum()), int(most.sum())))
    found = whole_numbers(np.array(share), n, least, most)
    assert found.sum() == n
    assert (found >= least).all()
    assert (found <= most).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_a_serpentine_order_keeps_groups_together(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array(one, dtype=float) for one in zip(*pairs, strict=True))
    order = serpentine([first, second])
    assert sorted(order.tolist()) == list(range(len(pairs)))
    assert (np.diff(first[order]) >= 0).all()
    # Within a group the second key goes one way only.
    for value in np.unique(first):
        steps = np.diff(second[order][first[order] == value])
        assert (steps >= 0).all() or (steps <= 0).all()


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=30), st.floats(0.1, 10))
def test_weights_cost_precision_unless_equal(weights: list[float], scale: float) -> None:
    effect = kish_effect(np.array(weights))
    assert effect >= 1 - 1e-12
    assert np.isclose(kish_effect(scale * np.array(weights)), effect)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_a_spread_sample_covers_the_map(seed: int) -> None:
    random = generator(seed)
    points = random.random((300, 2))
    pi = np.full(300, 0.1)
    taken = local_pivotal(pi, points, random)
    # Sums of probabilities nearest to each unit drawn are all about 1 (Stevens and Olsen 2004).
    nearest = cKDTree(points[taken]).query(points)[1]
    voronoi = np.bincount(nearest, weights=pi, minlength=len(taken))
    assert voronoi.var() < 0.25
