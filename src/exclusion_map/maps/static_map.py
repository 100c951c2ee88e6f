"""The frame of a map for reports: where title, map, legend, scale bar and credits stand.

Lengths are CSS pixels. The picture has the size that was asked for; the map takes what the rest
leaves. Web Mercator keeps shapes; its scale changes from south to north, so the scale bar holds for
the middle of the map.
"""

import math
from dataclasses import dataclass

from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.legend_image import WIDTH as LEGEND_WIDTH
from exclusion_map.maps.legend_image import Legend, legend_marks
from exclusion_map.maps.legend_image_sheet import Box, Line, Mark, Words, moved, text_width, wrap
from exclusion_map.maps.raster_tiles import Window, degrees, unit

MARGIN = 12
LEAST_MAP = 120
"""Width and height below which a map says nothing."""
EARTH_M = 2 * math.pi * 6_378_137.0
MILE_M = 1609.344
_TITLE, _CREDIT, _BAR = 18, 10, 11
_NARROWEST_M = 300.0

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A laid-out picture.

    Attributes:
        width, height: of the picture.
        left, top: where the map stands in it.
        window: what the map shows, with its size.
        marks: everything but the map.
    """

    width: int
    height: int
    left: int
    top: int
    window: Window
    marks: tuple[Mark, ...]

    @property
    def bounds(self) -> Bounds:
        """What the map shows, in degrees: never less than what was asked for."""
        west, north = degrees(self.window.left, self.window.top)
        east, south = degrees(self.window.right, self.window.bottom)
        return (west, south, east, north)


def lay_out(
    bounds: Bounds, width: int, height: int, *, title: str, legend: Legend | None, credit: str
) -> Frame:
    """Return the frame of a map.

    Args:
        bounds: what has to be seen.
        width: of the whole picture.
        height: of the whole picture.
        title: above the map; empty for none.
        legend: to the right of the map, or below it where the picture is narrow; None for none.
        credit: below everything.

    Raises:
        InvalidRequestError: there is no room for a map beside the rest, or the bounds are none.
    """
    _check(bounds)
    marks: list[Mark] = []
    top = _heading(marks, title, width)
    bottom = height - _credits(marks, credit, width, height)
    right = width - MARGIN
    if legend is not None:
        drawn, tall = legend_marks(legend)
        if width >= 2 * LEGEND_WIDTH:
            right -= LEGEND_WIDTH
            marks += moved(drawn, right, top - MARGIN)
            bottom_of_legend = top - MARGIN + tall
        else:
            bottom -= math.ceil(tall)
            marks += moved(drawn, 0, bottom)
            bottom_of_legend = bottom + tall
        _room("height", height, height if bottom_of_legend <= height else 0, math.ceil(tall))
    across, down = right - MARGIN, bottom - top
    _room("width", width, across, LEAST_MAP)
    _room("height", height, down, LEAST_MAP)
    window = _window(bounds, across, down)
    marks.append(Box(MARGIN - 1, top - 1, across + 2, down + 2, "", "#768692"))
    marks += _scale_bar(window, MARGIN + 10, bottom - 10)
    return Frame(width, height, MARGIN, top, window, tuple(marks))


def _check(bounds: Bounds) -> None:
    west, south, east, north = bounds
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise InvalidRequestError(
            "bbox",
            found=",".join(f"{edge:g}" for edge in bounds),
            expected="west,south,east,north in degrees, west < east and south < north",
        )


def _room(what: str, found: int, left: int, needed: int) -> None:
    if left < LEAST_MAP:
        raise InvalidRequestError(
            what,
            found=f"{found}, which leaves {max(left, 0)} pixels for the map",
            expected=f"at least {LEAST_MAP} pixels for the map; the rest may need {needed}",
            mend="Choose a larger picture, a shorter title, or legend=false.",
        )


def _heading(marks: list[Mark], title: str, width: int) -> int:
    y = MARGIN
    for line in wrap(title, _TITLE, width - 2 * MARGIN, bold=True):
        y += 24
        marks.append(Words(MARGIN, y - 6, line, _TITLE, bold=True, part="title"))
    return y + (6 if title else 0)


def _credits(marks: list[Mark], credit: str, width: int, height: int) -> int:
    lines = wrap(credit, _CREDIT, width - 2 * MARGIN)
    for place, line in enumerate(reversed(lines)):
        marks.append(Words(MARGIN, height - MARGIN - place * 14, line, _CREDIT, part="credit"))
    return 14 * len(lines) + MARGIN + 6


def _window(bounds: Bounds, width: int, height: int) -> Window:
    left, top = unit(bounds[0], bounds[3])
    right, bottom = unit(bounds[2], bounds[1])
    scale = min(width / (right - left), height / (bottom - top))
    # Even a single point is shown with its surroundings.
    scale = min(scale, width * EARTH_M / _NARROWEST_M)
    return Window(
        (left + right - width / scale) / 2,
        (top + bottom - height / scale) / 2,
        scale,
        width,
        height,
    )


def _scale_bar(window: Window, x: float, y: float) -> list[Mark]:
    """Return a bar of a round length in kilometres, with miles in words."""
    _, latitude = degrees(window.left, (window.top + window.bottom) / 2)
    metres_a_pixel = EARTH_M * math.cos(math.radians(latitude)) / window.pixels_a_unit
    longest = min(160.0, window.width / 3) * metres_a_pixel
    power = 10 ** math.floor(math.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    wide = length / metres_a_pixel
    metric = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    miles = float(f"{length / MILE_M:.2g}")  # two figures, without an exponent
    words = f"{metric} ({miles:g} miles)"
    paper = max(wide, text_width(words, _BAR)) + 12
    ends = (Line(x + end, y - 8, x + end, y, 2) for end in (0, wide))
    return [
        Box(x - 6, y - 26, paper, 32, "#ffffff"),
        Words(x, y - 12, words, _BAR, part="scale"),
        Line(x, y, x + wide, y, 2),
        *ends,
    ]
