"""The map of a printed sheet: numbered places and rings of walking time, in black and white."""

import html
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from api.service import Service
from exclusion_map.access.costs import DETOUR, WALK_M_PER_MINUTE
from exclusion_map.areas.atlas import Level
from exclusion_map.maps.raster_colour import Scheme
from exclusion_map.maps.raster_tiles import Window, unit
from exclusion_map.maps.static_map import EARTH_M, Frame
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
PIXELS_A_POINT: Final = 96 / 72
INK: Final = "#000"
_ROUND: Final = 13.0
"""Pixels from the middle of a number to its edge."""
_WORDS: Final = 40.0
"""Pixels from the middle of a ring's words to their end."""
_NEAREST_M: Final = 700.0
_WALKS: Final = (10, 20, 30)
_FAR_KM: Final = (2, 5, 10, 20, 40)
_FAR_M: Final = 5_000.0
"""Farther than this nobody walks: rings are of kilometres."""
_WIDE: Final = ((12_000.0, AreaKind.SMALL_AREA), (60_000.0, AreaKind.NEIGHBOURHOOD))
_PUSHES: Final = 80


@dataclass(frozen=True, slots=True)
class SheetMap:
    """A drawn map.

    Attributes:
        svg: the picture.
        caption: what its circles are, in words.
        alt: what it shows, for those who do not see it.
    """

    svg: str
    caption: str
    alt: str


def sheet_map(
    service: Service,
    focus: tuple[Level, int],
    origin: tuple[float, float],
    places: Sequence[tuple[float, float, str]],
    size: tuple[float, float],
    letters: float,
    middle: str,
) -> SheetMap:
    """Return the map of a sheet.

    Args:
        service: with the edition.
        focus: the area.
        origin: longitude and latitude that ways are told from.
        places: longitude, latitude and name of each numbered place, in the order of their numbers.
        size: width and height in points.
        letters: size of all text in points.
        middle: what the origin is, in words.
    """
    from exclusion_map.maps.static_map_svg import areas_in, map_svg  # Not needed to start.

    width, height = (round(side * PIXELS_A_POINT) for side in size)
    reach = _reach(origin, places)
    frame = Frame(width, height, 0, 0, _window(origin, reach, width, height), ())
    kind = next((kind for farthest, kind in _WIDE if reach <= farthest), AreaKind.LOCAL_AUTHORITY)
    levels = service.edition.atlas.levels
    kind = kind if kind in levels else AreaKind.SMALL_AREA
    rows, outlines = areas_in(service.edition.folder, kind, frame)
    nothing = np.zeros(len(levels[kind]) + 1, dtype=np.uint8)
    rings = _rings(reach)
    caption = f"Black square: {middle}. {_told(rings)}"
    alt = _alt(places, rings)
    drawn = map_svg(
        frame,
        rows,
        outlines,
        nothing,
        Scheme(("#fff",)),
        title="",
        alt=alt,
        outline=_outline(service, focus),
    )
    text = letters * PIXELS_A_POINT
    before, end, _ = drawn.rpartition("</svg>")
    over = _over(frame.window, origin, places, rings, text)
    svg = f"{before}{over}{end}".replace(
        f'width="{width}" height="{height}"', f'width="{size[0]:g}pt" height="{size[1]:g}pt"', 1
    )
    return SheetMap(svg, caption, alt)


def _outline(service: Service, focus: tuple[Level, int]) -> Any:
    import shapely  # Not needed to start.

    return shapely.from_geojson(json.dumps(service.edition.outline(*focus)))


def _reach(origin: tuple[float, float], places: Sequence[tuple[float, float, str]]) -> float:
    """Return metres, east or north, that have to be seen around the origin."""
    squeeze = math.cos(math.radians(origin[1]))
    a_degree = EARTH_M / 360
    away = [max(abs(x - origin[0]) * squeeze, abs(y - origin[1])) * a_degree for x, y, _ in places]
    return max([_NEAREST_M, *away]) * 1.12


def _window(origin: tuple[float, float], reach: float, width: int, height: int) -> Window:
    x, y = unit(*origin)
    scale = min(width, height) / 2 / (reach / EARTH_M / math.cos(math.radians(origin[1])))
    return Window(x - width / scale / 2, y - height / scale / 2, scale, width, height)


def _rings(reach: float) -> list[tuple[float, str]]:
    """Return radius in metres and words of the rings, at most two."""
    if reach > _FAR_M:
        every = [(km * 1000.0, f"{km} km") for km in _FAR_KM]
    else:
        a_minute = WALK_M_PER_MINUTE / DETOUR
        every = [(minutes * a_minute, f"{minutes} min") for minutes in _WALKS]
    seen = [ring for ring in every if 0.25 * reach <= ring[0] <= reach]
    return seen[:2] or [min(every, key=lambda ring: abs(ring[0] - reach))]


def _told(rings: Sequence[tuple[float, str]]) -> str:
    said = " and ".join(words.removesuffix(" min").removesuffix(" km") for _, words in rings)
    if rings[0][1].endswith("km"):
        return f"Circles: {said} km in a straight line."
    return f"Circles: about {said} minutes\u2019 walk."


def _alt(places: Sequence[tuple[float, float, str]], rings: Sequence[tuple[float, str]]) -> str:
    named = "; ".join(f"{number} {name}" for number, (_, _, name) in enumerate(places, start=1))
    return f"Map of the numbered places: {named}. {_told(rings)} North is up."


def _over(
    window: Window,
    origin: tuple[float, float],
    places: Sequence[tuple[float, float, str]],
    rings: Sequence[tuple[float, str]],
    text: float,
) -> str:
    pixels_a_metre = window.pixels_a_unit / EARTH_M / math.cos(math.radians(origin[1]))
    x0, y0 = _at(window, *origin)
    parts = []
    dots = np.array([_at(window, x, y) for x, y, _ in places]).reshape(-1, 2)
    marks = _apart(dots, np.array([x0, y0]), window)
    taken = marks.copy()
    for radius, said in rings:
        r = radius * pixels_a_metre
        parts.append(
            f'<circle cx="{x0:.1f}" cy="{y0:.1f}" r="{r:.1f}" fill="none" stroke="{INK}" '
            'stroke-width="1.2" stroke-dasharray="5 4"/>'
        )
        spot = _free_spot((x0, y0), r, taken, window)
        if spot is not None:
            taken = np.vstack([taken, spot])
            parts.append(_words(spot[0], spot[1] + text * 0.36, said, text, "middle"))
    parts.append(
        f'<rect x="{x0 - 6:.1f}" y="{y0 - 6:.1f}" width="12" height="12" fill="{INK}" '
        'stroke="#fff" stroke-width="2"/>'
    )
    for number, (dot, mark) in enumerate(zip(dots, marks, strict=True), start=1):
        if float(np.hypot(*(mark - dot))) > 4:
            parts.append(
                f'<line x1="{dot[0]:.1f}" y1="{dot[1]:.1f}" x2="{mark[0]:.1f}" y2="{mark[1]:.1f}" '
                f'stroke="{INK}" stroke-width="1.5"/><circle cx="{dot[0]:.1f}" cy="{dot[1]:.1f}" '
                f'r="3.5" fill="{INK}"/>'
            )
        parts.append(
            f'<circle cx="{mark[0]:.1f}" cy="{mark[1]:.1f}" r="{_ROUND}" fill="#fff" '
            f'stroke="{INK}" stroke-width="2"/>'
            + _words(mark[0], mark[1] + text * 0.36, str(number), text, "middle", halo=False)
        )
    parts.append(_north(window, text))
    parts.append(_scale(window, pixels_a_metre, text))
    parts.append(
        f'<rect x="0.5" y="0.5" width="{window.width - 1}" height="{window.height - 1}" '
        f'fill="none" stroke="{INK}"/>'
    )
    return "".join(parts)


def _at(window: Window, longitude: float, latitude: float) -> tuple[float, float]:
    x, y = unit(longitude, latitude)
    return (x - window.left) * window.pixels_a_unit, (y - window.top) * window.pixels_a_unit


def _apart(
    dots: Floats,
    origin: Floats,
    window: Window,
) -> Floats:
    """Return where numbers stand so that none covers another, nor the middle."""
    marks = dots.copy()
    if len(marks):
        # Places at one address lie on one point: a turn for each tells them apart.
        turn = np.arange(len(marks)) * 2.4
        marks += 0.5 * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    room = 2 * _ROUND + 3
    for _ in range(_PUSHES):
        every = np.vstack([marks, origin])
        gap = marks[:, None] - every[None]
        away = np.maximum(np.hypot(gap[..., 0], gap[..., 1]), 0.01)
        push = np.where(away < room, (room - away) / 2, 0.0)
        push[np.arange(len(marks)), np.arange(len(marks))] = 0.0
        if not push.any():
            break
        marks = marks + (gap / away[..., None] * push[..., None]).sum(axis=1)
        low, high = _ROUND + 2, np.array([window.width, window.height]) - _ROUND - 2
        marks = np.clip(marks, low, high)
    return marks


def _free_spot(middle: tuple[float, float], r: float, taken: Floats, window: Window) -> Any:
    """Return where on a ring its words cover least, inside the picture; None where nowhere is."""
    turn = np.radians(np.arange(0, 360, 15))
    spots = np.array(middle) + r * np.stack([np.sin(turn), np.cos(turn)], axis=-1)
    edge = np.array([_WORDS, _ROUND])
    low, high = edge, np.array([window.width, window.height]) - edge
    # The bar of the scale and the arrow to the north have two of the corners.
    corner = (spots[:, 1] > window.height - 50) & (spots[:, 0] < window.width / 2)
    corner |= (spots[:, 1] < 60) & (spots[:, 0] > window.width - 70)
    spots = spots[((spots >= low) & (spots <= high)).all(axis=1) & ~corner]
    if not len(spots):
        return None
    if not len(taken):
        return spots[0]
    # Words are about three times as wide as they are high.
    gap = (spots[:, None] - taken[None]) / np.array([2.0, 1.0])
    free = np.hypot(gap[..., 0], gap[..., 1]).min(axis=1)
    return spots[int(np.argmax(free))]


def _words(
    x: float, y: float, said: str, size: float, anchor: str = "start", *, halo: bool = True
) -> str:
    around = ' stroke="#fff" stroke-width="4" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.2f}" font-weight="700" '
        f'font-family="Arial, sans-serif" text-anchor="{anchor}" fill="{INK}"{around}>'
        f"{html.escape(said)}</text>"
    )


def _north(window: Window, text: float) -> str:
    x, y = window.width - 16.0, 10.0
    arrow = f'<path d="M{x} {y}l7 18l-7 -5l-7 5z" fill="{INK}" stroke="#fff"/>'
    return arrow + _words(x, y + 20 + text * 0.85, "N", text, "middle")


def _scale(window: Window, pixels_a_metre: float, text: float) -> str:
    longest = window.width / 3 / pixels_a_metre
    steps = [base * 10**power for power in range(1, 6) for base in (1, 2, 5)]
    length = max(step for step in steps if step <= max(longest, 10))
    said = f"{length} m" if length < 1000 else f"{length // 1000} km"
    x, y = 10.0, window.height - 10.0
    wide = length * pixels_a_metre
    bar = (
        f'<path d="M{x} {y - 6}v6h{wide:.1f}v-6" fill="none" stroke="#fff" stroke-width="5"/>'
        f'<path d="M{x} {y - 6}v6h{wide:.1f}v-6" fill="none" stroke="{INK}" stroke-width="2"/>'
    )
    return bar + _words(x, y - 9, said, text)
