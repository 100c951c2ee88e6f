"""GeoPackage, read from memory as the tables it is: nothing of its own SQL is ever run.

A GeoPackage is a database, and a database may hold views, triggers and virtual tables that do
something when they are read. Only plain tables are read here, by statements of ours; an authoriser
refuses the rest, and no other file can be attached.
"""

import sqlite3
import struct
from collections.abc import Iterator
from typing import Any, Final

from exclusion_map.uploads.layers import Counting, Layer, too_many_shapes
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.refusals import refused

_ENVELOPES: Final = (0, 32, 48, 48, 64)
"""Bytes of the envelope by its kind (OGC 12-128r18, 2.1.3)."""
_ALLOWED: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION})
_MOST_LAYERS: Final = 50
_LAYERS: Final = """
    SELECT c.table_name, g.column_name, g.srs_id
    FROM gpkg_contents AS c JOIN gpkg_geometry_columns AS g ON c.table_name = g.table_name
    WHERE c.data_type = 'features'
    ORDER BY c.table_name LIMIT 51
"""
_SYSTEM: Final = """
    SELECT organization, organization_coordsys_id, definition
    FROM gpkg_spatial_ref_sys WHERE srs_id = ?
"""
_TABLE: Final = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"


def read_geopackage(data: bytes, name: str, limits: Limits) -> list[Layer]:
    """Return the layers of a GeoPackage that are plain tables.

    Raises:
        InvalidRequestError: it is damaged, or has no such layer.
        TooLargeError: it has too many shapes or corners.
    """
    try:
        database = _opened(data)
        try:
            return _layers(database, name, limits)
        finally:
            database.close()
    except (sqlite3.Error, struct.error, UnicodeError) as error:
        raise refused(name, f"a damaged GeoPackage ({str(error)[:100]})") from None


def _opened(data: bytes) -> sqlite3.Connection:
    # A database that was open elsewhere says it has a log beside it, which in memory it cannot.
    data = data[:18] + b"\x01\x01" + data[20:]
    database = sqlite3.connect(":memory:")
    database.deserialize(data)
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        database.execute(f"PRAGMA {pragma}")
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0)
    database.set_authorizer(_authorised)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return database


def _authorised(action: int, first: str | None, *_: object) -> int:
    if action == sqlite3.SQLITE_FUNCTION and first == "load_extension":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _layers(database: sqlite3.Connection, name: str, limits: Limits) -> list[Layer]:
    listed = database.execute(_LAYERS).fetchall()
    if not listed:
        raise refused(name, "a GeoPackage without a layer of shapes")
    if len(listed) > _MOST_LAYERS:
        raise refused(name, f"more than {_MOST_LAYERS} layers", "a GeoPackage with those you need")
    counting = Counting(name, limits)
    layers, left = [], []
    for table, column, system in listed:
        made = database.execute(_TABLE, (table,)).fetchone()
        if made is None or "VIRTUAL" in str(made[0])[:40].upper():
            left.append(str(table))
            continue
        shapes = list(_shapes(database, str(table), str(column), name, counting, limits))
        layers.append(Layer(str(table), shapes, _crs(database, system)))
    if not layers:
        raise refused(
            name,
            "layers that are views or virtual tables",
            "a GeoPackage whose layers are tables",
            mend="Export the layer to a new GeoPackage or to GeoJSON.",
        )
    if left:
        layers[0].notes.append(f"Views were not read: {', '.join(left)[:200]}.")
    return layers


def _crs(database: sqlite3.Connection, system: Any) -> str:
    found = database.execute(_SYSTEM, (system,)).fetchone()
    if found is None or str(found[0]).upper() == "NONE":
        return ""
    organisation, code, definition = found
    if str(organisation).upper() == "EPSG" and isinstance(code, int):
        return f"EPSG:{code}"
    return str(definition)[:10_000] if str(definition).lower() != "undefined" else ""


def _shapes(
    database: sqlite3.Connection,
    table: str,
    column: str,
    name: str,
    counting: Counting,
    limits: Limits,
) -> Iterator[Any]:
    import shapely  # Not needed to start.

    most = limits.max_features
    # Names cannot be parameters; doubled quotation marks keep them names.
    quoted = [f'"{one.replace(chr(34), chr(34) * 2)}"' for one in (column, table)]
    statement = f"SELECT {quoted[0]} FROM {quoted[1]} LIMIT {most + 1}"  # noqa: S608
    for at, (blob,) in enumerate(database.execute(statement)):
        if at >= most:
            raise too_many_shapes(name, limits)
        if blob is None:
            continue
        try:
            shape = shapely.from_wkb(_wkb(blob))
        except (shapely.errors.GEOSException, TypeError, IndexError) as error:
            raise refused(name, f"a shape that cannot be read ({str(error)[:80]})") from None
        counting.ring(int(shapely.get_num_coordinates(shape)))
        yield shape


def _wkb(blob: Any) -> bytes:
    """Return the WKB of a geometry blob, which has a head of its own before it."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP":
        raise TypeError("no GeoPackage geometry")
    return blob[8 + _ENVELOPES[(blob[3] >> 1) & 7] :]
