"""Coordinates of a batch as degrees, and what is wrong with those that cannot be used."""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.geometry import points_of
from exclusion_map.placing.order import CODE, DEGREES, Reason, Spot

Floats = npt.NDArray[np.float64]
Outcomes = npt.NDArray[np.uint8]
_NUMBER = r"^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$"
_COMMA = r"^\s*[+-]?\d+,\d+\s*$"
_KINGDOM = (-9.0, 49.0, 2.5, 61.5)
"""Degrees: west, south, east and north of the United Kingdom."""
_FINE = 255
"""Stands for "nothing wrong" until the point is placed."""


def degrees(batch: pa.RecordBatch, spot: Spot) -> tuple[Floats, Floats, Outcomes]:
    """Return longitude and latitude (n,), NaN where there are none, and why: numbers of ``HOW``.

    An outcome of 255 says that nothing is wrong so far.
    """
    if spot.geometry:
        x, y, unusable = points_of(batch.column(spot.geometry))
        reason = Reason.NOT_A_POINT
    else:
        x, x_text = _numbers(batch.column(spot.x))
        y, y_text = _numbers(batch.column(spot.y))
        unusable, reason = x_text | y_text, Reason.NOT_A_NUMBER
    wrong = np.full(len(x), _FINE, dtype=np.uint8)
    wrong[np.isnan(x) | np.isnan(y)] = CODE[Reason.NO_COORDINATES]
    wrong[unusable] = CODE[reason]
    if unusable.any() and not spot.geometry:
        commas = _commas(batch.column(spot.x)) | _commas(batch.column(spot.y))
        wrong[unusable & commas] = CODE[Reason.COMMA]
    if spot.crs != DEGREES:
        x, y = transformer(spot.crs).transform(x, y)
    with np.errstate(invalid="ignore"):
        impossible = (wrong == _FINE) & ~((np.abs(x) <= 180) & (np.abs(y) <= 90))
    wrong[impossible] = CODE[Reason.IMPOSSIBLE]
    usable = wrong == _FINE
    return np.where(usable, x, np.nan), np.where(usable, y, np.nan), wrong


def swapped(x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Return which points (n,) lie in the United Kingdom if latitude and longitude are swapped.

    Where they lie as they are, off the Horn of Africa, nobody's list of the kingdom has a point.
    """
    west, south, east, north = _KINGDOM
    return (x >= south) & (x <= north) & (y >= west) & (y <= east)


@cache
def transformer(crs: str) -> Any:
    """Return what turns coordinates, easting or longitude first, into degrees.

    Raises:
        InvalidRequestError: PROJ does not know the reference system.
    """
    from pyproj import Transformer
    from pyproj.exceptions import CRSError

    try:
        return Transformer.from_crs(crs, DEGREES, always_xy=True)
    except CRSError:
        raise InvalidRequestError(
            f"reference system {crs!r}",
            found="one that is not known",
            expected="one such as EPSG:4326, EPSG:27700 or EPSG:29902",
        ) from None


def _commas(column: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which cells (n,) are numbers but for a comma in place of the point."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return np.zeros(len(column), dtype=np.bool_)
    found = pc.match_substring_regex(pc.fill_null(column, ""), _COMMA)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _numbers(column: pa.Array) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return numbers (n,), NaN where there is none, and whether there is text that is none."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    no_text = np.zeros(len(column), dtype=np.bool_)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        text = pc.fill_null(column, "")
        good = pc.match_substring_regex(text, _NUMBER)
        blank = pc.equal(pc.utf8_trim_whitespace(text), "")
        # Programs that write tables of numbers as text write "nan" for none.
        blank = pc.or_(blank, pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(text)), "nan"))
        no_text = pc.and_not(pc.invert(good), blank).to_numpy(zero_copy_only=False)
        # Trimmed only where it is text: Arrow reads no number with blanks beside it.
        column = pc.if_else(good, pc.utf8_trim_whitespace(text), None)
        column = pc.replace_substring_regex(column, r"^\+", "")
    values = pc.fill_null(column.cast(pa.float64(), safe=False), float("nan"))
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64), no_text
