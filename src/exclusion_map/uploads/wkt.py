"""Well-known text, as people copy it from a database."""

import re
from typing import Final

from exclusion_map.uploads.layers import Counting, Layer
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.refusals import refused

_SRID: Final = re.compile(r"\s*SRID=(\d{1,6});", re.IGNORECASE)
_NESTED: Final = 30


def read_wkt(data: bytes, name: str, limits: Limits) -> list[Layer]:
    """Return the one layer of a text in WKT, or in EWKT with its SRID.

    Raises:
        InvalidRequestError: it is none.
        TooLargeError: it has too many shapes or corners.
    """
    import shapely  # Not needed to start.

    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise refused(name, "text that is not UTF-8") from None
    counting = Counting(name, limits)
    counting.shape(text.count("("))
    counting.ring(text.count(","))
    if _depth(text) > _NESTED:
        raise refused(name, "brackets nested too deeply", "WKT of polygons")
    told = _SRID.match(text)
    try:
        shape = shapely.from_wkt(text[told.end() :] if told else text)
    except shapely.errors.GEOSException as error:
        raise refused(name, f"WKT that cannot be read ({str(error)[:100]})") from None
    return [Layer("", [shape], f"EPSG:{told[1]}" if told else "")]


def _depth(text: str) -> int:
    deepest = depth = 0
    for sign in re.findall(r"[()]", text):
        depth += 1 if sign == "(" else -1
        deepest = max(deepest, depth)
    return deepest
