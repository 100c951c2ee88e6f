"""Local Moran and Gi*: by hand, by counting every permutation, against esda, and the classes."""

import itertools
import json
import math
import warnings

import numpy as np
import pytest
import shapely

from exclusion_map.areas.hotspot_table import hotspot_summary, hotspot_table
from exclusion_map.areas.hotspots import Hotspots, Pattern, hotspots
from exclusion_map.areas.permutations import false_discovery, two_sided_p
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.contiguity import Contiguity, queen

SIDE = 12


def grid(width: int, height: int) -> Contiguity:
    at = [(x, y) for y in range(height) for x in range(width)]
    return queen(shapely.box(*np.array([(x, y, x + 1, y + 1) for x, y in at], dtype=float).T))


def chain(n: int) -> Contiguity:
    return grid(n, 1)


def patchy(seed: int = 3) -> np.ndarray:
    """Values on a square grid, with a hot and a cold corner."""
    noise = np.random.default_rng(seed).normal(size=(SIDE, SIDE))
    noise[:4, :4] += 3
    noise[-4:, -4:] -= 3
    return np.asarray(noise.ravel() * 10 + 50)


@pytest.fixture(scope="module")
def found() -> Hotspots:
    return hotspots(patchy(), grid(SIDE, SIDE), permutations=9_999, seed=7)


def test_statistics_of_three_in_a_row_by_hand() -> None:
    local = hotspots([1.0, 2.0, 6.0], chain(3), permutations=99, adjust=False)
    # mean 3, z = -2 -1 3, sum of squares 14; neighbours' z: -1, 0.5, -1
    assert local.local_moran == pytest.approx([2 * 2 / 14, -2 * 0.5 / 14, -2 * 3 / 14])
    assert local.neighbour_mean == pytest.approx([2, 3.5, 2])
    # s^2 = 14/3; sums over itself and neighbours 3, 9, 8; the middle one has all areas: no spread
    ends = math.sqrt(14 / 3 * 2 * 1 / 2)
    assert local.gi_star == pytest.approx([(3 - 6) / ends, math.nan, (8 - 6) / ends], nan_ok=True)
    assert local.global_moran == pytest.approx((2 - 0.5 - 3) / 14)


def test_p_is_the_share_of_all_permutations() -> None:
    values, graph = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6]), chain(6)
    expected = []
    for row in range(6):
        others = [value for other, value in enumerate(values) if other != row]
        near = values[graph.neighbours(row)].sum()
        sums = [sum(one) for one in itertools.combinations(others, int(graph.counts[row]))]
        tail = min(sum(s >= near - 1e-9 for s in sums), sum(s <= near + 1e-9 for s in sums))
        expected.append(min(1.0, 2 * tail / len(sums)))
    p = two_sided_p(values, graph.sums(values), graph.counts.astype(np.intp), 200_000, seed=1)
    assert p == pytest.approx(expected, abs=0.01)


def test_p_equals_drawing_neighbours_for_each_area_by_itself() -> None:
    values, graph, times = patchy(), grid(SIDE, SIDE), 4_000
    rng, n = np.random.default_rng(11), SIDE * SIDE
    for row in (0, 5, 40, 143):
        others = np.delete(values, row)
        k = int(graph.counts[row])
        near = values[graph.neighbours(row)].sum()
        sums = np.array([rng.choice(others, k, replace=False).sum() for _ in range(times)])
        slow = 2 * (1 + min((sums >= near).sum(), (sums <= near).sum())) / (times + 1)
        fast = two_sided_p(values, graph.sums(values), graph.counts.astype(np.intp), 50_000, 2)[row]
        assert len(values) == n
        assert fast == pytest.approx(min(slow, 1), abs=0.035)


def test_it_agrees_with_esda(found: Hotspots, monkeypatch: pytest.MonkeyPatch) -> None:
    import libpysal
    import numba

    # Compiled for one use, it takes a hundred times as long as it is run here as written.
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda import G_Local, Moran_Local, crand

        monkeypatch.setattr(crand, "boolean", bool)
        graph = grid(SIDE, SIDE)
        near = {row: graph.neighbours(row).tolist() for row in range(len(graph))}
        moran = Moran_Local(
            patchy(), libpysal.weights.W(near, silence_warnings=True), permutations=9_999, seed=1
        )
        star = G_Local(
            patchy(),
            libpysal.weights.W(near, silence_warnings=True),
            transform="B",
            star=True,
            permutations=0,
        )
    assert found.local_moran == pytest.approx(moran.Is, rel=1e-12, abs=1e-12)
    assert found.gi_star == pytest.approx(star.Zs, rel=1e-9, abs=1e-9)
    assert found.gi_star_p_normal == pytest.approx(2 * star.p_norm, rel=1e-9)
    # On this Python its p is of one side. Both are simulated: four standard errors of the pair.
    p = np.clip(2 * moran.p_sim, 2e-4, 1)
    error = 4 * np.sqrt(2 * np.maximum(p * (1 - p / 2) * 2, 4e-4) / 9_999)
    assert (np.abs(found.p - p) < error + 2e-4).all()


def test_classes_are_of_the_area_and_its_neighbours(found: Hotspots) -> None:
    pattern = found.pattern.reshape(SIDE, SIDE)
    assert pattern[1, 1] == Pattern.HIGH_HIGH
    assert pattern[-2, -2] == Pattern.LOW_LOW
    assert (pattern[4:8, 4:8] == Pattern.NOT_SIGNIFICANT).mean() > 0.8
    assert found.hot.reshape(SIDE, SIDE)[1, 1] == 1
    assert found.hot.reshape(SIDE, SIDE)[-2, -2] == -1
    assert sum(found.counts().values()) == SIDE * SIDE


def test_a_low_area_in_a_hot_corner_is_low_among_high() -> None:
    values = patchy()
    values[SIDE + 1] = 0
    local = hotspots(values, grid(SIDE, SIDE), permutations=9_999, adjust=False)
    assert local.pattern[SIDE + 1] == Pattern.LOW_HIGH
    assert local.local_moran[SIDE + 1] < 0


def test_the_same_seed_gives_the_same_answer_and_another_one_nearly() -> None:
    first, again, other = (
        hotspots(patchy(), grid(SIDE, SIDE), permutations=9_999, seed=seed).p for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()
    assert first == pytest.approx(other, abs=0.05)


def test_areas_without_a_score_are_listed_and_left_out_of_means() -> None:
    values = np.array([1.0, np.nan, 6.0, 2.0, 4.0])
    local = hotspots(values, chain(5), permutations=99, adjust=False)
    assert local.missing.tolist() == [1]
    assert local.cut_off.tolist() == [0]
    assert local.pattern[:2].tolist() == [Pattern.ISLAND, Pattern.MISSING]
    assert local.neighbour_mean[2] == 2.0
    assert math.isnan(local.neighbour_mean[0])
    assert local.tested == 3


def test_an_island_is_listed_and_still_part_of_the_mean() -> None:
    boxes = np.append(
        shapely.box([0.0, 1, 2], [0.0, 0, 0], [1.0, 2, 3], [1.0, 1, 1]), shapely.box(9, 9, 10, 10)
    )
    local = hotspots([1.0, 2.0, 6.0, 7.0], queen(boxes), permutations=99, adjust=False)
    assert local.islands.tolist() == [3]
    assert local.pattern[3] == Pattern.ISLAND
    # the mean is 4 with the island: z = -3 -2 2 3, squares 26
    assert local.local_moran[0] == pytest.approx(3 * -3 * -2 / 26)
    assert math.isnan(local.local_moran[3])


def test_false_discovery_by_hand() -> None:
    # p m / rank: 0.01 * 4 / 1, 0.02 * 4 / 2, 0.03 * 4 / 3, 0.5 * 4 / 4; then the least from above
    assert false_discovery(np.array([0.5, 0.01, 0.03, 0.02])) == pytest.approx(
        [0.5, 0.04, 0.04, 0.04]
    )
    assert len(false_discovery(np.array([]))) == 0


def test_the_floor_and_what_it_means_is_told(found: Hotspots) -> None:
    assert found.floor == pytest.approx(2e-4)
    # 144 tests at 5 %: i 0.05 / 144 >= 0.0002 from i = 1
    assert found.fewest_significant == 1
    assert np.nanmin(found.p) >= found.floor
    assert "9,999 permutations" in found.notes()[0]
    assert "false-discovery rate of 5%" in found.notes()[1]


def test_a_floor_that_nothing_can_get_below_leaves_nothing_significant() -> None:
    values = np.random.default_rng(1).normal(size=100 * 100)
    local = hotspots(values, grid(100, 100), permutations=9_999)
    assert local.fewest_significant == 40  # 10,000 * 0.0002 / 0.05
    assert local.counts()["not_significant"] == 10_000


def test_alike_scores_show_no_pattern_and_say_so() -> None:
    local = hotspots(np.full(9, 0.1), grid(3, 3), permutations=9_999)
    assert local.counts()["not_significant"] == 9
    assert "No area can be tested" in " ".join(local.notes())
    assert hotspot_summary(local, [str(row) for row in range(9)])["global_moran"] is None


def test_no_scores_at_all() -> None:
    local = hotspots(np.full(9, np.nan), grid(3, 3), permutations=9_999)
    assert local.counts()["missing"] == 9


@pytest.mark.parametrize(
    ("values", "options", "named"),
    [
        ([1.0, 2.0], {}, "values"),
        ([1.0, 2.0, np.inf], {}, "infinite"),
        ([1.0, 2.0, 3.0], {"level": 5}, "level"),
        ([1.0, 2.0, 3.0], {"permutations": 999}, "at least 9,999"),
        ([1.0, 2.0, 3.0], {"permutations": 50, "adjust": False}, "at least 99"),
    ],
)
def test_what_cannot_be_is_refused(
    values: list[float], options: dict[str, float], named: str
) -> None:
    with pytest.raises(InvalidRequestError, match=named):
        hotspots(values, chain(3), **options)  # type: ignore[arg-type]


def test_table_and_summary_hold_what_an_edition_needs(found: Hotspots) -> None:
    codes = [f"X{row:03}" for row in range(SIDE * SIDE)]
    table = hotspot_table("exclusion", codes, found)
    assert table["code"].tolist() == codes
    assert table["pattern"].value_counts().to_dict() == {
        slug: count for slug, count in found.counts().items() if count
    }
    published = json.loads(json.dumps(hotspot_summary(found, codes), allow_nan=False))
    assert published["counts"] == found.counts()
    assert published["hot"] == int((found.hot == 1).sum()) > 0
