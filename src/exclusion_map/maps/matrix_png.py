"""The picture of a risk matrix as PNG, for documents that take no SVG."""

import io
from typing import Any, Final

from exclusion_map.maps.crossed_colours import cell_colours
from exclusion_map.maps.legend_image_sheet import PAPER, font
from exclusion_map.maps.matrix_svg import DOWN, UPRIGHT, Grid, Label, cell_labels
from exclusion_map.maps.palette import text_on

_PIXELS: Final = 2


def grid_png(grid: Grid) -> bytes:
    """Return a matrix in colours as PNG, twice as many pixels as CSS pixels."""
    from PIL import Image, ImageDraw  # Not needed to start.

    picture = Image.new("RGB", (grid.width * _PIXELS, grid.height * _PIXELS), PAPER)
    pen = ImageDraw.Draw(picture)
    for number, cell in enumerate(grid.cells, start=1):
        x, y = grid.corner(number)
        fill = cell_colours(grid.size)[number - 1]
        ink = text_on(fill)
        _box(pen, (x + 1, y + 1, x + grid.across - 1, y + DOWN - 1), fill, "#75727f")
        if number in grid.chosen:
            _box(pen, (x + 4, y + 4, x + grid.across - 4, y + DOWN - 4), None, ink, 5)
        for label in cell_labels(cell, x + grid.across / 2, y, ink):
            _text(pen, label)
    for label in grid.labels():
        _text(pen, label)
    name = Label(grid.size * DOWN / 2, UPRIGHT[0] + 2, f"{grid.axes[0]} →", 14)
    upright = Image.new("RGB", (grid.size * DOWN * _PIXELS, 22 * _PIXELS), PAPER)
    _text(ImageDraw.Draw(upright), name)
    picture.paste(upright.rotate(90, expand=True), (0, UPRIGHT[1] * _PIXELS))
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    return made.getvalue()


def _box(
    pen: Any, edges: tuple[float, float, float, float], fill: str | None, edge: str, width: int = 2
) -> None:
    pen.rectangle([at * _PIXELS for at in edges], fill, edge, width)


def _text(pen: Any, label: Label) -> None:
    anchor = {"middle": "ms", "end": "rs"}[label.anchor]
    place = (label.x * _PIXELS, label.y * _PIXELS)
    pen.text(place, label.words, label.fill, font(label.size * _PIXELS, bold=label.bold), anchor)
