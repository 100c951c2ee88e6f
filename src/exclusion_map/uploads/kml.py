"""KML, read with expat: no document type, so no entities; no link is followed."""

from typing import Final
from xml.parsers import expat

import numpy as np

from exclusion_map.uploads.geojson import DEGREES
from exclusion_map.uploads.layers import Counting, Layer, stand_in
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.polygons import Ring, polygon_of, ring_of
from exclusion_map.uploads.refusals import refused

_DEEPEST: Final = 60
_ROOTS: Final = {"gpx": "GPX", "svg": "a picture (SVG)", "html": "a web page", "osm": "OSM XML"}
_OTHERS: Final = frozenset({"Point", "LineString", "Track", "Model"})


def read_kml(data: bytes, name: str, limits: Limits) -> list[Layer]:
    """Return the one layer of a KML file; its coordinates are degrees by definition.

    Raises:
        InvalidRequestError: it is no XML or no KML, or declares a document type.
        TooLargeError: it has too many shapes or corners.
    """
    reader = _Reader(name, Counting(name, limits))
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    # The text of a boundary comes in one piece otherwise, or in thousands.
    parser.buffer_text, parser.buffer_size = True, 1 << 16
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.EntityDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise refused(name, f"broken XML ({error})", "a whole KML file") from None
    except (LookupError, ValueError):
        raise refused(name, "XML in an unknown encoding", "KML in UTF-8") from None
    notes = ["What links in it lead to was not read."] if reader.linked else []
    return [Layer("", reader.shapes, DEGREES, notes)]


class _Reader:
    """What is known while a KML file is read."""

    def __init__(self, name: str, counting: Counting) -> None:
        self._name, self._counting = name, counting
        self.shapes: list[object] = []
        self.linked = False
        self._path: list[str] = []
        self._rings: list[Ring] = []
        self._hole = False
        self._text: list[str] | None = None

    def doctype(self, *_: object) -> None:
        """Refuse a document type: entities of it can fill the memory or read other files."""
        raise refused(
            self._name,
            "XML with a document type or entities",
            "KML without them",
            mend="Save it again with the program that made it, or as GeoJSON.",
        )

    def start(self, tag: str, _attributes: object) -> None:
        """Enter an element."""
        local = tag.rpartition(" ")[2]
        if not self._path and local != "kml":
            found = _ROOTS.get(local.lower(), f"XML of another kind (<{local[:30]}>)")
            raise refused(self._name, found)
        self._path.append(local)
        if len(self._path) > _DEEPEST:
            raise refused(self._name, "elements nested too deeply", "KML of polygons")
        if local == "Polygon":
            self._rings, self._hole = [], False
        elif local in ("outerBoundaryIs", "innerBoundaryIs"):
            self._hole = local == "innerBoundaryIs"
        elif local == "coordinates" and "Polygon" in self._path:
            self._text = []
        elif local in _OTHERS:
            self._counting.shape()
            self.shapes.append(stand_in(local))
        self.linked |= local == "NetworkLink"

    def text(self, data: str) -> None:
        """Keep the text of coordinates."""
        if self._text is not None:
            self._text.append(data)

    def end(self, tag: str) -> None:
        """Leave an element."""
        local = tag.rpartition(" ")[2]
        self._path.pop()
        if local == "coordinates" and self._text is not None:
            ring = self._ring("".join(self._text))
            self._text = None
            # The outline comes first, whatever the order in the file.
            self._rings.insert(len(self._rings) if self._hole else 0, ring)
        elif local == "Polygon":
            self._counting.shape()
            self.shapes.append(polygon_of(self._rings))
            self._rings = []

    def _ring(self, text: str) -> Ring:
        positions = text.split()
        self._counting.ring(len(positions))
        try:
            made = [[float(part) for part in one.split(",")[:2]] for one in positions]
        except ValueError:
            made = [[]]
        if not made:
            return np.empty((0, 2))
        return ring_of(made, self._name)[0]
