"""The areas most similar to one, computed in chunks to limit memory."""

from weakref import WeakKeyDictionary

import numpy as np

from exclusion_map.areas.atlas import Floats
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Composite
from exclusion_map.index.explain import SHARED_LEAST, Neighbours

PIECE = 1 << 13
"""Areas per chunk: with a dozen indicators they fit into the processor cache."""
_spreads: "WeakKeyDictionary[Composite, Floats]" = WeakKeyDictionary()


def most_alike(composite: Composite, position: int, count: int, piece: int = PIECE) -> Neighbours:
    """Return the statistical neighbours of an area.

    The result is identical to :func:`exclusion_map.index.explain.neighbours`, which needs all areas
    in memory at once. The variation of indicators is computed once per index.

    Args:
        composite: the computed index.
        position: row of the area in the table.
        count: number of neighbours.
        piece: areas per chunk.

    Raises:
        InvalidRequestError: the area has no values.
    """
    spread = _spread_of(composite)
    n = len(composite.codes)
    own = int((~np.isnan(_gaps(composite, spread, position, slice(position, position + 1)))).sum())
    if not own:
        raise InvalidRequestError(
            f"area {composite.codes[position]}", found="no data", expected="an area with values"
        )
    distance = np.empty(n)
    # A last chunk of one area would be summed in another order: merge it with the previous one.
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
    """Return the positions of the smallest of (n,), in order; earlier rows first among equals."""
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
    # An indicator that does not vary cannot distinguish areas.
    return float(present.std()) or np.inf if len(present) else np.inf
