"""Siting: hand-worked cases, small cases by trying all choices, and the same as spopt finds."""

import itertools
import warnings

import numpy as np
import pytest

from exclusion_map.access import Pairs
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.candidates import listed_candidates
from exclusion_map.targeting.siting import in_order, solve
from exclusion_map.targeting.siting_problem import Problem, covering, shortening


def problem(saving: list[list[float]] | np.ndarray, k: int, **more: object) -> Problem:
    table = np.asarray(saving, dtype=np.float64)
    candidate, row = np.nonzero(table.T)
    return Problem(
        row=row,
        candidate=candidate,
        saving=table[row, candidate],
        rows=table.shape[0],
        candidates=table.shape[1],
        k=k,
        **more,  # type: ignore[arg-type]
    )


def pairs_of(distance: np.ndarray, limit: float) -> Pairs:
    origin, destination = np.nonzero(distance <= limit)
    cost = distance[origin, destination]
    return Pairs(origin, destination, cost, *distance.shape)


def test_covering_takes_what_greed_would_miss() -> None:
    # A covers rows 1 to 3 (9 people); B covers 1 and 4 (8), C covers 2, 3 and 5 (10 together with B
    # all 14). Greed takes C first; the best two are B and C.
    reach = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 1], [0, 1, 0], [0, 0, 1]], dtype=float)
    found = solve(problem(reach * np.array([[4], [3], [2], [4], [1]]), 2), alike=True)
    assert sorted(found.opened.tolist()) == [1, 2]
    assert found.value == 14
    assert found.gap == 0
    assert found.adds.tolist() == [8, 6]


def test_the_median_shortens_weighted_ways() -> None:
    # Two towns of 10 and 30 people, 1,000 and 500 m from what there is; candidates beside each.
    away = np.array([[100.0, 900.0], [800.0, 100.0]])
    pairs = pairs_of(away, 2_000)
    weight, now = np.array([10.0, 30.0]), np.array([1_000.0, 500.0])
    row, candidate, saving = shortening(pairs, weight, now)
    asked = Problem(row=row, candidate=candidate, saving=saving, rows=2, candidates=2, k=1)
    found = solve(asked, alike=False)
    # The first saves 10 x 900 m; the second 30 x 400 m and 10 x 100 m.
    assert found.opened.tolist() == [1]
    assert found.value == 13_000


def test_a_budget_may_prefer_two_cheap_places() -> None:
    saving = [[10.0, 0, 0], [0, 6, 0], [0, 0, 6]]
    costs = np.array([10.0, 5.0, 5.0])
    found = solve(problem(saving, 3, cost=costs, budget=10.0), alike=True)
    assert sorted(found.opened.tolist()) == [1, 2]
    assert found.value == 12
    assert found.gap == 0


def test_those_in_reach_already_do_not_count_and_equal_rows_are_one() -> None:
    away = np.array([[50.0, 500.0], [60.0, 500.0], [500.0, 50.0]])
    weight, served = np.array([1.0, 2.0, 4.0]), np.array([False, False, True])
    row, candidate, saving, weights = covering(pairs_of(away, 100.0), weight, served)
    assert (row.tolist(), candidate.tolist(), saving.tolist()) == ([0], [0], [3.0])
    assert weights.tolist() == [3.0]


@pytest.mark.parametrize("seed", range(24))
def test_the_best_of_all_choices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    alike, priced = seed % 2 == 0, seed % 3 == 0
    saving = rng.random((12, 9)) * (rng.random((12, 9)) < 0.4)
    if alike:
        saving = (saving > 0) * rng.random((12, 1))
    costs = rng.integers(1, 5, 9).astype(float) if priced else None
    asked = problem(saving, 3, cost=costs, budget=6.0 if priced else None)
    best = max(
        asked.value(np.array(choice))
        for size in (1, 2, 3)
        for choice in itertools.combinations(range(9), size)
        if costs is None or costs[list(choice)].sum() <= 6
    )
    found = solve(asked, alike=alike)
    assert found.value == pytest.approx(best)
    assert found.gap == 0
    assert found.adds.sum() == pytest.approx(found.value)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_as_spopt(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pulp = pytest.importorskip("pulp", reason="spopt and its solver are not installed")
        locate = pytest.importorskip("spopt.locate", reason="spopt is not installed")
        rng = np.random.default_rng(seed)
        people, places = rng.random((40, 2)) * 10_000, rng.random((15, 2)) * 10_000
        weight = rng.integers(1, 200, 40).astype(float)
        away = np.linalg.norm(people[:, None] - places[None], axis=-1)
        solver = pulp.PULP_CBC_CMD(msg=False)
        cover = locate.MCLP.from_cost_matrix(away, weight, 2_000.0, p_facilities=4).solve(solver)
        median = locate.PMedian.from_cost_matrix(away, weight, p_facilities=4).solve(solver)
        covered = float(pulp.value(cover.problem.objective))
        travelled = float(pulp.value(median.problem.objective))
    row, candidate, saving, weights = covering(
        pairs_of(away, 2_000.0), weight, np.zeros(40, dtype=bool)
    )
    asked = Problem(
        row=row, candidate=candidate, saving=saving, rows=len(weights), candidates=15, k=4
    )
    assert solve(asked, alike=True).value == pytest.approx(abs(covered))
    far = np.full(40, away.max())
    row, candidate, saving = shortening(pairs_of(away, np.inf), weight, far)
    asked = Problem(row=row, candidate=candidate, saving=saving, rows=40, candidates=15, k=4)
    ours = float(weight @ far) - solve(asked, alike=False).value
    assert ours == pytest.approx(travelled)


def test_work_that_nobody_wants_stops_with_what_there_is() -> None:
    found = solve(problem(np.eye(5), 2), alike=True, wanted=lambda: False)
    assert found.stopped
    assert found.gap == 1 or found.value == found.bound


def test_places_come_in_the_order_in_which_each_adds_most() -> None:
    order, adds = in_order(problem([[1.0, 5.0], [1.0, 0]], 2), np.array([0, 1]))
    assert order.tolist() == [1, 0]
    assert adds.tolist() == [5.0, 1.0]


def test_a_list_of_candidates() -> None:
    text = "name,where\nHall,CH41 2AB,500\nChapel, 53.4, -3.0, 250\n\n"
    found = listed_candidates(text, lambda code: (-3.1, 53.3) if code == "CH41 2AB" else None)
    assert found.names == ("Hall", "Chapel")
    assert found.points.latitude.tolist() == [53.3, 53.4]
    assert found.cost is not None
    assert found.cost.tolist() == [500, 250]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hall", "no place after the name"),
        ("Hall,ZZ1 1ZZ", "no postcode"),
        ("Hall,91,0", "no place on the Earth"),
        ("Hall,53,-3,-5", "a cost of -5"),
        ("Hall,53,-3,5\nChapel,53,-3", "1 without a cost"),
    ],
)
def test_a_bad_line_is_named(text: str, told: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        listed_candidates(text, lambda _: None)
    assert told in caught.value.message


@pytest.mark.parametrize("more", [{"k": 0}, {"k": 101}, {"k": 1, "budget": 5.0}])
def test_a_problem_without_sense_is_refused(more: dict[str, float]) -> None:
    with pytest.raises(InvalidRequestError):
        problem([[1.0]], **more)  # type: ignore[arg-type]
