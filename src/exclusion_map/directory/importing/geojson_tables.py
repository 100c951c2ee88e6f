"""GeoJSON as a table: properties are columns, and so is where each feature is."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from exclusion_map.directory.importing.sheets import too_many
from exclusion_map.directory.importing.table import Table, table_of
from exclusion_map.errors import InvalidRequestError

if TYPE_CHECKING:
    from pyproj import Transformer

LONGITUDE, LATITUDE = "longitude", "latitude"
_EPSG = re.compile(r"EPSG:{1,2}(\d+)$")
Json = Mapping[str, Any]


def is_geojson(document: object) -> bool:
    """Whether JSON is a feature or has a list of features."""
    if not isinstance(document, dict):
        return False
    features = document.get("features")
    return document.get("type") == "Feature" or (
        isinstance(features, list) and all(isinstance(one, dict) for one in features)
    )


def read_geojson(document: Json, name: str, *, most_rows: int) -> Table:
    """Return the features of a collection as a table with columns longitude and latitude, last.

    A feature that is no point stands at a point inside it. The number of a row is that of its
    feature, from 1.

    Raises:
        InvalidRequestError: it has too many features, or one with a geometry that is none.
    """
    features = [document] if document.get("type") == "Feature" else document["features"]
    if len(features) > most_rows:
        raise too_many(name, most_rows)
    move, notes = _transformer(document, name)
    columns = list(dict.fromkeys(key for one in features for key in one.get("properties") or {}))
    own = [key for key in columns if key.casefold() not in (LONGITUDE, LATITUDE)]
    with_id = any("id" in one for one in features) and "id" not in own
    rows, areas = [], 0
    for number, one in enumerate(features, 1):
        at, inside = _point(one, number, name, move)
        areas += inside
        said = one.get("properties") or {}
        cells = [_text(said.get(key)) for key in own]
        identity = [_text(one.get("id"))] if with_id else []
        rows.append((number, (*identity, *cells, *at)))
    if areas:
        notes.append(f"{areas:,} features are not points: each stands at a point inside it.")
    names = [*(["id"] if with_id else []), *own, LONGITUDE, LATITUDE]
    return table_of(name, names, rows, notes=notes, header_row=0)


def _transformer(document: Json, name: str) -> "tuple[Transformer | None, list[str]]":
    """Return what moves coordinates to degrees, where the file names another system."""
    from pyproj import CRS, Transformer  # Not needed to start.
    from pyproj.exceptions import ProjError

    crs = document.get("crs")
    named = crs.get("properties", {}).get("name", "") if isinstance(crs, dict) else ""
    found = _EPSG.search(str(named))
    if not found or found[1] == "4326":
        return None, []
    try:
        system = CRS.from_epsg(int(found[1]))
    except ProjError:
        raise InvalidRequestError(
            name, found=f"coordinates of EPSG:{found[1]}", expected="a known reference system"
        ) from None
    moved = Transformer.from_crs(system, 4326, always_xy=True)
    return moved, [f"Coordinates were moved from {system.name} to degrees."]


def _point(
    feature: Json, number: int, name: str, move: "Transformer | None"
) -> tuple[tuple[str, str], bool]:
    """Return longitude and latitude as text, empty for none, and whether it is an area."""
    import shapely  # Not needed to start.

    geometry = feature.get("geometry")
    if not geometry:
        return ("", ""), False
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
        if shape.is_empty:
            return ("", ""), False
        area = shape.geom_type not in ("Point", "MultiPoint")
        point = shape.representative_point() if area else shape.centroid
        x, y = point.x, point.y
    except (shapely.errors.GEOSException, TypeError, ValueError):
        raise InvalidRequestError(
            f"{name}, feature {number}",
            found="a geometry that cannot be read",
            expected="a GeoJSON geometry, or null",
        ) from None
    if move is not None:
        x, y = move.transform(x, y)
    return (_degrees(x), _degrees(y)), area


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _degrees(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")
