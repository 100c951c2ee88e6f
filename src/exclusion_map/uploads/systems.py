"""Which coordinates a boundary is in: what its file says, unless they cannot be so.

Files say wrong things: eastings and northings are saved as degrees, latitude before longitude, or
without a word. A boundary of places in the UK can only be in the UK, and its numbers tell in which
system they are there. What was assumed is said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.uploads.refusals import refused

Box = tuple[float, float, float, float]
"""West, south, east, north."""
Shapes = npt.NDArray[np.object_]

UK: Final[Box] = (-16.0, 48.0, 5.0, 63.0)
"""Degrees, with the sea around it: outlines are drawn generously."""
_METRES_FROM: Final = 1_000.0
"""Farther from the origin than any degree is; no system in metres has land nearer to it."""


@dataclass(frozen=True, slots=True)
class System:
    """A system that boundaries of the UK come in.

    Attributes:
        code: as PROJ understands it.
        title: what people call it.
        box: where the UK lies, in its coordinates.
        swapped: whether the second coordinate comes first.
    """

    code: str
    title: str
    box: Box
    swapped: bool = False


DEGREES: Final = System("EPSG:4326", "longitude and latitude (EPSG:4326)", UK)
SWAPPED: Final = System("EPSG:4326", "latitude before longitude", UK, swapped=True)
BRITISH: Final = System(
    "EPSG:27700", "British National Grid (EPSG:27700)", (-100_000, -50_000, 800_000, 1_350_000)
)
IRISH: Final = System("EPSG:29902", "Irish Grid (EPSG:29902)", (180_000, 305_000, 375_000, 460_000))
ITM: Final = System(
    "EPSG:2157", "Irish Transverse Mercator (EPSG:2157)", (570_000, 800_000, 790_000, 965_000)
)
MERCATOR: Final = System(
    "EPSG:3857", "Web Mercator (EPSG:3857)", (-1_800_000, 6_000_000, 600_000, 9_000_000)
)
_KNOWN: Final = (DEGREES, SWAPPED, ITM, IRISH, BRITISH, MERCATOR)
_SEA: Final = ((186_000.0, 400_000.0, 310_000.0, 455_000.0), (186_000.0, 310_000, 210_000, 400_000))
"""Of the British grid: the Irish Sea, which is Northern Ireland in the Irish grid."""
_NAMED: Final = re.compile(
    r"(?:epsg:+|urn:(?:x-)?ogc:def:crs:(?:EPSG|OGC):[\d.]*:|"
    r"https?://www\.opengis\.net/def/crs/(?:EPSG|OGC)/[\d.]+/)(\d{3,6}|CRS84h?)|OGC:CRS84",
    re.IGNORECASE,
)
_WKT: Final = re.compile(r"[A-Z_]{4,20}\[", re.IGNORECASE)


@dataclass(frozen=True, eq=False, slots=True)
class Settled:
    """Shapes in degrees.

    Attributes:
        shapes: longitude and latitude.
        crs: the system they were in, such as EPSG:27700.
        notes: what was assumed.
    """

    shapes: Shapes
    crs: str
    notes: tuple[str, ...]


def settle(shapes: Shapes, said: str, name: str, wanted: str = "") -> Settled:
    """Return shapes in degrees.

    Args:
        shapes: polygons, at least one that is not empty.
        said: the system that the file names; empty where it names none.
        name: of the file, for messages.
        wanted: the system that whoever sent it names; it is then not guessed.

    Raises:
        InvalidRequestError: by no system do they lie in the UK.
    """
    import shapely  # Not needed to start.

    bounds: Box = tuple(shapely.total_bounds(shapes).tolist())
    if wanted:
        asked = _crs(wanted)
        if asked is None:
            raise refused(name, f"the system {wanted[:60]!r}", "one such as EPSG:27700")
        return Settled(_in_the_uk(_to_degrees(shapes, asked), bounds, name), wanted, ())
    crs = _crs(said) if said else None
    code = _code(crs)
    if crs is not None and _fits(bounds, code):
        placed = _to_degrees(shapes, crs)
        if _within(tuple(shapely.total_bounds(placed).tolist()), UK):
            return Settled(placed, code or crs.name, ())
    for system in _guesses(bounds, code):
        placed = _to_degrees(_swap(shapes) if system.swapped else shapes, _crs(system.code))
        if _within(tuple(shapely.total_bounds(placed).tolist()), UK):
            return Settled(placed, system.code, tuple(_words(system, said, code)))
    raise _elsewhere(bounds, name, code or said)


def _in_the_uk(shapes: Shapes, bounds: Box, name: str) -> Shapes:
    import shapely

    if not _within(tuple(shapely.total_bounds(shapes).tolist()), UK):
        raise _elsewhere(bounds, name, "")
    return shapes


def _guesses(bounds: Box, said: str) -> Iterator[System]:
    """Yield the systems by which a boundary may lie in the UK, the likeliest first."""
    for system in _KNOWN:
        if system.code == said and not system.swapped:
            continue
        given = (bounds[1], bounds[0], bounds[3], bounds[2]) if system.swapped else bounds
        if not _within(given, system.box) or not _in_its_unit(bounds, system):
            continue
        if system is IRISH and not _at_sea(bounds):
            continue
        yield system


def _at_sea(bounds: Box) -> bool:
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    return any(w <= x <= e and s <= y <= n for w, s, e, n in _SEA)


def _words(system: System, said: str, code: str) -> Iterator[str]:
    if system.swapped:
        yield "Its positions say latitude before longitude; they were turned round."
    elif not said:
        yield (
            f"The file does not say which coordinates it is in; by their size they are "
            f"{system.title}, and were read as that."
        )
    else:
        told = "degrees" if code == DEGREES.code else (code or said[:60])
        yield (
            f"The file says {told}, which its coordinates cannot be in the UK; by their size they "
            f"are {system.title}, and were read as that."
        )
    if system is BRITISH:
        yield "Should the place be in Northern Ireland, save the file in WGS 84 (EPSG:4326)."


def _fits(bounds: Box, code: str) -> bool:
    """Whether bounds can be what a file says."""
    known = next((one for one in _KNOWN if one.code == code and not one.swapped), None)
    return known is None or (_within(bounds, known.box) and _in_its_unit(bounds, known))


def _in_its_unit(bounds: Box, system: System) -> bool:
    """Whether bounds are not degrees that are taken for metres: those lie in the sea near 0, 0."""
    return system.code == DEGREES.code or max(bounds[2], bounds[3]) > _METRES_FROM


def _within(bounds: tuple[float, ...], box: Box) -> bool:
    west, south, east, north = bounds
    return box[0] <= west <= east <= box[2] and box[1] <= south <= north <= box[3]


def _swap(shapes: Shapes) -> Shapes:
    import shapely

    found: Shapes = shapely.transform(shapes, lambda points: points[:, ::-1])
    return found


@cache
def _crs(text: str) -> Any:
    """Return a reference system; None where the text names none.

    Strings of PROJ are not taken: they can name files.
    """
    import pyproj  # Not needed to start.

    named = _NAMED.fullmatch(text.strip())
    if named:
        code = named[1] or "CRS84"
        text = f"EPSG:{code}" if code.isdigit() else "OGC:CRS84"
    elif not _WKT.match(text.strip()):
        return None
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return None


def _code(crs: Any) -> str:
    """Return the code of a system, such as EPSG:27700; empty where it has none."""
    if crs is None:
        return ""
    if crs.name.endswith("(CRS84)"):
        return DEGREES.code
    number = crs.to_epsg(min_confidence=60)
    return f"EPSG:{number}" if number else ""


def _to_degrees(shapes: Shapes, crs: Any) -> Shapes:
    import pyproj
    import shapely

    if _code(crs) == DEGREES.code:
        return shapes
    change = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)

    def changed(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    found: Shapes = shapely.transform(shapes, changed)
    return found


def _elsewhere(bounds: Box, name: str, said: str) -> Exception:
    numbers = [f"{one:,.2f}" if abs(one) < _METRES_FROM else f"{one:,.0f}" for one in bounds]
    return refused(
        name,
        f"coordinates from {numbers[0]}, {numbers[1]} to {numbers[2]}, {numbers[3]}"
        + (f" ({said[:60]})" if said else ""),
        "an outline in the UK, in longitude and latitude or British National Grid",
        mend="Save the layer in WGS 84 (EPSG:4326), and remove shapes outside the UK.",
    )
