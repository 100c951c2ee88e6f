"""Points in a column of their own, as GeoParquet has them: well-known binary, or x and y."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.order import DEGREES

Floats = npt.NDArray[np.float64]
_NAMES: Final = ("geometry", "geom", "wkbgeometry", "wkb")
_KEY: Final = b"geo"


def geometry_of(file: Path) -> tuple[str, str] | None:
    """Return the column of points of a Parquet file and its reference system; None without one.

    GeoParquet says which column it is, and what its system is: degrees where it says nothing. In a
    plain Parquet file it is a column of binary called geometry, geom or wkb, and the system, empty
    here, has to be given.

    Raises:
        InvalidRequestError: what the file says of its geometry cannot be read.
    """
    schema = pq.read_schema(file)
    told = (schema.metadata or {}).get(_KEY)
    if told is None:
        found = [
            one.name
            for one in schema
            if one.name.lower().replace("_", "") in _NAMES and _is_binary(one.type)
        ]
        return (found[0], "") if len(found) == 1 else None
    try:
        about = json.loads(told)
        name = str(about["primary_column"])
        column = about["columns"][name]
        kind = schema.field(name).type
        if str(column["encoding"]) not in ("WKB", "point") or not (
            _is_binary(kind) or _is_xy(kind)
        ):
            raise ValueError(column["encoding"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidRequestError(
            f"geometry of {file.name}",
            found=f"no column of points ({error})"[:200],
            expected="GeoParquet with points as well-known binary",
        ) from None
    crs = column.get("crs", DEGREES)
    return name, crs if isinstance(crs, str) else _system(crs)


def geometry_told(file: Path, keep: Sequence[str]) -> dict[str, str]:
    """Return what a file says of its geometry, for an output that keeps all of it; else nothing."""
    told = (pq.read_schema(file).metadata or {}).get(_KEY)
    if told is None or not set(json.loads(told).get("columns", {})) <= set(keep):
        return {}
    return {_KEY.decode(): told.decode()}


def points_of(column: pa.Array) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return x and y (n,), NaN where there is nothing, and what is there but no point.

    Args:
        column: points as well-known binary, or as x and y.
    """
    if _is_xy(column.type):
        x, y = (
            column.field(name).cast(pa.float64()).fill_null(float("nan")).to_numpy(False)
            for name in ("x", "y")
        )
        gone = column.is_null().to_numpy(zero_copy_only=False)
        return (
            np.where(gone, np.nan, x),
            np.where(gone, np.nan, y),
            np.zeros(len(x), dtype=np.bool_),
        )
    import shapely

    binary = column.to_numpy(zero_copy_only=False)
    shapes = shapely.from_wkb(binary, on_invalid="ignore")
    there = np.array([one is not None for one in binary], dtype=np.bool_)
    point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    good = point & ~shapely.is_empty(shapes)
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    x[good], y[good] = shapely.get_x(shapes[good]), shapely.get_y(shapes[good])
    return x, y, there & ~point


def _system(crs: Any) -> str:
    """Return a reference system as text: a code where it has one."""
    if crs is None:
        return ""
    known = crs.get("id", {}) if isinstance(crs, dict) else {}
    if known.get("authority") and known.get("code"):
        return f"{known['authority']}:{known['code']}"
    return json.dumps(crs)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_xy(kind: pa.DataType) -> bool:
    return bool(pa.types.is_struct(kind)) and {one.name for one in kind} >= {"x", "y"}
