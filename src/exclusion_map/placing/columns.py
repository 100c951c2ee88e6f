"""Which columns say where a row is, and which are kept."""

import re
from typing import Final

import pyarrow as pa

from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.joined import result_fields
from exclusion_map.placing.order import DEGREES, NATIONAL_GRID, Spot
from exclusion_map.placing.points import transformer
from exclusion_map.terms import AreaKind

_PAIRS: Final = (
    (("longitude", "lon", "lng", "long"), ("latitude", "lat"), DEGREES),
    (("easting", "eastings", "oseast1m"), ("northing", "northings", "osnrth1m"), NATIONAL_GRID),
)
_POSTCODES: Final = ("postcode", "pcd", "pcds", "pcd2", "postalcode")


def spot_of(
    given: pa.Schema,
    x: str,
    y: str,
    postcode: str,
    crs: str,
    geometry: tuple[str, str] | None = None,
) -> Spot:
    """Return which columns say where a row is: those named, or those whose names say it.

    Coordinates go before points in a column of their own, and both before a postcode, for they say
    more.

    Args:
        given: columns of the input.
        x: named for longitude or easting; empty to find out.
        y: named for latitude or northing.
        postcode: named for postcodes.
        crs: reference system of the coordinates; empty to find out.
        geometry: the column of points, and its system where the file says it.

    Raises:
        InvalidRequestError: a named column is not there, or none is to be found.
    """
    for name in filter(None, (x, y, postcode)):
        _held(given, name)
    if postcode and (x or y):
        raise InvalidRequestError(
            "columns", found="coordinates and a postcode", expected="one or the other"
        )
    if bool(x) != bool(y):
        raise InvalidRequestError("columns", found=f"only {x or y!r}", expected="both --x and --y")
    if postcode:
        return Spot(postcode=postcode)
    if x:
        return _coordinates(given, x, y, crs or DEGREES)
    for west, south, system in _PAIRS:
        across, up = _named(given, west), _named(given, south)
        if across and up:
            return _coordinates(given, across, up, crs or system)
    if geometry:
        return _points(*geometry, crs)
    found = _named(given, _POSTCODES)
    if found:
        return Spot(postcode=found)
    raise InvalidRequestError(
        "input",
        found=f"columns {', '.join(given.names)}"[:200],
        expected="longitude and latitude, easting and northing, a geometry, or postcode",
        mend="Name them with --x and --y, or --postcode.",
    )


def kept_columns(
    given: pa.Schema, keep: tuple[str, ...] | None, prefix: str, kinds: tuple[AreaKind, ...]
) -> tuple[str, ...]:
    """Return the columns of the input that go into the output: all where none are named.

    Raises:
        InvalidRequestError: a named column is not there, or one has the name of a new one.
    """
    kept = tuple(given.names) if keep is None else tuple(_held(given, name) for name in keep)
    clash = [name for name in kept if name in {prefix + new for new in result_fields(kinds)}]
    if clash:
        raise InvalidRequestError(
            "input",
            found=f"a column {clash[0]!r}, as one of the new columns is called",
            expected="other names",
            mend="Add a prefix to the new ones with --prefix, such as em_, or leave the old "
            "one out with --keep.",
        )
    return kept


def check_text(given: pa.Schema, keep: tuple[str, ...]) -> None:
    """Refuse columns that CSV has no words for, such as geometries, before any work.

    Raises:
        InvalidRequestError: one is kept.
    """
    for name in keep:
        kind = given.field(name).type
        binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        if binary or pa.types.is_nested(kind):
            raise InvalidRequestError(
                f"column {name!r}",
                found=f"{kind}, which CSV cannot hold",
                expected="text or numbers",
                mend="Write a .parquet file, or list the columns to keep with --keep.",
            )


def _points(name: str, told: str, crs: str) -> Spot:
    system = crs or told
    if not system:
        raise InvalidRequestError(
            f"column {name!r}",
            found="points in a reference system that the file does not tell",
            expected="a reference system",
            mend="Set it with --crs, such as EPSG:4326 or EPSG:27700.",
        )
    transformer(system)
    return Spot(geometry=name, crs=_plain(system))


def _plain(crs: str) -> str:
    return DEGREES if crs.upper() in (DEGREES, "OGC:CRS84") else crs


def _coordinates(given: pa.Schema, x: str, y: str, crs: str) -> Spot:
    for name in (x, y):
        kind = given.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        usable = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if not (text or any(check(kind) for check in usable)):
            raise InvalidRequestError(f"column {name!r}", found=str(kind), expected="numbers")
    transformer(crs)
    return Spot(x=x, y=y, crs=_plain(crs))


def _named(given: pa.Schema, meanings: tuple[str, ...]) -> str:
    """Return the one column whose name is one of these, whatever its case; empty if none."""
    found = [name for name in given.names if re.sub(r"[^a-z0-9]", "", name.lower()) in meanings]
    return found[0] if len(found) == 1 else ""


def _held(given: pa.Schema, name: str) -> str:
    if name not in given.names:
        raise InvalidRequestError(
            f"column {name!r}",
            found="no such column",
            expected=f"one of: {', '.join(given.names)}"[:200],
        )
    return name
