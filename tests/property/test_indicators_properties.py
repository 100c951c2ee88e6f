"""Properties of indicators: order does not matter, adding up in two steps is adding up in one."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.indicators import DisclosureRule, roll_up
from exclusion_map.indicators.disclosure import protect

COUNT = 12
AREAS = [f"E01{number:06d}" for number in range(COUNT)]


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """A tidy table of one indicator with counts, some of them missing."""
    denominator = np.array(draw(st.lists(st.integers(1, 3000), min_size=COUNT, max_size=COUNT)))
    share = np.array(draw(st.lists(st.floats(0, 1), min_size=COUNT, max_size=COUNT)))
    missing = np.array(draw(st.lists(st.booleans(), min_size=COUNT, max_size=COUNT)))
    numerator = np.where(missing, np.nan, np.floor(denominator * share))
    value = 100 * numerator / denominator
    return pd.DataFrame(
        {
            "area_code": pd.array(AREAS, dtype="string"),
            "indicator": pd.array(["disabled"] * COUNT, dtype="string"),
            "value": value,
            "numerator": numerator,
            "denominator": np.where(missing, np.nan, denominator),
            "quality": pd.array(np.where(missing, "missing", "observed"), dtype="string"),
        }
    )


groupings = st.lists(st.integers(0, 3), min_size=COUNT, max_size=COUNT).map(
    lambda groups: pd.Series([f"E05{group:06d}" for group in groups], index=AREAS)
)
PEOPLE = pd.Series(np.arange(1.0, COUNT + 1), index=AREAS)


@given(tables(), groupings, st.permutations(range(COUNT)))
@settings(max_examples=20, deadline=None)
def test_the_order_of_areas_does_not_matter(
    tidy: pd.DataFrame, groups: pd.Series, order: list[int]
) -> None:
    once = roll_up(tidy, groups, PEOPLE)
    again = roll_up(tidy.iloc[list(order)].reset_index(drop=True), groups, PEOPLE)
    pd.testing.assert_frame_equal(once, again)


@given(tables(), groupings)
@settings(max_examples=20, deadline=None)
def test_adding_up_in_two_steps_is_adding_up_in_one(tidy: pd.DataFrame, groups: pd.Series) -> None:
    nation = pd.Series("E92000001", index=AREAS)
    whole = roll_up(tidy, nation, PEOPLE)
    parts = roll_up(tidy, groups, PEOPLE)
    codes = parts["area_code"].tolist()
    people = PEOPLE.groupby(groups).sum().reindex(codes)
    twice = roll_up(parts, pd.Series("E92000001", index=codes), people)
    pd.testing.assert_frame_equal(whole, twice)


@given(tables(), groupings)
@settings(max_examples=20, deadline=None)
def test_a_larger_area_lies_between_its_small_areas(tidy: pd.DataFrame, groups: pd.Series) -> None:
    made = roll_up(tidy, groups, PEOPLE).set_index("area_code")["value"]
    small = tidy.set_index("area_code")["value"].groupby(groups.to_numpy())
    low, high = small.min().reindex(made.index), small.max().reindex(made.index)
    told = made.notna()
    assert (told == low.notna()).all()
    assert (made[told] >= low[told] - 1e-9).all()
    assert (made[told] <= high[told] + 1e-9).all()


@given(tables(), st.integers(0, 20), st.integers(1, 10))
@settings(max_examples=60, deadline=None)
def test_nothing_that_is_told_is_small(tidy: pd.DataFrame, threshold: int, base: int) -> None:
    threshold = max(threshold, base)
    rule = DisclosureRule(threshold=threshold, base=base)
    numerator = tidy["numerator"].to_numpy()
    denominator = tidy["denominator"].to_numpy()
    shown, whole, withheld = protect(numerator, denominator, rule)
    told = np.isfinite(shown)
    outside = denominator - numerator
    assert (np.isnan(shown) == (np.isnan(numerator) | withheld)).all()
    for counts in (numerator, denominator, outside):
        assert not ((counts[told] > 0) & (counts[told] <= threshold)).any()
    assert (np.mod(shown[told], base) == 0).all()
    assert (shown[told] <= whole[told]).all()
