"""The areas most like one, found piece by piece: no more is in memory than a piece needs."""

from weakref import WeakKeyDictionary

import numpy as np

from exclusion_map.areas.atlas import Floats
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Composite
from exclusion_map.index.explain import SHARED_LEAST, Neighbours

PIECE = 1 << 13
"""Areas looked at at a time: with a dozen indicators they fit the processor's own memory."""
_spreads: "WeakKeyDictionary[Composite, Floats]" = WeakKeyDictionary()


def most_alike(composite: Composite, position: int, count: int, piece: int = PIECE) -> Neighbours:
    """Return the statistical neighbours of an area.

    They are those of :func:`exclusion_map.index.explain.neighbours`, bit for bit, which holds
    everything of all areas at once. What indicators vary by is worked out once for an index.

    Args:
        composite: the computed index.
        position: of the area in the table.
        count: how many neighbours.
        piece: areas that are looked at at a time.

    Raises:
        InvalidRequestError: the area has no value at all.
    """
    spread = _spread_of(composite)
    n = len(composite.codes)
    own = int((~np.isnan(_gaps(composite, spread, position, slice(position, position + 1)))).sum())
    if not own:
        raise InvalidRequestError(
            f"area {composite.codes[position]}", found="no data", expected="an area with values"
        )
    distance = np.empty(n)
    # A last piece of one area would be summed up in another order: it joins the one before.
    starts = [start for start in range(0, n, piece) if start == 0 or n - start > 1]
    for start, stop in zip(starts, [*starts[1:], n], strict=True):
        gaps = _gaps(composite, spread, position, slice(start, stop))
        shared = ~np.isnan(gaps)
        many = shared.sum(axis=1)
        squares = np.where(shared, gaps, 0.0) ** 2
        found = np.sqrt(squares.sum(axis=1) / np.maximum(many, 1))
        found[many < SHARED_LEAST * own] = np.inf
        distance[start:stop] = found
    distance[position] = np.inf
    nearest = _least(distance, count)
    gaps = (composite.normalised[nearest] - composite.normalised[position]) / spread
    return Neighbours(nearest, distance[nearest], gaps)


def _gaps(composite: Composite, spread: Floats, position: int, part: slice) -> Floats:
    with np.errstate(invalid="ignore"):
        gaps: Floats = (composite.normalised[part] - composite.normalised[position]) / spread
    return gaps


def _least(distance: Floats, count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return where the least of (n,) are, in order, earlier rows first among equals."""
    at = np.arange(len(distance))
    if 0 < count < len(distance):
        last = np.partition(distance, count - 1)[count - 1]
        at = np.flatnonzero(distance <= last)
    ordered = at[np.argsort(distance[at], kind="stable")][:count]
    return ordered[np.isfinite(distance[ordered])]


def _spread_of(composite: Composite) -> Floats:
    """Return (k,) the standard deviation of each normalised indicator over all areas."""
    held = _spreads.get(composite)
    if held is None:
        held = _spreads[composite] = np.array(
            [_deviation(column) for column in composite.normalised.T]
        )
    return held


def _deviation(column: Floats) -> float:
    present = column[~np.isnan(column)]
    # An indicator that does not vary tells no two areas apart.
    return float(present.std()) or np.inf if len(present) else np.inf
