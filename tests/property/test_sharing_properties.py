"""What must hold of every division, whatever is shared."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.targeting.sharing_method import Claims, Method, divide, fair_shares

methods = st.sampled_from(list(Method))


@st.composite
def divisions(draw: st.DrawFn) -> tuple[int, Claims]:
    """Draw a total and claims that it fits."""
    n = draw(st.integers(1, 12))
    several = st.lists(st.integers(0, 40), min_size=n, max_size=n)
    weight = np.array(draw(several), dtype=float) * draw(st.sampled_from([1.0, 0.1, 1e6]))
    weight[draw(st.integers(0, n - 1))] += 1
    least = np.array(draw(several), dtype=np.int64) // 10
    most = least + np.array(draw(several), dtype=np.int64)
    held = np.array(draw(several), dtype=float) // 4 * draw(st.sampled_from([0.0, 1.0, 0.25]))
    room = int(np.where(weight > 0, most, least).sum())
    order = np.array(draw(st.permutations(range(n))), dtype=np.int64)
    claims = Claims(weight=weight, least=least, most=most, held=held, order=order)
    if room == 0:
        claims = replace(claims, most=most + 5)
        room = int(np.where(weight > 0, claims.most, least).sum())
    return draw(st.integers(max(int(least.sum()), 1), room)), claims


@given(divisions(), methods)
@settings(max_examples=200, deadline=None)
def test_all_is_given_within_bounds(one: tuple[int, Claims], method: Method) -> None:
    total, claims = one
    found = divide(total, claims, method)
    assert found.given.sum() == total
    assert found.fair.sum() == pytest.approx(total)
    assert (found.given >= claims.least).all()
    assert (found.given <= claims.most).all()
    assert (found.given[~claims.claiming] == claims.least[~claims.claiming]).all()


@given(divisions())
@settings(max_examples=150, deadline=None)
def test_largest_remainder_keeps_within_one_of_the_fair_share(one: tuple[int, Claims]) -> None:
    total, claims = one
    found = divide(total, claims, Method.LARGEST_REMAINDER)
    assert (np.abs(found.given - found.fair) < 1).all()


@given(divisions(), st.sampled_from([one for one in Method if one != Method.LARGEST_REMAINDER]))
@settings(max_examples=150, deadline=None)
def test_more_to_share_takes_from_nobody(one: tuple[int, Claims], method: Method) -> None:
    total, claims = one
    claims = replace(claims, most=claims.most + 1)
    before, after = (divide(amount, claims, method).given for amount in (total, total + 1))
    assert (after >= before).all()
    assert (after - before).sum() == 1


@given(divisions(), methods, st.sampled_from([2.0, 1000.0, 1 / 64]))
@settings(max_examples=150, deadline=None)
def test_the_size_of_the_unit_of_claims_does_not_matter(
    one: tuple[int, Claims], method: Method, factor: float
) -> None:
    total, claims = one
    larger = replace(claims, weight=claims.weight * factor)
    np.testing.assert_array_equal(
        divide(total, claims, method).given, divide(total, larger, method).given
    )


@given(st.integers(1, 300), st.integers(1, 9), methods)
@settings(max_examples=100, deadline=None)
def test_equal_claims_get_alike_up_to_a_tie(total: int, n: int, method: Method) -> None:
    claims = Claims(
        weight=np.full(n, 0.3),
        least=np.zeros(n, dtype=np.int64),
        most=np.full(n, total, dtype=np.int64),
        held=np.zeros(n),
        order=np.arange(n),
    )
    found = divide(total, claims, method)
    assert found.given.max() - found.given.min() <= 1
    assert found.tied.all() == bool(total % n)


@given(divisions(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_fair_shares_and_webster_have_the_smallest_sum(
    one: tuple[int, Claims], random: object
) -> None:
    total, claims = one
    fair, _ = fair_shares(total, claims)
    whole = divide(total, claims, Method.WEBSTER).given
    rng = np.random.default_rng(random.randint(0, 2**31))  # type: ignore[attr-defined]
    at = np.flatnonzero(claims.claiming)

    def worth(given: np.ndarray) -> float:
        return float(((given[at] + claims.held[at]) ** 2 / claims.weight[at]).sum())

    for start, step in ((fair, 0.01), (whole.astype(float), 1.0)):
        for _ in range(10):
            first, second = rng.choice(at, 2)
            other = start.copy()
            other[first] += step
            other[second] -= step
            if (other >= claims.least).all() and (other <= claims.most).all():
                assert worth(other) >= worth(start) * (1 - 1e-12)
