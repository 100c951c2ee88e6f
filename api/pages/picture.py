"""A small picture of where an area lies, drawn as SVG on the server: it prints, without scripts."""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from exclusion_map.areas.atlas import OUTSIDE, Level
from exclusion_map.editions.outline import read_outline
from exclusion_map.editions.reader import Edition
from exclusion_map.errors import NotFoundError
from exclusion_map.maps import palette
from exclusion_map.terms import AreaKind

WIDTH: Final = 320.0
PADDING: Final = 10.0
TALLEST: Final = 380.0
_AROUND: Final[dict[AreaKind, AreaKind]] = {
    AreaKind.SMALL_AREA: AreaKind.LOCAL_AUTHORITY,
    AreaKind.NEIGHBOURHOOD: AreaKind.LOCAL_AUTHORITY,
    AreaKind.WARD: AreaKind.LOCAL_AUTHORITY,
    AreaKind.LOCAL_AUTHORITY: AreaKind.REGION,
    AreaKind.SUB_ICB: AreaKind.REGION,
    AreaKind.ICB: AreaKind.REGION,
    AreaKind.REGION: AreaKind.NATION,
}
"""What an area is drawn inside; its nation where it is in no such area."""


class Frame:
    """Degrees to pixels: a plain projection with shapes right in the middle of the picture."""

    def __init__(self, bounds: Sequence[float]) -> None:
        west, south, east, north = bounds
        self._west, self._north = west, north
        self._squeeze = math.cos(math.radians((south + north) / 2))
        wide = max((east - west) * self._squeeze, 1e-6)
        tall = max(north - south, 1e-6)
        self._scale = min((WIDTH - 2 * PADDING) / wide, (TALLEST - 2 * PADDING) / tall)
        self.width = wide * self._scale + 2 * PADDING
        self.height = tall * self._scale + 2 * PADDING

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a point of the map lies in the picture, to a tenth of a pixel."""
        x = PADDING + (longitude - self._west) * self._squeeze * self._scale
        y = PADDING + (self._north - latitude) * self._scale
        return round(x, 1), round(y, 1)

    def path(self, geometry: dict[str, Any]) -> str:
        """Return a polygon as the ``d`` of a path; specks too small to see are left out."""
        return "".join(filter(None, (self._ring(ring) for ring in _rings(geometry))))

    def _ring(self, ring: Iterable[Sequence[float]]) -> str:
        points: list[tuple[float, float]] = []
        for longitude, latitude, *_ in ring:
            point = self.point(longitude, latitude)
            if not points or abs(point[0] - points[-1][0]) + abs(point[1] - points[-1][1]) >= 1:
                points.append(point)
        if len(points) < 3:
            return ""
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"


def locator(edition: Edition, level: Level, row: int, decile: int) -> Markup:
    """Return an area drawn inside the wider one that holds it; empty where there is no outline."""
    around = _around(edition, level, row)
    framed = around or (level, row)
    bounds = tuple(float(edge) for edge in framed[0].bbox[framed[1]])
    frame = Frame(bounds)
    try:
        # What is drawn alone is the widest there is: its path is kept, for it takes long to draw.
        outline = (
            frame.path(edition.outline(level, row))
            if around
            else _wider(edition, level, row, bounds)
        )
        backdrop = _wider(edition, *around, bounds) if around else ""
    except NotFoundError:
        return Markup("")
    back = f'<path d="{backdrop}" fill="#f4f2ef" stroke="#75727f"/>' if backdrop else ""
    x, y = frame.point(float(level.longitude[row]), float(level.latitude[row]))
    fill = palette.decile_colour(decile)
    # A circle finds the place where the area itself is a speck.
    ring = f'<circle cx="{x:g}" cy="{y:g}" r="12" fill="none" stroke="#1d1a24" stroke-width="2.5"/>'
    shape = f'<path d="{outline}" fill="{fill}" stroke="#1d1a24" stroke-width="1.2"/>'
    box = f"0 0 {frame.width:.0f} {frame.height:.0f}"
    drawn = f"{back}{shape}{ring if backdrop else ''}"
    # Only numbers and colours of our own go into the drawing: nothing here is text from the data.
    return Markup(f'<svg class="em-outline" viewBox="{box}" aria-hidden="true">{drawn}</svg>')  # noqa: S704


def _wider(edition: Edition, level: Level, row: int, bounds: tuple[float, ...]) -> str:
    return _backdrop(edition.folder, level.kind, level.codes[row], bounds)


@lru_cache(maxsize=400)
def _backdrop(folder: Path, kind: AreaKind, code: str, bounds: tuple[float, ...]) -> str:
    """Return the path of a wider area, drawn once: that of a nation takes half a second."""
    return Frame(bounds).path(read_outline(folder, kind, code))


def _around(edition: Edition, level: Level, row: int) -> tuple[Level, int] | None:
    for kind in (_AROUND.get(level.kind), AreaKind.NATION):
        rows = level.parents.get(kind) if kind is not None else None
        if kind is not None and rows is not None and rows[row] != OUTSIDE:
            return edition.atlas.level(kind), int(rows[row])
    return None


def _rings(geometry: dict[str, Any]) -> Iterable[Sequence[Sequence[float]]]:
    if geometry["type"] == "Polygon":
        return list(geometry["coordinates"])
    return [ring for polygon in geometry["coordinates"] for ring in polygon]
