"""What areas can be coloured by on the map: the index, how sure it is, the modelled estimate."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.pages.extras import SURE_CLASSES, Sure, extras_of, sure_at
from api.pages.lens import Lens
from api.service import Service
from exclusion_map.errors import NotFoundError
from exclusion_map.maps import palette
from exclusion_map.terms import AreaKind

INDEX: Final = "index"
ROBUSTNESS: Final = "robustness"
ESTIMATE: Final = "estimate"

SURE_WORDS: Final = {
    Sure.HIGH: "Robustly high",
    Sure.DEPENDS: "Depends on judgement",
    Sure.MIDDLE: "Robustly in the middle",
    Sure.LOW: "Robustly low",
}
_SURE_COLOURS: Final = {
    Sure.HIGH: "#44185a",
    Sure.DEPENDS: "#8fc1c9",
    Sure.MIDDLE: "#e68a56",
    Sure.LOW: "#fcf5cf",
}
ESTIMATE_EDGES: Final = (12, 10, 8, 6, 5, 4)
"""Per cent of households at which one class of the estimate ends and the next begins."""
_ESTIMATE_STEPS: Final = (0, 1, 3, 4, 6, 8, 9)


@dataclass(frozen=True, slots=True)
class Layer:
    """One way to colour the areas. The byte of an area is its class from 1; 0 = no data."""

    id: str
    title: str
    choice: str
    """The words of the switch."""
    note: str
    labels: tuple[str, ...]
    colours: tuple[str, ...]


INDEX_LAYER: Final = Layer(
    INDEX,
    "Risk, in tenths of people",
    "Risk, in tenths",
    "1 = highest risk.",
    ("1 highest risk", *(str(tenth) for tenth in range(2, 10)), "10 lowest risk"),
    palette.DECILE_COLOURS,
)
_ROBUSTNESS_LAYER: Final = Layer(
    ROBUSTNESS,
    "How sure we are",
    "How sure we are",
    "We worked out the published score again and again with other reasonable choices. High: in the "
    "two highest-risk tenths in at least 9 of 10 recalculations. Low: in the lower-risk half as "
    "often. A wider area has the class most of its people live in.",
    tuple(SURE_WORDS[one] for one in SURE_CLASSES),
    tuple(_SURE_COLOURS[one] for one in SURE_CLASSES),
)
_ESTIMATE_LAYER: Final = Layer(
    ESTIMATE,
    "Modelled: households unlikely to deal with government online",
    "Modelled estimate",
    "Modelled, not counted: per cent of households in March 2021.",
    (
        f"{ESTIMATE_EDGES[0]}% or more",
        *(f"{low}% to under {high}%" for high, low in pairwise(ESTIMATE_EDGES)),
        f"under {ESTIMATE_EDGES[-1]}%",
    ),
    tuple(palette.DECILE_COLOURS[step] for step in _ESTIMATE_STEPS),
)


def layers_of(service: Service) -> tuple[Layer, ...]:
    """Return the layers that an edition has, the index first."""
    extras = extras_of(service.edition)
    found = [INDEX_LAYER]
    if service.default_index in extras.uncertainty:
        found.append(_ROBUSTNESS_LAYER)
    if extras.estimate:
        found.append(_ESTIMATE_LAYER)
    return tuple(found)


def layer_of(service: Service, identity: str) -> Layer:
    """Return a layer of an edition.

    Raises:
        NotFoundError: the edition has none of that id.
    """
    layers = layers_of(service)
    for layer in layers:
        if layer.id == identity:
            return layer
    raise NotFoundError(
        f"layer {identity!r}",
        found="no such layer in this edition",
        expected=f"one of: {', '.join(layer.id for layer in layers)}",
    )


def classes_of(lens: Lens, layer: Layer, kind: AreaKind) -> NDArray[np.uint8]:
    """Return the class of each area of a kind, (n,) in feature order; 0 = no data.

    Raises:
        NotFoundError: the edition has no such level.
    """
    service = lens.engine.service
    atlas = service.edition.atlas
    level = atlas.level(kind)
    if layer.id == INDEX:
        return lens.scores(kind).decile
    extras = extras_of(service.edition)
    if layer.id == ROBUSTNESS:
        return sure_at(atlas, extras.uncertainty[service.default_index], kind)
    if kind not in extras.estimate:
        return np.zeros(len(level), dtype=np.uint8)
    share = extras.estimate[kind].estimate
    steps = 1 + np.searchsorted(-np.array(ESTIMATE_EDGES), -np.nan_to_num(share), side="left")
    return np.where(np.isnan(share), 0, steps).astype(np.uint8)
