"""The flight of the cube method, for many groups of units at the same time.

Each group holds p units as a basis whose inverse is updated as one leaves and another enters: the
fast flight of Chauvet and Tille (2006, Computational Statistics 21, 53-62), which looks at p + 1
units at a time, done like the simplex method.
"""

import numpy as np
import numpy.typing as npt

from exclusion_map.stopping import check_wanted
from exclusion_map.targeting.sampling.probabilities import Floats, Rows

Flags = npt.NDArray[np.bool_]
DECIDED = 1e-9
DEPENDENT = 1e-9
_FRESH = 200
"""Steps after which inverses are worked out anew, so that errors do not grow."""


def fly(table: Floats, chance: Floats, basis: Rows, random: np.random.Generator) -> None:
    """Decide units of every group until only its basis may be left; totals and means are kept.

    Args:
        table: (g, b, p) figures to balance over probabilities.
        chance: (g, b) probabilities; decided ones become 0 or 1 in place.
        basis: (g, p) units of each group whose figures are independent; changed in place.
        random: source of chance.
    """
    groups, count = chance.shape
    every = np.arange(groups)
    waiting = _others(basis, count)
    inverse = np.linalg.inv(np.swapaxes(np.take_along_axis(table, basis[:, :, None], 1), 1, 2))
    held = np.take_along_axis(chance, basis, 1)
    place = np.zeros(groups, dtype=np.int64)
    steps = 0
    while waiting.shape[1] and len(every):
        check_wanted()
        entering = waiting[every, place[every]]
        own = chance[every, entering]
        # While all fly, nothing is copied: one group of hundreds of figures is the slow case.
        flying = inverse if len(every) == groups else inverse[every]
        along = -np.einsum("gij,gj->gi", flying, table[every, entering])
        along[np.abs(along) < DEPENDENT] = 0.0
        move = _move(held[every], along, own, random.random(len(every)))
        own = _tidied(own + move)
        held[every] = _tidied(held[every] + move[:, None] * along)
        chance[every, entering] = own
        stuck = ((held[every] == 0) | (held[every] == 1)) & (along != 0)
        swap = (own > 0) & (own < 1) & stuck.any(axis=1)
        if swap.any():
            at = np.argmax(np.where(stuck, np.abs(along), 0), axis=1)[swap]
            who = every[swap]
            chance[who, basis[who, at]] = held[who, at]
            basis[who, at], held[who, at] = entering[swap], own[swap]
            inverse[who] = _exchanged(inverse[who], along[swap], at)
        steps += 1
        if steps % _FRESH == 0:
            part = np.take_along_axis(table, basis[:, :, None], 1)
            inverse = np.linalg.inv(np.swapaxes(part, 1, 2))
        place[every] += (own == 0) | (own == 1) | swap
        every = every[place[every] < waiting.shape[1]]
    np.put_along_axis(chance, basis, held, 1)


def _others(basis: Rows, count: int) -> Rows:
    """Return (g, b - p) the units of each group outside its basis, in order."""
    inside = np.zeros((len(basis), count), dtype=np.bool_)
    np.put_along_axis(inside, basis, values=True, axis=1)
    return np.nonzero(~inside)[1].reshape(len(basis), -1)


def _move(held: Floats, along: Floats, own: Floats, number: Floats) -> Floats:
    """Return (g,) how far to go along each direction or back: to the cube's face, so that E = 0."""
    size, rising, still = np.abs(along), along > 0, along == 0
    size[still] = 1.0
    # A unit that does not move sets no limit.
    up = np.where(still, np.inf, np.where(rising, 1 - held, held) / size)
    down = np.where(still, np.inf, np.where(rising, held, 1 - held) / size)
    ahead = np.minimum(1 - own, up.min(axis=1, initial=np.inf))
    back = np.minimum(own, down.min(axis=1, initial=np.inf))
    found: Floats = np.where(number * (ahead + back) < back, ahead, -back)
    return found


def _tidied(values: Floats) -> Floats:
    """Return values, 0 or 1 where they are next to it."""
    values[values < DECIDED] = 0.0
    values[values > 1 - DECIDED] = 1.0
    return values


def _exchanged(inverse: Floats, along: Floats, at: Rows) -> Floats:
    """Return (g, p, p) inverses once the unit at a place of each basis has given way to another."""
    groups = np.arange(len(at))
    row = -inverse[groups, at] / along[groups, at][:, None]
    found: Floats = inverse + along[:, :, None] * row[:, None, :]
    found[groups, at] = row
    return found
