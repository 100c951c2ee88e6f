"""Disclosure control, worked by hand: withhold, then round, then divide."""

import numpy as np
import pytest
from pydantic import ValidationError

from exclusion_map.indicators.disclosure import DisclosureRule, protect

RULE = DisclosureRule(threshold=7, base=5)


def apply(numerator: list[float], denominator: list[float]) -> tuple[list[object], ...]:
    shown, whole, withheld = protect(np.array(numerator), np.array(denominator), RULE)
    return (
        [None if np.isnan(one) else one for one in shown],
        [None if np.isnan(one) else one for one in whole],
        withheld.tolist(),
    )


def test_worked_by_hand() -> None:
    # 3 of 120: withheld. 8 of 120: told as 10 of 120. 0 of 122: told as 0 of 120. 62 of 118: told
    # as 60 of 120. 116 of 120: withheld, for 4 people are not of the group.
    shown, whole, withheld = apply([3, 8, 0, 62, 116], [120, 120, 122, 118, 120])
    assert shown == [None, 10.0, 0.0, 60.0, None]
    assert whole == [None, 120.0, 120.0, 120.0, None]
    assert withheld == [True, False, False, False, True]


def test_halves_are_rounded_up() -> None:
    rule = DisclosureRule(threshold=0, base=10)
    shown, _, _ = protect(np.array([25.0, 35.0, 45.0]), np.array([100.0] * 3), rule)
    assert shown.tolist() == [30.0, 40.0, 50.0]


def test_the_threshold_itself_is_withheld_and_one_more_is_not() -> None:
    _, _, withheld = apply([7, 8], [100, 100])
    assert withheld == [True, False]


def test_a_small_population_is_withheld_even_if_nobody_is_of_the_group() -> None:
    shown, whole, withheld = apply([0], [6])
    assert (shown, whole, withheld) == ([None], [None], [True])


def test_everybody_may_be_told_where_there_are_many() -> None:
    shown, _, withheld = apply([100], [100])
    assert (shown, withheld) == ([100.0], [False])


def test_missing_is_not_withheld() -> None:
    shown, _, withheld = apply([np.nan, 3], [100, np.nan])
    assert withheld == [False, False]
    assert shown[0] is None


def test_a_base_that_hides_what_was_told_is_refused() -> None:
    with pytest.raises(ValidationError, match="rounds a count of 4 to nothing"):
        DisclosureRule(threshold=3, base=10)
