"""Parts of the modelled estimate: worked by hand, or against a slow obvious way."""

from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from exclusion_map.estimate.design import (
    design,
    dummies,
    group_means,
    normal_scores,
    standardised,
)
from exclusion_map.estimate.inputs import UNKNOWN, Inputs, internet_users, region_of
from exclusion_map.estimate.model import model
from exclusion_map.estimate.nearness import Labels, Nearness, coded, nested
from exclusion_map.estimate.ridge import PENALTIES, cross_fit, solve
from exclusion_map.estimate.rollup import NORMAL_80, Counts, larger_table, small_table
from exclusion_map.estimate.spread import FEWEST, SizeModel, Tails

NAN = float("nan")


def test_normal_scores_by_hand_with_a_tie() -> None:
    quantile = NormalDist().inv_cdf
    # ranks 1, 2.5, 2.5, 4 of 4
    expected = [quantile(0.5 / 4), quantile(0.5), quantile(0.5), quantile(3.5 / 4)]
    assert normal_scores(np.array([1.0, 5, 5, 9])) == pytest.approx(expected)


def test_normal_scores_keep_the_order_and_not_the_distances() -> None:
    values = np.random.default_rng(1).normal(size=200)
    assert normal_scores(np.exp(3 * values)) == pytest.approx(normal_scores(values))


def test_dummies_and_group_means() -> None:
    labels = np.array(["b", "a", "b"], dtype=object)
    assert dummies(labels).tolist() == [[0, 1], [1, 0], [0, 1]]
    assert group_means(np.array([[1.0], [5], [3]]), labels).ravel().tolist() == [2, 5, 2]
    nowhere = np.array(["b", None, "b"], dtype=object)
    assert group_means(np.array([[1.0], [5], [3]]), nowhere).ravel().tolist() == [2, 5, 2]


def test_columns_that_do_not_vary_are_dropped() -> None:
    block = standardised(np.array([[1.0, 7], [3, 7]]))
    assert block.tolist() == [[-1], [1]]


def test_internet_users_pass_through_splits_and_agreeing_merges(tmp_path: Path) -> None:
    _write(
        tmp_path / "cdrc-iuc2018" / "iuc2018.csv",
        "SHP_ID,LSOA11_CD,LSOA11_NM,GRP_CD,GRP_LABEL",
        *(f"{at},E0100000{at},x,{group},y" for at, group in enumerate([3, 4, 5, 5, 6, 7], 1)),
    )
    changes = [
        ("1", "1", "U"),
        ("2", "7", "S"),
        ("2", "8", "S"),
        ("3", "9", "M"),
        ("4", "9", "M"),
        ("5", "10", "M"),
        ("4", "10", "M"),
        ("6", "11", "X"),
    ]
    _write(
        tmp_path / "ons-lsoa11-lsoa21-lookup" / "LSOA11_LSOA21_LAD22_EW_LU.csv",
        "LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM",
        *(f"E0100000{old},x,E01{int(new):06d},x,{how},E06,x" for old, new, how in changes),
    )
    codes = pd.Index([f"E01{new:06d}" for new in (1, 7, 8, 9, 10, 11, 12)])
    groups = internet_users(tmp_path, codes).tolist()
    assert groups == ["3", "4", "4", "5", UNKNOWN, UNKNOWN, UNKNOWN]


def _write(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_region_is_the_nation_where_there_is_none() -> None:
    small = pd.DataFrame({"nation": ["England", "Wales"], "region": ["London", None]})
    assert region_of(small).tolist() == ["London", "Wales"]
    assert region_of(small[["nation"]]).tolist() == ["England", "Wales"]


def test_left_out_fits_equal_fits_to_the_rest() -> None:
    columns, outcome, fold = _regression(240)
    outcome[::7] = NAN
    found = cross_fit(columns, outcome, fold, 4)
    known = ~np.isnan(outcome)
    for one in range(4):
        penalty = float(found.penalty[one])
        rest = known & (fold != one)
        direct = _fit(columns, outcome, rest, penalty)
        own = fold == one
        assert found.held_out[own] == pytest.approx(columns[own] @ direct)
        assert np.isnan(found.inner[one, own]).all()
        for other in set(range(4)) - {one}:
            at = fold == other
            direct = _fit(columns, outcome, rest & ~at, penalty)
            assert found.inner[one, at] == pytest.approx(columns[at] @ direct)


def test_the_penalty_is_the_one_that_errs_least_on_inner_folds() -> None:
    columns, outcome, fold = _regression(120)
    found = cross_fit(columns, outcome, fold, 4)
    lost = []
    for penalty in PENALTIES:
        error = 0.0
        for other in (1, 2, 3):
            rest = (fold != 0) & (fold != other)
            at = fold == other
            error += float(
                ((outcome[at] - columns[at] @ _fit(columns, outcome, rest, penalty)) ** 2).sum()
            )
        lost.append(error)
    assert found.penalty[0] == PENALTIES[int(np.argmin(lost))]


def _regression(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    columns = np.column_stack([np.ones(n), random.normal(size=(n, 6))])
    outcome = columns @ random.normal(size=7) + random.normal(size=n) + 3
    return columns, outcome, np.arange(n) % 4


def _fit(columns: np.ndarray, outcome: np.ndarray, at: np.ndarray, penalty: float) -> np.ndarray:
    x, y = columns[at], outcome[at]
    return solve(x.T @ x, x.T @ y, penalty * len(y))


def test_the_constant_is_not_penalised() -> None:
    columns = np.column_stack([np.ones(4), [1.0, -1, 1, -1]])
    fitted = solve(columns.T @ columns, columns.T @ np.array([5.0, 5, 5, 5]), 1e9)
    assert fitted == pytest.approx([5, 0])


def test_expected_errors_follow_their_size_and_never_vanish() -> None:
    random = np.random.default_rng(5)
    n = 4000
    classes = standardised(dummies(np.where(random.random(n) < 0.5, "calm", "wild").astype(object)))
    wild = classes[:, 1] > 0
    error = random.normal(size=n) * np.where(wild, 3.0, 1.0)
    predicted, households = random.normal(2.5, 0.4, n), np.full(n, 600.0)
    size = SizeModel.fit(predicted, error, households, classes).of(predicted, households, classes)
    assert size[wild].mean() / size[~wild].mean() == pytest.approx(3, rel=0.15)
    assert size.min() > 0


def test_tails_hold_what_they_promise_in_regions_unlike_each_other() -> None:
    random = np.random.default_rng(7)
    region = np.repeat(np.array(["narrow", "wide", "small"], dtype=object), [4000, 4000, 50])
    scale = np.select([region == "narrow", region == "wide"], [1.0, 4.0], 1.0)
    tails = Tails.of(random.normal(size=len(region)) * scale, region)
    assert set(tails.ends) == {"", "narrow", "wide"}  # the small one goes with all
    assert (region == "small").sum() < FEWEST
    fresh = random.normal(size=len(region)) * scale
    low, high = tails.around(np.zeros(len(region)), np.ones(len(region)), region)
    inside = (low <= fresh) & (fresh <= high)
    assert inside[region == "narrow"].mean() == pytest.approx(0.8, abs=0.02)
    assert inside[region == "wide"].mean() == pytest.approx(0.8, abs=0.02)


def test_shared_errors_by_hand() -> None:
    # pairs within a neighbourhood: 1x1 and -1x2; within the district but not these: 1x-1, 1x2, 1x-1
    # and 1x2 over four pairs
    scaled = np.array([1.0, 1, -1, 2])
    levels = {"near": np.array([0, 0, 1, 1]), "far": np.zeros(4, dtype=np.intp)}
    found = Nearness.of(scaled, levels)
    assert found.own == pytest.approx(7 / 4)
    assert found.shared == {"near": 0.0, "far": 0.0}  # -1/2 and, held down by it, 0
    alike = Nearness.of(np.array([2.0, 2, 1, 1]), levels)
    assert alike.shared == pytest.approx({"near": (4 + 1) / 2, "far": 2.0})
    assert alike.correlations["near"] == pytest.approx(1)


def test_the_variance_of_a_sum_equals_the_sum_over_all_pairs() -> None:
    random = np.random.default_rng(11)
    n = 60
    near = np.arange(n) // 4
    far = near // 3
    near[7] = -1  # in no neighbourhood: shares with its district only
    larger = np.where(np.arange(n) % 5 == 0, -1, np.arange(n) % 3)
    spread = random.random(n)
    nearness = Nearness(1.1, {"near": 0.5, "far": 0.2})
    levels = {"near": near, "far": far}
    found = nearness.variance(spread, larger, 3, levels)
    for group in range(3):
        at = np.flatnonzero(larger == group)
        total = 0.0
        for a in at:
            for b in at:
                product = 0.2 if far[a] == far[b] else 0.0
                if near[a] == near[b] and near[a] >= 0:
                    product = 0.5
                total += (1.1 if a == b else product) * spread[a] * spread[b]
        assert found[group] == pytest.approx(total)


def test_labels_are_numbered_in_order_and_gaps_are_no_group() -> None:
    numbers, names = coded(["b", None, "a", "", "b", pd.NA])
    assert names == ("a", "b")
    assert numbers.tolist() == [1, -1, 0, -1, 1, -1]


def test_sums_of_larger_areas_by_hand() -> None:
    small = pd.DataFrame({"local_authority_code": ["X", "X", "Y"]})
    counts = Counts(
        households=np.array([100.0, 300, 200]),
        residents=np.array([200.0, 600, 500]),
        observed=np.array([10.0, NAN, NAN]),
    )
    estimate, spread = np.array([10.0, 20, 5]), np.array([3.0, 1, 2])
    nearness = Nearness(1.0, {"district": 1.0})  # errors of a district go together wholly
    table = larger_table(
        small, estimate, spread, counts, nearness, {"district": np.array([0, 0, 1])}
    ).set_index("code")
    assert table.loc["X", "households"] == pytest.approx(70)
    assert table.loc["X", "estimate"] == pytest.approx(17.5)
    assert table.loc["X", "people"] == pytest.approx(140)
    # 100 x 3 % + 300 x 1 % = 6 households
    assert table.loc["X", "households_high"] == pytest.approx(70 + 6 * NORMAL_80)
    assert table.loc["X", "low"] == pytest.approx(100 * (70 - 6 * NORMAL_80) / 400)
    assert table.loc["X", ["observed", "observed_share"]].tolist() == [10, 0.25]
    assert np.isnan(table.loc["Y", "observed"])
    assert set(table["kind"]) == {"local_authority"}  # no other codes were given


def test_counts_of_small_areas_are_shares_of_their_own() -> None:
    one = np.array([10.0])
    counts = Counts(np.array([400.0]), np.array([900.0]), np.array([NAN]))
    row = small_table(np.array(["A"], dtype=object), one, one - 2, one + 3, counts).iloc[0]
    assert row[["households_low", "households", "households_high"]].tolist() == [32, 40, 52]
    assert row[["people_low", "people", "people_high"]].tolist() == [72, 90, 117]
    assert row["observed_share"] == 0


def test_an_area_does_not_see_its_own_district() -> None:
    made, outcome, region, fold = _world()
    households = np.full(len(outcome), 600.0)
    first = model(made, outcome, region, households, fold)
    changed = np.where(fold == 2, outcome + 40, outcome)
    second = model(made, changed, region, households, fold)
    for name in ("estimate", "low", "high", "spread"):
        own, other = getattr(first, name)[fold == 2], getattr(second, name)[fold == 2]
        assert own == pytest.approx(other)
    assert not np.allclose(first.estimate[fold != 2], second.estimate[fold != 2])


def test_areas_without_an_outcome_get_an_estimate_inside_its_interval() -> None:
    made, outcome, region, fold = _world()
    outcome[::3] = NAN
    found = model(made, outcome, region, np.full(len(outcome), 600.0), fold)
    assert not np.isnan(found.estimate).any()
    assert (found.low <= found.estimate).all()
    assert (found.estimate <= found.high).all()
    assert (found.low >= 0).all()
    assert (found.high <= 100).all()


def _world() -> tuple[object, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(13)
    n = 500
    shares = random.random((n, 3)) * 100
    inputs = Inputs(
        names=("a", "b", "c"),
        shares=shares,
        classes={"region": np.where(np.arange(n) % 2, "N", "S").astype(object)},
        connections=np.full(n, NAN),
        residents=np.full(n, 1500.0),
        notes=(),
    )
    root = 2 + shares[:, 0] / 50 + random.normal(0, 0.3, n)
    return design(inputs), root**2, inputs.classes["region"], np.arange(n) // 10 % 5


def test_areas_without_a_group_keep_what_they_share_nearby() -> None:
    # Areas 0 to 3 in health area 0; 4 to 7 in none, as in Wales; 8 in no group at all.
    district = np.array([0, 0, 1, 1, 2, 2, 3, 3, -1])
    health = np.array([0, 0, 0, 0, -1, -1, -1, -1, -1])
    levels = nested({"district": district, "health area": health})
    assert levels["district"].tolist() == district.tolist()
    assert levels["health area"].tolist() == [0, 0, 0, 0, 3, 3, 4, 4, -1]
    nearness = Nearness(1.0, {"district": 0.5, "health area": 0.1})
    everyone = np.zeros(9, dtype=np.intp)
    # Pairs in a district 0.5, in a health area alone 0.1: both ways round.
    english = nearness.variance(np.ones(4), everyone[:4], 1, _part(levels, slice(0, 4)))
    assert english == pytest.approx([4 + 2 * (2 * 0.5 + 4 * 0.1)])
    welsh = nearness.variance(np.ones(4), everyone[:4], 1, _part(levels, slice(4, 8)))
    assert welsh == pytest.approx([4 + 2 * (2 * 0.5)])
    # Their pairs are counted as a district's alone.
    scaled = np.array([1.0, 1, -1, -1, 2, 2, -2, -2, 3])
    assert Nearness.of(scaled, levels).shared == pytest.approx(
        {"district": (1 + 1 + 4 + 4) / 4, "health area": 0.0}
    )


def _part(levels: dict[str, Labels], rows: slice) -> dict[str, Labels]:
    return {name: labels[rows] for name, labels in levels.items()}
