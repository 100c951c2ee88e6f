"""What the map page holds before any script runs, and what the script is told."""

from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from api.pages.areas import Query, list_areas
from api.pages.layers import GAPS, INDEX, Layer, classes_of, layers_of
from api.pages.legend import legend
from api.pages.lens import Lens, plain_lens
from api.pages.matrix_layer import PREFIX
from api.pages.support_search import SupportQuestion, choices
from api.pages.templating import ASSETS
from api.service import Service
from exclusion_map.directory.places import Places
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.maps import palette
from exclusion_map.settings import ServiceSettings
from exclusion_map.terms import AreaKind

MAP_LEVELS: Final = (
    (AreaKind.LOCAL_AUTHORITY, 0.0, 7.5),
    (AreaKind.NEIGHBOURHOOD, 7.5, 10.0),
    (AreaKind.SMALL_AREA, 10.0, 24.0),
)
"""Which areas are painted at which zooms of the map: from, up to."""

_TABLE_ROWS = 10
_ENOUGH = 8
"""Fewer areas of a kind than this make no list worth reading."""


def first_kind(service: Service) -> AreaKind:
    """Return the widest kind of area on the map with enough areas to compare."""
    levels = service.edition.atlas.levels
    for kind, _, _ in MAP_LEVELS:
        if kind in levels and len(levels[kind]) >= _ENOUGH:
            return kind
    return AreaKind.SMALL_AREA


def context(
    lens: Lens, settings: ServiceSettings, places: Places, show: str = ""
) -> dict[str, Any]:
    """Return everything the map page shows."""
    service = lens.engine.service
    atlas = service.edition.atlas
    config = map_config(lens, settings, places)
    layers = layers_of(service)
    first = AreaKind(config["levels"][0]["kind"])
    return {
        "config": config,
        "levels": config["levels"],
        "lens": lens,
        "layers": layers,
        "show": show if show in {layer.id for layer in layers} else layers[0].id,
        "legends": [
            # those by other settings take seconds: the script asks for them when they are shown
            legend(layer, atlas.level(first), _counted(lens, layer, first, show))
            for layer in layers
        ],
        "support": config["support"],
        "asked": SupportQuestion(),
        **choices(places.snapshot),
        "table": top_table(lens),
    }


def _counted(lens: Lens, layer: Layer, kind: AreaKind, show: str) -> NDArray[np.uint8]:
    """Return the classes that a legend counts before any script runs."""
    if (layer.id == GAPS or layer.id.startswith(PREFIX)) and show != layer.id:
        # They take a while the first time: the script asks for them when they are shown.
        return np.zeros(len(lens.engine.service.edition.atlas.level(kind)), dtype=np.uint8)
    return classes_of(lens if layer.id == INDEX else plain_lens(lens.engine), layer, kind)


def map_config(lens: Lens, settings: ServiceSettings, places: Places) -> dict[str, Any]:
    """Return what the script is told, as plain values for JSON."""
    service = lens.engine.service
    manifest = service.edition.manifest
    return {
        "edition": manifest.edition,
        "index": service.default_index,
        "bounds": manifest.bounds,
        "levels": map_levels(service),
        "whole": settings.whole_values,
        "colours": {
            "missing": palette.MISSING_COLOUR,
            "hatch": palette.MISSING_HATCH,
            "sea": palette.SEA_COLOUR,
            "land": palette.LAND_COLOUR,
        },
        "layers": {layer.id: layer.colours for layer in layers_of(service)},
        "support": _support(places),
        "basemap": _basemap(settings),
        "worker": ASSETS.url("src/worker.js"),
    }


def map_levels(service: Service) -> list[dict[str, Any]]:
    """Return the levels of the map; kinds with too few areas to compare are left out."""
    atlas = service.edition.atlas
    held = [level for level in MAP_LEVELS if level[0] in atlas.levels]
    enough = [level for level in held if len(atlas.levels[level[0]]) >= _ENOUGH] or held[-1:]
    first = enough[0]
    shown = [(first[0], 0.0, first[2]), *enough[1:]]
    return [
        {
            "kind": kind.value,
            "plural": kind.label_plural,
            "minzoom": low,
            "maxzoom": high,
            "count": len(atlas.levels[kind]),
        }
        for kind, low, high in shown
    ]


def _support(places: Places) -> list[dict[str, Any]]:
    counts = places.snapshot.counts
    return [
        {
            "id": kind.key,
            "plural": kind.plural or kind.name,
            "count": counts[kind.key],
            "colour": palette.SUPPORT_COLOURS[kind.key],
            "letter": palette.SUPPORT_LETTERS[kind.key],
            "shape": palette.SUPPORT_SHAPES[kind.key],
        }
        for kind in taxonomy(PLACES).terms
        if counts[kind.key]
    ]


def _basemap(settings: ServiceSettings) -> dict[str, str] | None:
    address = settings.basemap_style
    if urlsplit(address).scheme not in ("http", "https"):
        return None
    return {"tiles": address, "attribution": settings.basemap_attribution}


def top_table(lens: Lens) -> dict[str, Any]:
    """Return the areas with the highest risk, of the widest kind on the map."""
    kind = first_kind(lens.engine.service)
    found = list_areas(lens, Query(kind=kind), _TABLE_ROWS)
    shown = min(_TABLE_ROWS, found.total)
    return {
        "kind": kind.value,
        "heading": f"The {shown} {kind.label_plural} with the highest risk",
        "sentence": "The score of a wider area is the average of its small areas, weighted by the "
        "people who live in them. Wide areas hide high-risk places: look inside.",
        "caption": f"{kind.label_plural.capitalize()} by risk, highest first",
        "rows": found.rows,
        "ranked": found.ranked,
    }
