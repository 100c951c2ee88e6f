"""Sorting, ties and ranks of a vector; all ranking in the package uses this module."""

import threading

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

PACK_FROM = 512
"""Fewest values for which packing is worthwhile."""

_SIGN = np.uint64(1 << 63)


class _Buffers(threading.local):
    """Reusable arrays: allocating new ones costs more in page faults than the sort itself."""

    size = -1

    def fit(self, n: int) -> "_Buffers":
        if n != self.size:
            self.size = n
            self.places = np.arange(n, dtype=np.uint64)
            self.keys = np.empty(n, dtype=np.uint64)
            self.ordered = np.empty(n)
            self.flags = np.empty(n, dtype=np.bool_)
            self.run = np.empty(n, dtype=np.int32)
        return self


_buffers = _Buffers()


def ascending_order(values: Floats) -> Ints:
    """Return positions that sort ``values`` (n,), which hold no NaN; the order within ties is free.

    The upper bits of each value and its position are packed into one integer, because sorting
    integers is about twice as fast as an argsort. If the dropped lower bits matter, an exact sort
    is used instead, so the result is always exact.
    """
    if len(values) < PACK_FROM:
        return np.argsort(values)
    return _packed_order(values, _buffers.fit(len(values))).copy()


def _packed_order(values: Floats, held: _Buffers) -> Ints:
    """Return the order in a buffer, leaving the sorted values in ``held.ordered``."""
    n, keys = len(values), held.keys
    np.add(values, 0.0, out=keys.view(np.float64))  # + 0.0 turns -0.0 into 0.0, which must tie
    if values.min() < 0:
        # IEEE 754 doubles sort like integers once negatives are inverted and positives get the sign
        np.copyto(keys, np.where(keys >> np.uint64(63) == 1, ~keys, keys | _SIGN))
    low = np.uint64((1 << int(n - 1).bit_length()) - 1)
    keys &= ~low
    keys |= held.places
    keys.sort()
    keys &= low
    order: Ints = keys.view(np.int64)
    ordered, wrong = held.ordered, held.flags[1:]
    np.take(values, order, out=ordered, mode="clip")
    np.less(ordered[1:], ordered[:-1], out=wrong)
    if wrong.any():
        order = np.argsort(values)
        np.take(values, order, out=ordered, mode="clip")
    return order


def tie_starts(ordered: Floats) -> Ints:
    """Return where each run of equal values starts in a sorted vector (n,), n of at least 1."""
    new = np.empty(len(ordered), dtype=np.bool_)
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return np.flatnonzero(new)


def mid_ranks(values: Floats) -> Floats:
    """Return ascending ranks (n,) from 1, averaged over ties; ``values`` holds no NaN."""
    n = len(values)
    ranks = np.empty(n)
    if n < PACK_FROM:
        return _mid_ranks_of_few(values, ranks)
    held = _buffers.fit(n)
    order, ordered, new = _packed_order(values, held), held.ordered, held.flags
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    if len(starts) == n:
        ranks[order] = np.arange(1.0, n + 1)
        return ranks
    middles = _middles(starts, n)
    # index of the run at each position: quicker than repeating the middle of each run
    np.cumsum(new, dtype=np.int32, out=held.run)
    held.run -= 1
    np.take(middles, held.run, out=ordered, mode="clip")
    ranks[order] = ordered
    return ranks


def mid_ranks_in_groups(values: Floats, groups: NDArray[np.int32]) -> tuple[Floats, Ints, int]:
    """Return ascending ranks within groups, averaged over ties, for any number of groups.

    Sorts all values once and their groups once, instead of sorting each group.

    Args:
        values: (n,) without NaN.
        groups: (n,) group numbers from 0.

    Returns:
        Ranks (n,) from 1; the size of each area's group (n,); and the number of groups in which all
        values are equal.
    """
    n = len(values)
    order = ascending_order(values)
    # 16-bit integers are sorted by counting, in linear time
    small = groups.astype(np.uint16) if groups.max(initial=0) < 1 << 16 else groups
    order = order.take(np.argsort(small.take(order), kind="stable"))
    ordered, group = values.take(order), groups.take(order)
    new_group, new = np.ones(n, dtype=np.bool_), np.ones(n, dtype=np.bool_)
    np.not_equal(group[1:], group[:-1], out=new_group[1:])
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    new |= new_group
    first = np.flatnonzero(new_group)
    sizes = np.diff(np.append(first, n))
    starts = np.flatnonzero(new)
    middles = np.repeat(_middles(starts, n), np.diff(np.append(starts, n)))
    ranks, size = np.empty(n), np.empty(n, dtype=np.intp)
    ranks[order] = middles - np.repeat(first, sizes)
    size[order] = np.repeat(sizes, sizes)
    alike = int((ordered[first] == ordered[first + sizes - 1]).sum())
    return ranks, size, alike


def _mid_ranks_of_few(values: Floats, ranks: Floats) -> Floats:
    n = len(values)
    if n:
        order = np.argsort(values)
        starts = tie_starts(values[order])
        ranks[order] = np.repeat(_middles(starts, n), np.diff(np.append(starts, n)))
    return ranks


def _middles(starts: Ints, n: int) -> Floats:
    """Return the average rank of each run of ties, given the starts of the runs among n values."""
    return np.asarray((starts + np.append(starts[1:], n) + 1) * 0.5)
