"""Draw the map of a frame as pixels: painted finer than the picture, then averaged.

Borders are crisp and stair-free because area numbers are taken at twice the size of the picture
from the outlines themselves; nothing is enlarged.
"""

import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from exclusion_map.maps.legend_image_sheet import INK, PAPER, draw_marks
from exclusion_map.maps.palette import LAND_COLOUR
from exclusion_map.maps.raster_colour import STRIPE, Bytes, Scheme, borders
from exclusion_map.maps.raster_fill import Numbers
from exclusion_map.maps.raster_tiles import Window, units
from exclusion_map.maps.static_map import Frame

FINER = 2
"""Points across a pixel of the picture."""
STRIP = 512
"""Rows that are averaged at a time, to keep memory low."""
_INCH_PIXELS = 96

Ring = Sequence[Sequence[float]]
Numbered = Callable[[Window], Numbers]
"""Gives the area numbers of a window, shape (height, width)."""


def draw_map(
    frame: Frame,
    numbers: Numbered,
    classes: Bytes,
    scheme: Scheme,
    *,
    scale: int,
    owners: Numbers | None = None,
    lines: bool = True,
    outline: Sequence[Ring] = (),
) -> Image.Image:
    """Return a picture in mode RGB.

    Args:
        frame: of the picture.
        numbers: gives area numbers.
        classes: of each area number; 0 = land without a colour.
        scheme: the colours.
        scale: pixels of the picture a CSS pixel.
        owners: of each area number, the area that borders are drawn around; itself for None.
        lines: whether borders are drawn.
        outline: rings in degrees to draw in ink.
    """
    size = (frame.window.width * scale, frame.window.height * scale)
    held = numbers(
        Window(
            frame.window.left,
            frame.window.top,
            frame.window.pixels_a_unit * scale * FINER,
            size[0] * FINER + 1,
            size[1] * FINER + 1,
        )
    )
    picture = Image.new("RGB", (frame.width * scale, frame.height * scale), PAPER)
    table = _table(scheme)
    for top in range(0, size[1], STRIP):
        part = held[top * FINER : (min(top + STRIP, size[1])) * FINER + 1]
        painted = _paint(part, classes, scheme, owners, top * FINER, scale, lines=lines)
        strip = Image.fromarray(_averaged(table, painted))
        picture.paste(strip, (frame.left * scale, frame.top * scale + top))
    if outline:
        _draw_outline(picture, frame, outline, scale)
    draw_marks(picture, frame.marks, scale)
    return picture


def to_png(picture: Image.Image, scale: int, told: Mapping[str, str]) -> bytes:
    """Return a picture as PNG of 96 dots an inch times ``scale``, with words inside the file."""
    info = PngInfo()
    for key, value in told.items():
        info.add_itxt(key, value)
    buffer = io.BytesIO()
    dots = _INCH_PIXELS * scale
    picture.save(buffer, "PNG", pnginfo=info, dpi=(dots, dots), compress_level=4)
    return buffer.getvalue()


def _table(scheme: Scheme) -> npt.NDArray[np.uint8]:
    """Return colours by position, shape (n, 3): paper, the scheme's, and land without a colour."""
    colours = (PAPER, *scheme.colours[1:], LAND_COLOUR)
    return np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], dtype=np.uint8)


def _paint(
    held: Numbers,
    classes: Bytes,
    scheme: Scheme,
    owners: Numbers | None,
    top: int,
    scale: int,
    *,
    lines: bool,
) -> Bytes:
    """Return positions of colours of a strip, one row and column less than its area numbers."""
    land = len(scheme.colours)
    table = classes.copy()
    table[1:][table[1:] == 0] = land
    painted: Bytes = table.take(held[:-1, :-1])
    missing = painted == scheme.missing
    if missing.any():
        down, across = np.nonzero(missing)
        striped = (top + down + across) % (STRIPE * scale * FINER) < 2 * scale * FINER
        painted[down[striped], across[striped]] = scheme.stripe
    if lines:
        bordered = borders(held if owners is None else owners.take(held))
        for _ in range(scale - 1):
            bordered[1:] |= bordered[:-1]
            bordered[:, 1:] |= bordered[:, :-1]
        painted[bordered] = scheme.border
    return painted


def _averaged(table: npt.NDArray[np.uint8], painted: Bytes) -> npt.NDArray[np.uint8]:
    """Return colours, shape (h, w, 3), each the mean of FINER by FINER points."""
    height, width = painted.shape[0] // FINER, painted.shape[1] // FINER
    picture = np.empty((height, width, 3), dtype=np.uint8)
    for channel in range(3):
        points = table[:, channel].take(painted).astype(np.uint16)
        summed = sum(points[i::FINER, j::FINER] for i in range(FINER) for j in range(FINER))
        picture[:, :, channel] = (summed + FINER * FINER // 2) // (FINER * FINER)
    return picture


def _draw_outline(picture: Image.Image, frame: Frame, outline: Sequence[Ring], scale: int) -> None:
    window, finer = frame.window, scale * FINER
    mask = Image.new("L", (window.width * finer, window.height * finer), 0)
    pen = ImageDraw.Draw(mask)
    for ring in outline:
        x, y = units(np.array([point[:2] for point in ring], dtype=np.float64).T)
        places = np.column_stack([x - window.left, y - window.top]) * window.pixels_a_unit * finer
        whole = np.rint(places).astype(np.int64)
        # Points that fall on one place are drawn once: outlines have far more than a picture shows.
        kept = np.append(True, (whole[1:] != whole[:-1]).any(axis=1))
        points = whole[kept].reshape(-1).tolist()
        if len(points) > 2:
            pen.line(points, fill=255, width=round(1.5 * finer), joint="curve")
    mask = mask.resize((window.width * scale, window.height * scale), Image.Resampling.BOX)
    picture.paste(INK, (frame.left * scale, frame.top * scale), mask)
