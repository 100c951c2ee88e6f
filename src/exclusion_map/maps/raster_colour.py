"""From area numbers to colours: classes of areas, hatching for missing data, borders.

A *class table* gives each area number its class: 0 = not shown, 1 to n = the classes of a scheme,
n + 1 = no data. Colouring a tile is one look-up in it.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from exclusion_map.maps.palette import (
    MISSING_COLOUR,
    MISSING_HATCH,
    PALETTES,
    PaletteName,
)
from exclusion_map.maps.raster_fill import Numbers
from exclusion_map.maps.raster_png import palette_png

Bytes = npt.NDArray[np.uint8]

BORDER_COLOUR = "#ffffff"
SCORE_CLASSES = 50
"""Classes of a score of 0 to 100: two points each, finer than an eye can tell apart."""
STRIPE = 8
"""Pixels from one grey stripe to the next, at single size. Divides a tile: stripes meet."""


class Shading(StrEnum):
    """What the colour of an area shows."""

    DECILE = "decile"
    SCORE = "score"


@dataclass(frozen=True)
class Scheme:
    """The colours of classes; position 0 of ``classes`` is class 1, the highest risk."""

    classes: tuple[str, ...]

    @cached_property
    def colours(self) -> tuple[str, ...]:
        """Every colour of a picture: not shown, classes, no data, its stripes, borders."""
        return ("#000000", *self.classes, MISSING_COLOUR, MISSING_HATCH, BORDER_COLOUR)

    @property
    def missing(self) -> int:
        """The class of an area without data."""
        return len(self.classes) + 1

    @property
    def stripe(self) -> int:
        """Position of the colour of stripes."""
        return len(self.classes) + 2

    @property
    def border(self) -> int:
        """Position of the colour of borders."""
        return len(self.classes) + 3


def scheme_of(shading: Shading, palette: PaletteName) -> Scheme:
    """Return the ten colours of a palette, or a smooth run through them for scores."""
    ten = PALETTES[palette]
    return Scheme(ten if shading is Shading.DECILE else _between(ten, SCORE_CLASSES))


def class_table(
    shading: Shading,
    scheme: Scheme,
    deciles: npt.NDArray[np.uint8],
    scores: npt.NDArray[np.float64],
    shown: npt.NDArray[np.integer] | None = None,
) -> Bytes:
    """Return the class of every area number, shape (n + 1,).

    Args:
        shading: what to show.
        scheme: the colours.
        deciles: (n,) 1 = highest risk, 0 = no data.
        scores: (n,) 0 to 100, 100 = highest risk; NaN = no data.
        shown: rows of the areas to show; all for None.
    """
    table = np.zeros(len(deciles) + 1, dtype=np.uint8)
    if shading is Shading.DECILE:
        found = np.where(deciles > 0, deciles, scheme.missing)
    else:
        n = len(scheme.classes)
        steps = np.clip(np.floor((100 - np.nan_to_num(scores)) / 100 * n), 0, n - 1)
        found = np.where(np.isnan(scores), scheme.missing, steps + 1)
    rows = slice(None) if shown is None else shown
    table[1:][rows] = found[rows]
    return table


def paint(
    classes: Bytes, scheme: Scheme, owners: Numbers | None = None, *, scale: int = 1
) -> Bytes:
    """Return the positions of colours, shape (h, w), of a picture one row and column larger.

    Args:
        classes: (h + 1, w + 1) class of each pixel.
        scheme: the colours.
        owners: (h + 1, w + 1) which area each pixel lies in, where borders are to be drawn.
        scale: pixels of the picture a CSS pixel.
    """
    painted = np.ascontiguousarray(classes[:-1, :-1])
    missing = painted == scheme.missing
    if missing.any():
        painted[missing & _stripes(painted.shape, scale)] = scheme.stripe
    if owners is not None:
        painted[borders(owners)] = scheme.border
    return painted


def borders(owners: Numbers) -> npt.NDArray[np.bool_]:
    """Return whether a pixel's right or lower neighbour lies in another area, shape (h, w).

    Args:
        owners: (h + 1, w + 1) area numbers; the border with "outside" is not one.
    """
    here, right, below = owners[:-1, :-1], owners[:-1, 1:], owners[1:, :-1]
    aside = (here != right) & (right != 0)
    under = (here != below) & (below != 0)
    between: npt.NDArray[np.bool_] = (aside | under) & (here != 0)
    return between


def encode(painted: Bytes, scheme: Scheme) -> bytes:
    """Return a painted picture as PNG, transparent where nothing is shown."""
    return palette_png(painted, scheme.colours)


def _stripes(shape: tuple[int, ...], scale: int) -> npt.NDArray[np.bool_]:
    down, across = np.ogrid[: shape[0], : shape[1]]
    stripes: npt.NDArray[np.bool_] = (down + across) % (STRIPE * scale) < 2 * scale
    return stripes


def _between(colours: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Return ``count`` colours in even steps through the ones given."""
    anchors = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours])
    at = np.linspace(0, len(colours) - 1, count)
    channels = [np.interp(at, range(len(colours)), anchors[:, i]) for i in range(3)]
    return tuple(
        "#" + "".join(f"{round(value):02x}" for value in colour)
        for colour in zip(*channels, strict=True)
    )
