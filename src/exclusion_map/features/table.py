"""Features as columns: what each has, and where it is. Columns are made when they are asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from exclusion_map.exports.dataset import Field, FieldType

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A column of text: its distinct texts, and which each feature has, (n,); -1 = none."""

    values: Sequence[str]
    at: Rows

    def taken(self, rows: Rows) -> list[str | None]:
        """Return the texts at some rows."""
        return [
            (self.values[number] or None) if number >= 0 else None
            for number in self.at[rows].tolist()
        ]


Column = Floats | Texts
"""Numbers have NaN where there is none."""


class Shapes(Protocol):
    """Where the features are, in degrees, longitude first."""

    boxes: Floats
    """(n, 4): west, south, east, north."""
    points: Floats
    """(n, 2): a point inside each."""
    kind: str
    """Of the geometry: ``Point`` or ``MultiPolygon``."""

    def read(self, rows: Rows) -> npt.NDArray[np.object_]:
        """Return the shapely geometries at sorted rows."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureTable:
    """The features of a collection, n of them.

    Attributes:
        ids: of the features.
        fields: the properties, by name.
        makers: a function that makes the column of each property.
        shapes: where they are.
        rows: sorted rows of the features that there are at all for this request.
    """

    ids: Sequence[str]
    fields: Mapping[str, Field]
    makers: Mapping[str, Callable[[], Column]]
    shapes: Shapes
    rows: Rows
    _made: dict[str, Column] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Column:
        """Return a column; raises KeyError where there is no such property."""
        if name not in self._made:
            self._made[name] = self.makers[name]()
        return self._made[name]

    def taken(self, names: Sequence[str], rows: Rows) -> dict[str, list[Any]]:
        """Return properties at some rows as Python values; None for what is missing."""
        return {name: self._taken(name, rows) for name in names}

    def _taken(self, name: str, rows: Rows) -> list[Any]:
        column = self.column(name)
        if isinstance(column, Texts):
            return column.taken(rows)
        numbers: list[float] = column[rows].tolist()
        if self.fields[name].type is FieldType.INTEGER:
            return [None if number != number else int(number) for number in numbers]
        return [None if number != number else number for number in numbers]


def whole(values: npt.NDArray[Any], *, none: int | None = 0) -> Floats:
    """Return whole numbers as floats; the value that stands for "none" becomes NaN."""
    floats = np.asarray(values, dtype=np.float64)
    return floats if none is None else np.where(floats == none, np.nan, floats)
