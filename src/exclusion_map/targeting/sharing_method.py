"""Divide a whole number of things by claims: fair shares with bounds, then whole numbers.

Fair shares. With claims w, things already received r, minimum l and maximum u of what is given now,
and T things to give, shares y solve

    minimise sum (r + y)^2 / w   with   sum y = T,   l <= y <= u

so that y = min(max(L w - r, l), u) with one level L for all: everybody is filled to the same level
of things for each unit of claim, as water finds its level. L is found exactly, not by trial: the
sum is piecewise linear in L, and the corners are sorted.

Whole numbers. Largest remainder (Hamilton) rounds all fair shares down and hands what is left to
the largest fractions. A divisor method gives one thing after another to the highest w / d(r + y):
d(h) = h + 1/2 for Webster (Sainte-Lague), sqrt(h (h + 1)) for Hill (Huntington), h + 1 for D'Hondt
(Jefferson), h for Adams. Webster's is the same minimum as above over whole numbers, bounds and all.
Source: Balinski and Young, Fair Representation, 2nd edition (2001), appendix A.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_THINGS = 100_000_000
"""More things than these, and floating point could not tell a tie."""
FRACTION_DIGITS = 7
"""Fractions alike to so many digits are a tie."""
_NEAR = 1e-9
_KEY_DIGITS = 10


class Method(StrEnum):
    """How fair shares become whole numbers."""

    WEBSTER = "webster"
    LARGEST_REMAINDER = "largest-remainder"
    HILL = "hill"
    DHONDT = "dhondt"
    ADAMS = "adams"

    @property
    def label(self) -> str:
        """The words people see."""
        return _LABELS[self]


_LABELS = {
    Method.WEBSTER: "Webster (Sainte-Laguë): round to the nearest",
    Method.LARGEST_REMAINDER: "Largest remainder (Hamilton)",
    Method.HILL: "Hill (Huntington): a little kinder to small claims",
    Method.DHONDT: "D’Hondt (Jefferson): kinder to large claims",
    Method.ADAMS: "Adams: one for everybody first",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Claims:
    """What n units claim.

    Attributes:
        weight: (n,) size of the claim, from 0; NaN where it is not known.
        least: (n,) what each must get now at least, whole.
        most: (n,) what each may get now at most, whole.
        held: (n,) what each received before, which counts towards its share.
        order: (n,) place in the queue where claims tie, each once; lower goes first.
    """

    weight: Floats
    least: Ints
    most: Ints
    held: Floats
    order: Ints

    @property
    def claiming(self) -> Flags:
        """(n,) who has a claim at all; the others get their minimum."""
        return np.asarray(np.nan_to_num(self.weight) > 0, dtype=np.bool_)


@dataclass(frozen=True, eq=False, kw_only=True)
class Division:
    """Who gets how many.

    Attributes:
        given: (n,) whole numbers.
        fair: (n,) fair shares with bounds, before rounding; they add up to the total.
        level: things, received ones included, for each unit of claim at fair shares.
        tied: (n,) units among which only the queue decided who got the last things.
    """

    given: Ints
    fair: Floats
    level: float
    tied: Flags


def check(total: int, claims: Claims) -> None:
    """Raise InvalidRequestError, with the numbers, where bounds and total do not fit together."""
    if not 0 < total <= MOST_THINGS:
        raise InvalidRequestError(
            "total", found=f"{total:,} things", expected=f"from 1 to {MOST_THINGS:,}"
        )
    crossed = int((claims.least > claims.most).sum())
    if crossed:
        raise InvalidRequestError(
            "bounds", found=f"{crossed:,} units with a minimum above their maximum", expected="none"
        )
    needed = int(claims.least.sum())
    if needed > total:
        raise InvalidRequestError(
            "minimums",
            found=f"minimums that add up to {needed:,}",
            expected=f"at most the total, {total:,}",
            mend="Lower the minimum, or share more.",
        )
    room = int(np.where(claims.claiming, claims.most, claims.least).sum())
    if room < total:
        silent = int((~claims.claiming).sum())
        why = f"; {silent:,} units have no claim and get their minimum" if silent else ""
        raise InvalidRequestError(
            "maximums",
            found=f"room for {room:,}{why}",
            expected=f"room for the total, {total:,}",
            mend="Raise the maximum, share less, or choose another rule.",
        )


def fair_shares(total: int, claims: Claims) -> tuple[Floats, float]:
    """Return (n,) fair shares with bounds, and the level everybody is filled to.

    Raises:
        InvalidRequestError: bounds and total do not fit together.
    """
    check(total, claims)
    claims = replace(claims, most=np.minimum(claims.most, total))
    at = np.flatnonzero(claims.claiming)
    fair = claims.least.astype(np.float64)
    weight, held = claims.weight[at], claims.held[at]
    low = fair[at]
    high = claims.most[at].astype(np.float64)
    level = _level(total - (fair.sum() - low.sum()), weight, held, low, high)
    fair[at] = np.clip(level * weight - held, low, high)
    return fair, level


def _level(total: float, weight: Floats, held: Floats, low: Floats, high: Floats) -> float:
    """Return the level at which clipped shares add up to the total."""
    if not len(weight):
        return 0.0
    starts, ends = (low + held) / weight, (high + held) / weight
    corners = np.concatenate([starts, ends])
    slopes = np.concatenate([weight, -weight])
    order = np.argsort(corners, kind="stable")
    corners = corners[order]
    slope = np.cumsum(slopes[order])
    reached = low.sum() + np.concatenate([[0.0], np.cumsum(slope[:-1] * np.diff(corners))])
    after = int(np.clip(np.searchsorted(reached, total, side="left"), 1, len(corners) - 1))
    middle = (corners[after - 1] + corners[after]) / 2
    rising = (starts <= middle) & (middle <= ends) & (starts < ends)
    if not rising.any():
        return float(corners[after])
    # From the sums themselves again: running sums have lost digits on the way.
    fixed = np.where(middle < starts, low, high)[~rising].sum()
    level = (total - fixed + held[rising].sum()) / weight[rising].sum()
    return float(np.clip(level, corners[after - 1], corners[after]))


def divide(total: int, claims: Claims, method: Method = Method.WEBSTER) -> Division:
    """Return who gets how many of ``total`` things.

    Raises:
        InvalidRequestError: bounds and total do not fit together.
    """
    fair, level = fair_shares(total, claims)
    claims = replace(claims, most=np.minimum(claims.most, total))
    if method is Method.LARGEST_REMAINDER:
        given, tied = _largest_remainder(total, claims, fair)
    else:
        given, tied = _by_divisor(total, claims, level, method)
    return Division(given=given, fair=fair, level=level, tied=tied)


def _largest_remainder(total: int, claims: Claims, fair: Floats) -> tuple[Ints, Flags]:
    whole = np.rint(fair)
    base = np.where(np.abs(fair - whole) < 10.0**-FRACTION_DIGITS, whole, np.floor(fair))
    given = base.astype(np.int64)
    room = np.flatnonzero((given < claims.most) & claims.claiming)
    left = total - int(given.sum())
    keys = np.round(base[room] - fair[room], FRACTION_DIGITS)
    return _hand_out(given, room, keys, np.zeros(len(room)), left, claims.order)


def _hand_out(
    given: Ints, unit: Ints, keys: Floats, second: Floats, left: int, order: Ints
) -> tuple[Ints, Flags]:
    """Return what is given after the ``left`` things with the lowest keys are handed out."""
    tied = np.zeros(len(given), dtype=np.bool_)
    if left <= 0:
        return given, tied
    queue = np.lexsort((order[unit], second, keys))
    given = given + np.bincount(unit[queue[:left]], minlength=len(given))
    if left < len(queue):
        cut = queue[left - 1]
        alike = (keys == keys[cut]) & (second == second[cut])
        first, last = alike[queue[:left]].any(), alike[queue[left:]].any()
        tied[unit[alike]] = first and last
    return given, tied


def _hill(held: Floats) -> Floats:
    return np.asarray(np.sqrt(held * (held + 1)), dtype=np.float64)


_SIGNPOST: Mapping[Method, Callable[[Floats], Floats]] = {
    Method.WEBSTER: lambda held: held + 0.5,
    Method.HILL: _hill,
    Method.DHONDT: lambda held: held + 1.0,
    Method.ADAMS: lambda held: held,
}
"""What a claim is divided by when its unit holds so many."""

_HELD_AT: Mapping[Method, Callable[[Floats], Floats]] = {
    Method.WEBSTER: lambda reach: reach - 0.5,
    Method.HILL: lambda reach: (np.sqrt(1 + 4 * reach**2) - 1) / 2,
    Method.DHONDT: lambda reach: reach - 1.0,
    Method.ADAMS: lambda reach: reach,
}
"""The holding whose signpost is ``reach``: the other way round."""


def _by_divisor(total: int, claims: Claims, level: float, method: Method) -> tuple[Ints, Flags]:
    """Return what a divisor method gives: what is sure near the level, then the rest in turn."""
    signpost = _SIGNPOST[method]
    low = _rounded(claims, level * (1 - _NEAR), method)
    high = _rounded(claims, level * (1 + _NEAR), method)
    while high.sum() < total:
        room = np.flatnonzero(claims.claiming & (high < claims.most))
        keys = signpost(claims.held[room] + high[room]) / claims.weight[room]
        last = min(total - int(high.sum()), len(room)) - 1
        until = float(np.partition(keys, last)[last])
        low, high = high, np.maximum(_rounded(claims, until * (1 + _NEAR), method), high)
    while low.sum() > total:
        over = np.flatnonzero(claims.claiming & (low > claims.least))
        keys = signpost(claims.held[over] + low[over] - 1) / claims.weight[over]
        first = max(len(over) - (int(low.sum()) - total), 0)
        since = float(np.partition(keys, first)[first])
        fewer = _rounded(claims, since * (1 - _NEAR), method) if since > 0 else claims.least
        low, high = np.minimum(fewer, low), low
    return _settle(total, claims, low, high, signpost)


def _rounded(claims: Claims, level: float, method: Method) -> Ints:
    """Return (n,) how many things have a signpost of at most the level, within bounds."""
    given = claims.least.copy()
    at = np.flatnonzero(claims.claiming)
    reach = _HELD_AT[method](level * claims.weight[at])
    count = np.floor(reach - claims.held[at]) + 1
    given[at] = np.clip(count, claims.least[at], claims.most[at])
    return given


def _settle(
    total: int, claims: Claims, low: Ints, high: Ints, signpost: Callable[[Floats], Floats]
) -> tuple[Ints, Flags]:
    """Return ``low`` and the best of the things between it and ``high``, up to the total."""
    more = high - low
    unit = np.repeat(np.arange(len(low)), more)
    nth = np.arange(len(unit)) - np.repeat(np.cumsum(more) - more, more)
    weight = claims.weight[unit]
    keys = signpost(claims.held[unit] + low[unit] + nth) / weight
    largest = float(keys.max(initial=0.0))
    # A first thing that is free (a signpost of 0) goes to the larger claim first.
    second = np.where(keys == 0, -weight, 0.0)
    keys = np.round(keys / largest, _KEY_DIGITS) if largest > 0 else keys
    return _hand_out(low, unit, keys, second, total - int(low.sum()), claims.order)
