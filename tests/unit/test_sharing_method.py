"""Apportionment by hand-worked and published cases, and against a slow obvious implementation."""

from fractions import Fraction

import numpy as np
import pytest

from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sharing_method import Claims, Method, divide, fair_shares


def claims(
    weight: list[float],
    least: list[int] | int = 0,
    most: list[int] | int = 10**6,
    held: list[float] | float = 0.0,
) -> Claims:
    n = len(weight)
    return Claims(
        weight=np.array(weight, dtype=float),
        least=np.broadcast_to(np.array(least, dtype=np.int64), n).copy(),
        most=np.broadcast_to(np.array(most, dtype=np.int64), n).copy(),
        held=np.broadcast_to(np.array(held, dtype=float), n).copy(),
        order=np.arange(n),
    )


# Balinski and Young, Fair Representation (2001), table of the five traditional methods: 26 seats.
STATES = [9061.0, 7179.0, 5259.0, 3319.0, 1182.0]
SEATS = {
    Method.ADAMS: [9, 7, 5, 3, 2],
    Method.HILL: [9, 7, 6, 3, 1],
    Method.WEBSTER: [9, 8, 5, 3, 1],
    Method.DHONDT: [10, 7, 5, 3, 1],
    Method.LARGEST_REMAINDER: [9, 7, 5, 4, 1],
}


@pytest.mark.parametrize("method", list(Method))
def test_the_five_methods_of_balinski_and_young(method: Method) -> None:
    assert divide(26, claims(STATES), method).given.tolist() == SEATS[method]


def test_sainte_lague_and_dhondt_of_the_textbook() -> None:
    # 53,000, 24,000 and 23,000 votes for 7 seats: as in Wikipedia's articles on both methods.
    votes = [53_000.0, 24_000.0, 23_000.0]
    assert divide(7, claims(votes), Method.WEBSTER).given.tolist() == [3, 2, 2]
    assert divide(7, claims(votes), Method.DHONDT).given.tolist() == [4, 2, 1]


def test_the_alabama_paradox_is_of_largest_remainder_alone() -> None:
    # Claims 6, 6 and 2: the third has 2 of 10, but only 1 of 11.
    third = {
        method: [int(divide(total, claims([6, 6, 2]), method).given[2]) for total in range(1, 41)]
        for method in (Method.LARGEST_REMAINDER, Method.WEBSTER)
    }
    assert third[Method.LARGEST_REMAINDER][9:11] == [2, 1]
    assert third[Method.WEBSTER] == sorted(third[Method.WEBSTER])


def test_the_house_of_representatives_after_the_census_of_1790() -> None:
    # 105 seats by Jefferson's method; Balinski and Young (2001), appendix B.
    census = {
        "Virginia": (630_560, 19),
        "Massachusetts": (475_327, 14),
        "Pennsylvania": (432_879, 13),
        "North Carolina": (353_523, 10),
        "New York": (331_589, 10),
        "Maryland": (278_514, 8),
        "Connecticut": (236_841, 7),
        "South Carolina": (206_236, 6),
        "New Jersey": (179_570, 5),
        "New Hampshire": (141_822, 4),
        "Vermont": (85_533, 2),
        "Georgia": (70_835, 2),
        "Kentucky": (68_705, 2),
        "Rhode Island": (68_446, 2),
        "Delaware": (55_540, 1),
    }
    found = divide(105, claims([float(people) for people, _ in census.values()]), Method.DHONDT)
    assert found.given.tolist() == [seats for _, seats in census.values()]


def test_water_finds_its_level() -> None:
    # Claims 1, 2, 3 for 12: shares 2, 4, 6. The first has 5 already, so 17 are at one level of
    # 17/6: it would need 2.8 and has 5, gets none, and the rest share 12 as 2 to 3.
    plain, level = fair_shares(12, claims([1, 2, 3]))
    assert plain == pytest.approx([2, 4, 6])
    assert level == pytest.approx(2)
    filled, level = fair_shares(12, claims([1, 2, 3], held=[5, 0, 0]))
    assert filled == pytest.approx([0, 4.8, 7.2])
    assert level == pytest.approx(2.4)
    bounded, level = fair_shares(12, claims([1, 2, 3], least=[3, 0, 0], most=[9, 9, 5]))
    assert bounded == pytest.approx([3, 4, 5])
    assert level == pytest.approx(2)


def test_received_things_are_made_up_for_in_whole_numbers() -> None:
    found = divide(6, claims([1, 1, 1], held=[3, 0, 0]))
    assert found.given.tolist() == [0, 3, 3]


def test_ties_go_by_the_queue_and_are_told() -> None:
    for method in (Method.WEBSTER, Method.LARGEST_REMAINDER, Method.DHONDT, Method.HILL):
        found = divide(4, claims([5, 5, 5]), method)
        assert found.given.tolist() == [2, 1, 1]
        assert found.tied.tolist() == [True, True, True]
    assert not divide(6, claims([5, 5, 5])).tied.any()


def test_free_first_things_go_to_the_larger_claims() -> None:
    found = divide(2, claims([1, 3, 2]), Method.ADAMS)
    assert found.given.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("total", "given", "found"),
    [
        (5, claims([1, 1], least=3), "add up to 6"),
        (9, claims([1, 1], most=4), "room for 8"),
        (9, claims([1, 0, np.nan], least=[0, 1, 1], most=4), "room for 6; 2 units have no claim"),
        (9, claims([1, 1], least=[5, 0], most=[4, 9]), "1 units with a minimum above"),
        (0, claims([1, 1]), "0 things"),
    ],
)
def test_what_does_not_fit_is_told_with_numbers(total: int, given: Claims, found: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        divide(total, given)
    assert found in error.value.found


def slowly(total: int, given: Claims, method: Method) -> list[int]:
    """Give one after another, in exact fractions; for Hill in their squares."""

    def key(at: int, had: int) -> Fraction:
        held = Fraction(int(given.held[at])) + had
        weight = Fraction(int(given.weight[at]))
        if method is Method.HILL:
            return held * (held + 1) / weight**2
        add = {Method.WEBSTER: Fraction(1, 2), Method.DHONDT: Fraction(1)}.get(method, Fraction(0))
        return (held + add) / weight

    now: list[int] = given.least.tolist()
    while sum(now) < total:
        ways = [
            (first := key(at, now[at]), -given.weight[at] if first == 0 else 0, given.order[at], at)
            for at in range(len(now))
            if given.weight[at] > 0 and now[at] < given.most[at]
        ]
        now[min(ways)[-1]] += 1
    return now


@pytest.mark.parametrize("seed", range(120))
def test_as_one_after_another(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    weight = rng.integers(0, 30, n)
    weight[0] += 1
    least = rng.integers(0, 3, n)
    given = claims(
        weight.tolist(),
        least.tolist(),
        (least + rng.integers(0, 12, n)).tolist(),
        (rng.integers(0, 6, n) * rng.integers(0, 2)).tolist(),
    )
    room = int(np.where(weight > 0, given.most, given.least).sum())
    total = int(rng.integers(least.sum(), room + 1))
    if total == 0:
        total = 1 if room else 0
    if not total:
        return
    fair, _ = fair_shares(total, given)
    assert fair.sum() == pytest.approx(total)
    for method in set(Method) - {Method.LARGEST_REMAINDER}:
        assert divide(total, given, method).given.tolist() == slowly(total, given, method)
    whole = divide(total, given, Method.LARGEST_REMAINDER).given
    assert (np.abs(whole - fair) < 1).all()
