"""Values of areas packed into one byte each, as they go to the browser."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from exclusion_map.areas.atlas import Atlas, ScoreSet
from exclusion_map.terms import AreaKind

NO_SCORE = 255
STEPS_A_POINT = 2.5
"""A score of 0 to 100 becomes 0 to 250."""


class Measure(StrEnum):
    """What the byte of an area says."""

    DECILE = "decile"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Packed:
    """The bytes of one measure, as they are and compressed with gzip."""

    plain: bytes
    compressed: bytes


def encode(scores: ScoreSet, measure: Measure) -> bytes:
    """Return one byte an area, in feature order.

    Deciles: 1 = highest-risk tenth, 0 = no data. Scores: times 2.5, rounded; 255 = no data.
    """
    if measure is Measure.DECILE:
        return scores.decile.astype(np.uint8).tobytes()
    steps = np.clip(np.rint(np.nan_to_num(scores.score) * STEPS_A_POINT), 0, NO_SCORE - 1)
    return np.where(np.isnan(scores.score), NO_SCORE, steps).astype(np.uint8).tobytes()


def pack(atlas: Atlas) -> Mapping[tuple[str, AreaKind, Measure], Packed]:
    """Return every measure of every index and kind; some milliseconds for the whole country."""
    packed = {}
    for (index, kind), scores in atlas.scores.items():
        for measure in Measure:
            plain = encode(scores, measure)
            packed[index, kind, measure] = Packed(plain, gzip.compress(plain, 6, mtime=0))
    return packed
