"""The ten colours of the map, their words, and the arithmetic that shows they can be told apart.

This is the only place where the colours are written down: pages, legends, folium maps and the map
in the browser (through JSON in the page) all take them from here.
"""

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

DECILE_COLOURS: Final[tuple[str, ...]] = (
    "#210f42",
    "#44185a",
    "#6d1f6b",
    "#972b6a",
    "#bf3f5f",
    "#d76355",
    "#e68a56",
    "#ecb175",
    "#f2d49f",
    "#fcf5cf",
)
"""One sequential palette; position 0 is decile 1, the highest risk and the darkest.

Lightness rises in steps of about 10 (CIE L*), so the order survives greyscale print and any kind
of colour-blindness; hue runs from violet to cream, for more contrast between neighbours.
"""


class PaletteName(StrEnum):
    """Names of available palettes."""

    RISK = "risk"
    VIRIDIS = "viridis"
    CIVIDIS = "cividis"
    GREYS = "greys"


PALETTES: Final[dict[PaletteName, tuple[str, ...]]] = {
    PaletteName.RISK: DECILE_COLOURS,
    # Ten samples each of the colour maps of matplotlib, which are in the public domain (CC0).
    PaletteName.VIRIDIS: (
        "#440154",
        "#482878",
        "#3e4989",
        "#31688e",
        "#26828e",
        "#1f9e89",
        "#35b779",
        "#6ece58",
        "#b5de2b",
        "#fde725",
    ),
    PaletteName.CIVIDIS: (
        "#00224e",
        "#123570",
        "#3b496c",
        "#575d6d",
        "#707173",
        "#8a8678",
        "#a59c74",
        "#c3b369",
        "#e1cc55",
        "#fee838",
    ),
    # Even steps of CIE L*, for black-and-white print.
    PaletteName.GREYS: (
        "#1b1b1b",
        "#2f2f2f",
        "#444444",
        "#595959",
        "#707070",
        "#888888",
        "#a0a0a0",
        "#bababa",
        "#d3d3d3",
        "#eeeeee",
    ),
}
"""Ten colours each, position 0 for decile 1: all pass the same tests of lightness and sight."""

MISSING_COLOUR: Final = "#ffffff"
MISSING_HATCH: Final = "#6f6f78"
"""Areas without data are white with grey stripes, so that they never read as low risk."""

SEA_COLOUR: Final = "#dde8ea"
LAND_COLOUR: Final = "#f4f2ef"

SUPPORT_COLOURS: Final[dict[str, str]] = {
    "library": "#00707a",
    "gp_practice": "#1f5fbf",
    "pharmacy": "#3d7a1a",
    "jobcentre": "#8a5a00",
    "food_bank": "#a3263c",
    "post_office": "#b3261e",
    "community_venue": "#6b3fa0",
    "education": "#2f6b52",
    "charity": "#8c2f7e",
    "other": "#55525e",
}
"""Marks of support places; each kind also has its own letter and outline, so colour is never the
only sign."""

SUPPORT_LETTERS: Final[dict[str, str]] = {
    "library": "L",
    "gp_practice": "G",
    "pharmacy": "P",
    "jobcentre": "J",
    "food_bank": "F",
    "post_office": "M",
    "community_venue": "V",
    "education": "E",
    "charity": "C",
    "other": "O",
}

SUPPORT_SHAPES: Final[dict[str, str]] = {
    "library": "M2.5 3.5h21v19h-21z",
    "gp_practice": "M13 1a12 12 0 1 0 0 24a12 12 0 1 0 0-24z",
    "pharmacy": "M7.5 1.5h11v6h6v11h-6v6h-11v-6h-6v-11h6z",
    "jobcentre": "M13 .5 25.5 13 13 25.5 .5 13z",
    "food_bank": "M13 24.5C5 19 1 14.5 1 9a6.5 6.5 0 0 1 12-3.5A6.5 6.5 0 0 1 25 9"
    "c0 5.5-4 10-12 15.5z",
    "post_office": "M1 5h24v16H1z",
    "community_venue": "M13 1 25 10.5V25H1V10.5z",
    "education": "M7.5 1h11l6.5 12-6.5 12h-11L1 13z",
    "charity": "M13 1 25 10l-4.6 14.5H5.6L1 10z",
    "other": "M8 1h10l7 7v10l-7 7H8l-7-7V8z",
}
"""Outline of the mark of each kind, as a path in a square of 26."""

_SRGB_TO_XYZ: Final = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE: Final = np.array([0.95047, 1.0, 1.08883])

COLOUR_BLINDNESS: Final[dict[str, NDArray[np.float64]]] = {
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""Matrices on linear RGB of Machado, Oliveira and Fernandes (2009), severity 1.0."""


def decile_colour(decile: int) -> str:
    """Return the colour of a decile (1 = highest risk); 0 means no data."""
    return DECILE_COLOURS[decile - 1] if 1 <= decile <= 10 else MISSING_COLOUR


def decile_words(decile: int) -> str:
    """Return a decile as people say it: "highest-risk tenth", "second lowest-risk tenth"."""
    if not 1 <= decile <= 10:
        return "no data"
    ordinals = ("", "second ", "third ", "fourth ", "fifth ")
    if decile <= 5:
        return f"{ordinals[decile - 1]}highest-risk tenth"
    return f"{ordinals[10 - decile]}lowest-risk tenth"


def linear_rgb(colour: str) -> NDArray[np.float64]:
    """Return ``#rrggbb`` as linear-light RGB, shape (3,), each 0 to 1."""
    channels = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def cie_lab(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return CIE L*a*b* (D65) of linear RGB, shape (3,)."""
    xyz = (_SRGB_TO_XYZ @ np.clip(linear, 0, 1)) / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast_ratio(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lights = sorted(float(_SRGB_TO_XYZ[1] @ linear_rgb(colour)) for colour in (first, second))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def text_on(colour: str) -> str:
    """Return the text colour, near-black or white, that is easier to read on a colour."""
    dark, light = "#1d1a24", "#ffffff"
    return dark if contrast_ratio(colour, dark) >= contrast_ratio(colour, light) else light
