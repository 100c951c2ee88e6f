"""GeoJSON (RFC 7946, and the older form that names its reference system)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from exclusion_map.uploads.layers import Counting, Layer, stand_in
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.polygons import polygon_of, ring_of
from exclusion_map.uploads.refusals import refused

_DEEPEST: Final = 12
"""Collections in collections; honest files have one or two."""
_OTHER_TYPES: Final = ("Point", "MultiPoint", "LineString", "MultiLineString")
DEGREES: Final = "EPSG:4326"


def read_geojson(data: bytes, name: str, limits: Limits) -> list[Layer]:
    """Return the one layer of a GeoJSON file.

    Raises:
        InvalidRequestError: it is no JSON, no GeoJSON, or a coordinate is no number.
        TooLargeError: it has too many shapes or corners.
    """
    document = _parsed(data, name)
    if not isinstance(document, Mapping):
        raise refused(name, "JSON that is no object", "a GeoJSON object")
    if document.get("type") == "Topology":
        raise refused(name, "TopoJSON", mend="Convert it to GeoJSON, as mapshaper.org does.")
    reader = _Reader(name, Counting(name, limits))
    shapes = list(reader.shapes(document, 0))
    crs = _crs_of(document, name) or DEGREES
    notes = ["Rings that were open were closed."] if reader.closed else []
    return [Layer("", shapes, crs, notes)]


def _parsed(data: bytes, name: str) -> Any:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return json.loads(data.decode(encoding), parse_constant=_no_number)
    except RecursionError:
        raise refused(name, "JSON nested too deeply", "a GeoJSON file") from None
    except ValueError as error:  # also of the decoder, and of whole numbers beyond 4,300 digits
        told = str(error) if isinstance(error, json.JSONDecodeError) else type(error).__name__
        if isinstance(error, _NoNumberError):
            told = f"{error} where a number should be"
        raise refused(name, f"broken JSON ({told[:120]})", "a whole GeoJSON file") from None


class _NoNumberError(ValueError):
    """NaN or Infinity, which JSON does not have."""


def _no_number(text: str) -> Any:
    raise _NoNumberError(text)


def _crs_of(document: Mapping[str, Any], name: str) -> str:
    """Return the system that a file of the time before RFC 7946 names; empty without one."""
    told = document.get("crs")
    if not isinstance(told, Mapping):
        return ""
    properties = told.get("properties")
    if told.get("type") == "name" and isinstance(properties, Mapping):
        said = properties.get("name")
        if isinstance(said, str) and len(said) <= 100:
            return said
    # A link to a file elsewhere is a file we do not fetch.
    raise refused(
        name,
        "a coordinate reference system that is told by a link",
        "one that is named, or longitude and latitude",
        mend="Save the layer again in WGS 84 (EPSG:4326).",
    )


class _Reader:
    """Walks through GeoJSON objects; counts as it goes."""

    def __init__(self, name: str, counting: Counting) -> None:
        self._name, self._counting = name, counting
        self.closed = False

    def shapes(self, one: Any, depth: int) -> Iterator[Any]:
        """Yield the geometries of an object of any type."""
        if one is None:  # A feature without a place.
            return
        kind = one.get("type") if isinstance(one, Mapping) else None
        if depth > _DEEPEST:
            raise self._bad("collections nested too deeply")
        if kind == "FeatureCollection":
            yield from self._each(one.get("features"), depth)
        elif kind == "Feature":
            yield from self.shapes(one.get("geometry"), depth + 1)
        elif kind == "GeometryCollection":
            yield from self._each(one.get("geometries"), depth)
        elif kind == "Polygon":
            yield self._polygon(one.get("coordinates"))
        elif kind == "MultiPolygon":
            yield from (self._polygon(each) for each in self._list(one.get("coordinates")))
        elif kind in _OTHER_TYPES:
            self._counting.shape()
            yield stand_in(kind)
        else:
            raise self._bad(f"an object of type {str(kind)[:40]!r}")

    def _each(self, listed: Any, depth: int) -> Iterator[Any]:
        for one in self._list(listed):
            yield from self.shapes(one, depth + 1)

    def _list(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self._bad("no list where one should be")
        return value

    def _polygon(self, rings: Any) -> Any:
        made = []
        for positions in self._list(rings):
            self._counting.ring(len(self._list(positions)))
            ring, closed = ring_of(positions, self._name)
            self.closed |= closed
            made.append(ring)
        return polygon_of(made)

    def _bad(self, found: str) -> Exception:
        return refused(self._name, found, "GeoJSON: a Polygon, a MultiPolygon, features of them")
