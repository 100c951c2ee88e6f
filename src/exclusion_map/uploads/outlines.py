"""From the shapes of a layer to one clean outline: mended, merged, and no finer than is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.uploads.refusals import refused, too_large

MOST_CORNERS: Final = 50_000
"""Of the outline that is handed on; each costs a look at the postcodes beside it."""
_TOLERANCES: Final = tuple(1e-5 * 2**step for step in range(8))
"""Degrees: from about a metre to 140 metres."""
_METRES: Final = 111_000.0
"""In a degree of latitude."""

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Sorted:
    """The shapes of a layer by what they are: polygons, and how many are something else."""

    polygons: Shapes
    points: int
    lines: int


def sort_shapes(shapes: Sequence[Any] | Shapes) -> Sorted:
    """Return the polygons among shapes, out of collections too."""
    import shapely  # Not needed to start.

    parts = np.array(list(shapes), dtype=object)
    while (shapely.get_type_id(parts) > 3).any():
        empty = shapely.is_empty(parts) & (shapely.get_type_id(parts) > 3)
        parts = shapely.get_parts(parts[~empty])
    kinds = shapely.get_type_id(parts)
    polygons = parts[(kinds == 3) & ~shapely.is_empty(parts)]
    return Sorted(polygons, int((kinds == 0).sum()), int(np.isin(kinds, (1, 2)).sum()))


def outline_of(polygons: Shapes, name: str) -> tuple[Any, list[str]]:
    """Return the one outline of polygons in degrees, and what was done to it.

    Raises:
        InvalidRequestError: nothing is left of them.
    """
    import shapely

    flat: Shapes = shapely.force_2d(polygons)
    broken = ~shapely.is_valid(flat)
    notes = []
    if broken.any():
        flat = flat.copy()
        before = float(shapely.area(flat).sum())
        flat[broken] = shapely.make_valid(flat[broken], method="structure", keep_collapsed=False)
        flat = sort_shapes(flat).polygons
        notes.append(_mended(int(broken.sum()), before, float(shapely.area(flat).sum())))
    whole = _merged(flat)
    if whole.is_empty or whole.area <= 0:
        raise refused(
            name,
            "an outline that encloses nothing",
            "polygons with an inside",
            mend="Draw it again: its vertices lie on one line, or it crosses itself throughout.",
        )
    fine, told = _simplified(whole, name)
    return fine, notes + told


def _mended(count: int, before: float, after: float) -> str:
    shapes = "A shape" if count == 1 else f"{count:,} shapes"
    change = abs(after / before - 1) if before else 0.0
    told = f" Its area changed by {change:.0%}: look at the result." if change >= 0.01 else ""
    verb = "was mended" if count == 1 else "were mended"
    return f"{shapes} that crossed or touched itself {verb}.{told}"


def _merged(polygons: Shapes) -> Any:
    import shapely

    if not len(polygons):
        return shapely.Polygon()
    try:
        whole = shapely.union_all(polygons)
    except shapely.errors.GEOSException:
        # What does not meet exactly is put on a grid of a centimetre.
        whole = shapely.union_all(polygons, grid_size=1e-7)
    return _polygonal(whole)


def _polygonal(shape: Any) -> Any:
    import shapely

    kept = sort_shapes([shape]).polygons
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def _simplified(whole: Any, name: str) -> tuple[Any, list[str]]:
    import shapely

    corners = int(shapely.get_num_coordinates(whole))
    if corners <= MOST_CORNERS:
        return whole, []
    for tolerance in _TOLERANCES:
        simple = _polygonal(shapely.make_valid(shapely.simplify(whole, tolerance)))
        if int(shapely.get_num_coordinates(simple)) <= MOST_CORNERS and simple.area > 0:
            metres = tolerance * _METRES
            told = f"The outline has {corners:,} corners; it was simplified to within"
            return simple, [f"{told} {metres:,.0f} metres."]
    raise too_large(
        name,
        f"an outline of {corners:,} corners that cannot be simplified",
        f"at most {MOST_CORNERS:,} corners",
        "Leave out small shapes, such as single buildings.",
    )
