"""Rings and polygons from positions that anybody may have written."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.uploads.refusals import refused

FARTHEST: Final = 4e7
"""Metres around the earth: no honest coordinate is larger, in degrees or metres."""

Ring = npt.NDArray[np.float64]


def ring_of(positions: Sequence[Any], name: str) -> tuple[Ring, bool]:
    """Return a closed ring (n, 2) of positions, and whether it had to be closed.

    A height beside the two coordinates is left out.

    Raises:
        InvalidRequestError: a position is not two finite numbers of the size coordinates have.
    """
    try:
        ring = np.array(
            [(_number(x), _number(y)) for x, y in (position[:2] for position in positions)],
            dtype=np.float64,
        ).reshape(-1, 2)
    except (TypeError, ValueError, OverflowError, KeyError, IndexError):
        raise refused(name, "a position that is not two numbers", "[longitude, latitude]") from None
    check_size(ring, name)
    opened = len(ring) > 0 and bool((ring[0] != ring[-1]).any())
    if opened:
        ring = np.concatenate([ring, ring[:1]])
    return ring, opened


def check_size(coordinates: npt.NDArray[np.float64], name: str) -> None:
    """Refuse coordinates (n, 2) that are not finite or larger than the earth.

    Raises:
        InvalidRequestError: one of them is.
    """
    with np.errstate(invalid="ignore"):
        good = np.abs(coordinates) <= FARTHEST  # not so for NaN either
    if not good.all():
        worst = coordinates[~good.all(axis=1)][0]
        raise refused(
            name,
            f"the position {worst[0]:g}, {worst[1]:g}",
            "coordinates on the earth, in degrees or metres",
            mend="Look for a broken shape in the file, and save it again.",
        )


def polygon_of(rings: Sequence[Ring]) -> Any:
    """Return the polygon of an outline and its holes; empty where the outline has no extent."""
    from shapely import Polygon  # Not needed to start.

    if not rings or len(rings[0]) < 4:
        return Polygon()
    return Polygon(rings[0], [hole for hole in rings[1:] if len(hole) >= 4])


def _number(value: Any) -> float:
    if isinstance(value, bool | str):
        raise TypeError("no number")
    return float(value)
