"""What a file is, told by its first bytes: names and media types say what the sender likes."""

import re
from enum import StrEnum
from typing import Final

from exclusion_map.uploads.refusals import refused


class Form(StrEnum):
    """Forms of boundaries that are read."""

    GEOJSON = "GeoJSON"
    GEOPACKAGE = "GeoPackage"
    SHAPEFILE = "Shapefile"
    KML = "KML"
    WKT = "WKT"
    PACKED = "zip"


_ENDINGS: Final = {
    Form.GEOJSON: ("json", "geojson", "txt"),
    Form.GEOPACKAGE: ("gpkg",),
    Form.SHAPEFILE: ("shp",),
    Form.KML: ("kml", "xml"),
    Form.WKT: ("wkt", "txt", "csv"),
    Form.PACKED: ("zip", "kmz", "shz"),
}
_SPACES: Final = b"\xef\xbb\xbf \t\r\n"
_WKT: Final = re.compile(
    rb"(?:SRID=\d{1,6};)?\s*(?:POLYGON|MULTIPOLYGON|GEOMETRYCOLLECTION|POINT|LINESTRING|MULTI)"
    rb"[A-Z\s]{0,20}\(",
    re.IGNORECASE,
)
_MARKS: Final = (
    (b"SQLite format 3\x00", Form.GEOPACKAGE),
    (b"PK\x03\x04", Form.PACKED),
    (b"PK\x05\x06", Form.PACKED),
    (b"\x00\x00\x27\x0a", Form.SHAPEFILE),
)
_OTHERS: Final = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "a file packed with gzip"),
    (b"7z\xbc\xaf", "a file packed with 7-Zip"),
    (b"Rar!", "a file packed with RAR"),
    (b"BZh", "a file packed with bzip2"),
    (b"\xfd7zXZ", "a file packed with xz"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"fgb\x03", "a FlatGeobuf"),
    (b"PAR1", "a Parquet file"),
)
_GEOPACKAGES: Final = (b"GPKG", b"GP10", b"GP11")


def form_of(data: bytes, name: str) -> Form:
    """Return the form of a boundary.

    Raises:
        InvalidRequestError: it has none that is read; what it looks like is told.
    """
    start = data[:200].lstrip(_SPACES)
    if not data[:4096].strip(_SPACES + b"\x00"):
        raise refused(name, "an empty file" if not data else "nothing but blanks")
    for mark, form in _MARKS:
        if data.startswith(mark):
            if form is Form.GEOPACKAGE and data[68:72] not in _GEOPACKAGES:
                raise refused(name, "an SQLite database that is no GeoPackage")
            return form
    words = foreign(data)
    if words:
        raise refused(name, words, mend=_mend(words))
    if start.startswith((b"{", b"[")):
        return Form.GEOJSON
    if start.startswith(b"<") or data.startswith((b"\xff\xfe<\x00", b"\xfe\xff\x00<")):
        return Form.KML
    if _WKT.match(start):
        return Form.WKT
    raise refused(name, *_unknown(data))


def foreign(data: bytes) -> str:
    """Return what content is in words, where it is of a form that is never read; else nothing."""
    return next((words for mark, words in _OTHERS if data.startswith(mark)), "")


def named_otherwise(name: str, form: Form) -> str:
    """Return a note where a file's name ends as that of another form; else nothing."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    known = {one for endings in _ENDINGS.values() for one in endings}
    if ending in known and ending not in _ENDINGS[form]:
        return f"The file is named .{ending} and holds {form.value}; it was read as that."
    return ""


def _mend(words: str) -> str:
    return "Unpack it and send what is in it." if "packed" in words else ""


def _unknown(data: bytes) -> tuple[str, str]:
    wanted = "a boundary: GeoJSON, GeoPackage, zipped Shapefile, KML or WKT"
    if b"\x00" in data[:4096]:
        return "something of an unknown form", wanted
    line = data[:4096].splitlines()[0].decode("utf-8", "replace")
    return f"text that starts {line[:40]!r}", wanted
