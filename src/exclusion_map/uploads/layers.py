"""A layer of a file, as each reader hands it on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from exclusion_map.errors import InvalidRequestError
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.refusals import too_large


@dataclass(eq=False)
class Layer:
    """Shapes of one layer.

    Attributes:
        name: of the layer; empty where the form knows none.
        shapes: shapely geometries of any type, in the layer's own coordinates.
        crs: its reference system as PROJ understands it; empty where the file does not say.
        notes: what must be said of how it was read.
    """

    name: str
    shapes: Sequence[Any]
    crs: str = ""
    notes: list[str] = field(default_factory=list)


def stand_in(kind: str) -> Any:
    """Return an empty geometry for one of points or lines, which are counted and not used."""
    from shapely import LineString, Point  # Not needed to start.

    return Point() if "point" in kind.lower() else LineString()


class Counting:
    """Counts rings and corners while a file is read, and stops at the limits.

    Raises:
        TooLargeError: by ``ring`` and ``shape``, as soon as there are too many.
    """

    def __init__(self, name: str, limits: Limits) -> None:
        self._name, self._limits = name, limits
        self._corners = self._shapes = 0

    def ring(self, corners: int) -> None:
        """Count a ring."""
        self._corners += corners
        if self._corners > self._limits.max_corners:
            raise too_many_corners(self._name, self._limits)
        self.shape()

    def shape(self, count: int = 1) -> None:
        """Count shapes or rings."""
        self._shapes += count
        if self._shapes > self._limits.max_features:
            raise too_many_shapes(self._name, self._limits)


def too_many_shapes(name: str, limits: Limits) -> InvalidRequestError:
    """Return the error of a file with too many shapes."""
    return too_large(
        name,
        "more shapes than are taken",
        f"at most {limits.max_features:,}",
        "Merge them into one shape (Dissolve in QGIS), or send those of one place.",
    )


def too_many_corners(name: str, limits: Limits) -> InvalidRequestError:
    """Return the error of a file with too many corners."""
    return too_large(
        name,
        "more corners than are taken",
        f"at most {limits.max_corners:,}",
        "Simplify the outline (Simplify in QGIS), or take a generalised boundary.",
    )
