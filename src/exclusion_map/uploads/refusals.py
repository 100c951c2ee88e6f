"""What is said when an upload is refused."""

from exclusion_map.errors import InvalidRequestError, TooLargeError

FORMS = (
    "a GeoJSON file, a GeoPackage (.gpkg), a zipped Shapefile, KML or KMZ, or WKT, with polygons"
)


def refused(name: str, found: str, expected: str = FORMS, mend: str = "") -> InvalidRequestError:
    """Return the error of a file that cannot be read as what it should be."""
    return InvalidRequestError(f"file {name}", found=found, expected=expected, mend=mend)


def too_large(name: str, found: str, expected: str, mend: str) -> TooLargeError:
    """Return the error of a file that is beyond a limit."""
    return TooLargeError(f"file {name}", found=found, expected=expected, mend=mend)


def shown(name: str) -> str:
    """Return the name of a file as a message may say it: its last part, printable, not long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[:100].strip() or "uploaded"
