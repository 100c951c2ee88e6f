"""Map style JSON (MapLibre style, version 8): a layer with our colours from one address.

MapLibre, QGIS ("Add vector tile layer") and ArcGIS read it. It names no fonts and no pictures of
other sites; the one picture, grey stripes for areas without data, comes from this service.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from exclusion_map.maps.palette import MISSING_COLOUR, MISSING_HATCH
from exclusion_map.maps.raster_colour import BORDER_COLOUR, STRIPE, Scheme, Shading
from exclusion_map.terms import AreaKind

SOURCE = "risk"
PATTERN = "missing"


@dataclass(frozen=True, slots=True)
class StyledLevel:
    """A layer of the vector tiles and the zooms of the map at which it is painted."""

    kind: AreaKind
    minzoom: float
    maxzoom: float


@dataclass(frozen=True, slots=True)
class StyledTiles:
    """The vector tiles that a style paints."""

    address: str
    """With {z}, {x} and {y}."""
    minzoom: int
    maxzoom: int
    bounds: tuple[float, float, float, float]
    attribution: str


def map_style(
    name: str,
    tiles: StyledTiles,
    levels: Sequence[StyledLevel],
    scheme: Scheme,
    shading: Shading,
    *,
    missing: bool,
    sprite: str,
    metadata: dict[str, str],
) -> dict[str, Any]:
    """Return a style.

    Args:
        name: of the style.
        tiles: whose areas have a score and a decile, or neither where there is no data.
        levels: what is painted, from the widest area to the smallest.
        scheme: the colours.
        shading: whether tenths or scores are painted.
        missing: whether areas without a score are shown, as missing data.
        sprite: address of the sprite without its ending.
        metadata: what else readers may want to know.
    """
    west, south, east, north = tiles.bounds
    return {
        "version": 8,
        "name": name,
        "metadata": metadata,
        "center": [(west + east) / 2, (south + north) / 2],
        "zoom": tiles.minzoom + 1,
        "sprite": sprite,
        "sources": {
            SOURCE: {
                "type": "vector",
                "tiles": [tiles.address],
                "minzoom": tiles.minzoom,
                "maxzoom": tiles.maxzoom,
                "bounds": list(tiles.bounds),
                "attribution": tiles.attribution,
            }
        },
        "layers": [
            layer
            for level in levels
            for layer in (*_missing(level, wanted=missing), *_layers(level, scheme, shading))
        ],
    }


def _shared(level: StyledLevel) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "source-layer": level.kind.value,
        "minzoom": level.minzoom,
        "maxzoom": level.maxzoom,
    }


def _missing(level: StyledLevel, *, wanted: bool) -> list[dict[str, Any]]:
    striped = {
        "id": f"{level.kind.value}-missing",
        "type": "fill",
        **_shared(level),
        "filter": ["!", ["has", "decile"]],
        "paint": {"fill-pattern": PATTERN},
    }
    return [striped] if wanted else []


def _layers(level: StyledLevel, scheme: Scheme, shading: Shading) -> list[dict[str, Any]]:
    kind = level.kind.value
    return [
        {
            "id": f"{kind}-risk",
            "type": "fill",
            **_shared(level),
            "filter": ["has", "decile"],
            "paint": {"fill-color": _colours(scheme, shading), "fill-antialias": False},
        },
        {
            "id": f"{kind}-border",
            "type": "line",
            **_shared(level),
            "paint": {
                "line-color": BORDER_COLOUR,
                "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.2, 9, 0.4, 14, 1.2],
            },
        },
    ]


def _colours(scheme: Scheme, shading: Shading) -> list[Any]:
    if shading is Shading.DECILE:
        pairs = [part for pair in enumerate(scheme.classes, start=1) for part in pair]
        return ["match", ["get", "decile"], *pairs, MISSING_COLOUR]
    # From a score of 0, the lowest risk, to 100: the classes backwards, each from its lower end.
    step = 100 / len(scheme.classes)
    first, *others = reversed(scheme.classes)
    stops = [part for i, c in enumerate(others, start=1) for part in (round(i * step, 4), c)]
    return ["step", ["get", "score"], first, *stops]


def sprite_json(scale: int) -> bytes:
    """Return the index of the sprite."""
    side = STRIPE * scale
    entry = {"x": 0, "y": 0, "width": side, "height": side, "pixelRatio": scale}
    return json.dumps({PATTERN: entry}).encode()


def sprite_pixels(scale: int) -> Image.Image:
    """Return the sprite: one square of stripes, which meet when squares are laid side by side."""
    side = STRIPE * scale
    down, across = np.ogrid[:side, :side]
    striped: npt.NDArray[np.bool_] = (down + across) % side < 2 * scale
    colours = np.array([_rgb(MISSING_COLOUR), _rgb(MISSING_HATCH)], dtype=np.uint8)
    return Image.fromarray(colours[striped.astype(np.intp)])


def _rgb(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
