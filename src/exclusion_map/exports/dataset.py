"""A table to write to a file: columns with dictionary, geometry and metadata."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.exports.about import About
from exclusion_map.exports.shapes import Shapes

Floats = npt.NDArray[np.float64]
Values = Floats | Sequence[str]
"""Numbers with NaN for missing, or text with "" for missing; one entry per row."""

ROWS_AT_ONCE = 1000


class FieldType(StrEnum):
    """Type of the cells of a column."""

    TEXT = "string"
    INTEGER = "integer"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column as the data dictionary describes it."""

    name: str
    title: str
    description: str
    type: FieldType = FieldType.NUMBER
    unit: str = ""
    source: str = ""
    """Id of the source; empty if calculated by this project."""

    def plain(self) -> dict[str, str]:
        """Return the entry of the dictionary as text."""
        return {
            "name": self.name,
            "title": self.title,
            "type": self.type.value,
            "unit": self.unit,
            "description": self.description,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A field with its values."""

    field: Field
    values: Values

    def cells(self, start: int, stop: int) -> list[Any]:
        """Return some cells as Python values; missing is None."""
        part = self.values[start:stop]
        if not isinstance(part, np.ndarray):
            return [text or None for text in part]
        if self.field.type is FieldType.INTEGER:
            return [None if number != number else round(number) for number in part.tolist()]
        return [None if number != number else number for number in part.tolist()]


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """A table to be written.

    Attributes:
        name: name of the layer or table inside the file: letters, digits and underscores.
        file_name: file name without extension, with edition, place and index.
        key: name of the column that identifies rows.
        columns: columns of equal length.
        about: metadata of the file.
        shapes: geometry, one per row.
    """

    name: str
    file_name: str
    key: str
    columns: tuple[Column, ...]
    about: About
    shapes: Shapes

    def __len__(self) -> int:
        return len(self.columns[0].values)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The data dictionary."""
        return tuple(column.field for column in self.columns)

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.field.name for column in self.columns]

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield rows as Python values, some at a time; missing is None."""
        last = len(self) if stop is None else stop
        for at in range(start, last, ROWS_AT_ONCE):
            until = min(at + ROWS_AT_ONCE, last)
            yield from zip(*(column.cells(at, until) for column in self.columns), strict=True)


def taken(values: npt.NDArray[Any] | Sequence[str], rows: npt.NDArray[Any]) -> Values:
    """Return values at rows: numbers as float64, text as it is."""
    if isinstance(values, np.ndarray):
        figures: Floats = values[rows].astype(np.float64)
        return figures
    return [values[row] for row in rows.tolist()]
