"""What areas can be coloured by on the map: the index, how sure it is, estimate, patterns."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.pages import bivariate
from api.pages.gap_layer import LAYER_THRESHOLD_M, gap_classes
from api.pages.lens import Lens
from api.pages.matrix_layer import PREFIX, layer_groups, layer_labels, matrix_classes
from api.service import Service
from exclusion_map.areas.hotspots import Pattern
from exclusion_map.editions.extras import (
    SURE_CLASSES,
    Sure,
    UncertaintyTable,
    extras_of,
    majority_at,
    sure_at,
)
from exclusion_map.errors import NotFoundError
from exclusion_map.maps import palette
from exclusion_map.terms import AreaKind, SupportKind

INDEX: Final = "index"
ROBUSTNESS: Final = "robustness"
ESTIMATE: Final = "estimate"
PATTERNS: Final = "patterns"
GAPS: Final = "gaps"

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

PATTERN_CLASSES: Final = (
    Pattern.HIGH_HIGH,
    Pattern.HIGH_LOW,
    Pattern.LOW_HIGH,
    Pattern.LOW_LOW,
    Pattern.NOT_SIGNIFICANT,
    Pattern.ISLAND,
)
"""In the order of the legend: the byte of a class is its place, from 1."""
_PATTERN_COLOURS: Final = {
    # Any two differ by 23 or more (CIE L*a*b*), also with every kind of colour-blindness; clusters
    # are the darkest and a pale blue, exceptions among them orange and blue.
    Pattern.HIGH_HIGH: "#44185a",
    Pattern.HIGH_LOW: "#e0601f",
    Pattern.LOW_HIGH: "#2f6fc0",
    Pattern.LOW_LOW: "#8fd0e8",
    Pattern.NOT_SIGNIFICANT: "#f3efe6",
    Pattern.ISLAND: "#b0a48c",
}


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
    "We worked out the score again and again with other reasonable choices. High: in the "
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
_PATTERNS_LAYER: Final = Layer(
    PATTERNS,
    "Local patterns (clusters)",
    "Local patterns",
    "Whether an area and those that touch it have more, or less, risk than chance would have it. "
    "A wider area has the pattern most of its people live in.",
    tuple(pattern.label for pattern in PATTERN_CLASSES),
    tuple(_PATTERN_COLOURS[pattern] for pattern in PATTERN_CLASSES),
)
_GAPS_LAYER: Final = Layer(
    GAPS,
    "Risk beside the way to a library",
    "Risk and way to a library",
    "Estimated way on foot to the nearest library in our lists: a straight line times 1.3. A wider "
    "area has the class most of its people live in. For other support see Gaps.",
    bivariate.labels(LAYER_THRESHOLD_M),
    bivariate.COLOURS,
)


def _matrix_layer(identity: str, label: str) -> Layer:
    return Layer(
        identity,
        f"Risk beside {label[:1].lower()}{label[1:]}",
        f"Risk and {label[:1].lower()}{label[1:]}",
        "Likelihood is the score, impact how many of them live there; a third of the small areas "
        "is in each class. A wider area has the class most of its people live in. Other groups "
        "and places: see the risk matrix among the tools.",
        layer_labels(),
        bivariate.COLOURS,
    )


DRAWS: Final = 1_000
SEED: Final = 2021
"""As published intervals were made, so that the published settings give the published answer."""


def layers_of(service: Service) -> tuple[Layer, ...]:
    """Return the layers that an edition has, the index first."""
    extras = extras_of(service.edition)
    found = [INDEX_LAYER]
    if service.default_index in extras.uncertainty:
        found.append(_ROBUSTNESS_LAYER)
    if extras.estimate:
        found.append(_ESTIMATE_LAYER)
    if service.default_index in service.edition.patterns:
        found.append(_PATTERNS_LAYER)
    if service.edition.support.counts.get(SupportKind.LIBRARY):
        found.append(_GAPS_LAYER)
    beside = layer_groups(service.edition)
    return (*found, *(_matrix_layer(identity, label) for identity, label in beside.items()))


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
        if not lens.plain:
            return sure_at(atlas, _worked_out(lens), kind)
        return sure_at(atlas, extras.uncertainty[service.default_index], kind)
    if layer.id == PATTERNS:
        place = np.zeros(len(Pattern), dtype=np.uint8)
        place[list(PATTERN_CLASSES)] = np.arange(1, len(PATTERN_CLASSES) + 1)
        pattern = service.edition.patterns[service.default_index].pattern
        return majority_at(atlas, place[pattern], len(PATTERN_CLASSES) + 1, kind)
    if layer.id.startswith(PREFIX):
        small = lens.scores(AreaKind.SMALL_AREA)
        return matrix_classes(service.edition, small, layer.id, kind)
    if layer.id == GAPS:
        return gap_classes(service.edition, lens.scores(AreaKind.SMALL_AREA).decile, kind)
    if kind not in extras.estimate:
        return np.zeros(len(level), dtype=np.uint8)
    share = extras.estimate[kind].estimate
    steps = 1 + np.searchsorted(-np.array(ESTIMATE_EDGES), -np.nan_to_num(share), side="left")
    return np.where(np.isnan(share), 0, steps).astype(np.uint8)


def draws_of(lens: Lens) -> tuple[int, int]:
    """Return how many recalculations stand behind a reader's own settings, and their seed."""
    return min(DRAWS, lens.engine.settings.draws_limit), SEED


def _worked_out(lens: Lens) -> UncertaintyTable:
    """Return the intervals by a reader's own settings; worked out unless they are there."""
    found = lens.engine.uncertainty(lens.question, *draws_of(lens))
    place = {name.value: number for number, name in enumerate(SURE_CLASSES, start=1)}
    return UncertaintyTable(
        rank_low=found.rank_low.astype(np.float64),
        rank_high=found.rank_high.astype(np.float64),
        decile_low=found.decile_low.astype(np.float64),
        decile_high=found.decile_high.astype(np.float64),
        worst_tenth=found.worst_tenth.astype(np.float64),
        sure=np.array([place.get(str(one), 0) for one in found.robustness], dtype=np.uint8),
    )
