"""Values of areas packed into one byte each, as they go to the browser."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from exclusion_map.areas.atlas import Atlas, ScoreSet
from exclusion_map.terms import AreaKind

NO_SCORE = 255
STEPS_A_POINT = 2.5
"""A score of 0 to 100 becomes 0 to 250."""


class Measure(StrEnum):
    """Meaning of the byte of an area."""

    DECILE = "decile"
    SCORE = "score"


UNITS = {
    Measure.DECILE: "decile; 1 = highest-risk tenth of people, 0 = no data",
    Measure.SCORE: "score times 2.5; 250 = highest risk, 255 = no data",
}


class Bits(StrEnum):
    """Number of bits per area."""

    EIGHT = "8"
    FOUR = "4"


@dataclass(frozen=True, slots=True)
class Coded:
    """Bytes as they are and compressed with gzip."""

    plain: bytes
    compressed: bytes

    @classmethod
    def of(cls, plain: bytes) -> Self:
        """Return bytes with their compressed twin."""
        return cls(plain, gzip.compress(plain, 6, mtime=0))


@dataclass(frozen=True, slots=True)
class Packed(Coded):
    """The bytes of one measure; of deciles also two areas to a byte."""

    halved: Coded | None = None


def encode(scores: ScoreSet, measure: Measure) -> bytes:
    """Return one byte an area, in feature order.

    Deciles: 1 = highest-risk tenth, 0 = no data. Scores: times 2.5, rounded; 255 = no data.
    """
    if measure is Measure.DECILE:
        return scores.decile.astype(np.uint8).tobytes()
    steps = np.clip(np.rint(np.nan_to_num(scores.score) * STEPS_A_POINT), 0, NO_SCORE - 1)
    return np.where(np.isnan(scores.score), NO_SCORE, steps).astype(np.uint8).tobytes()


def halve(deciles: NDArray[np.uint8]) -> bytes:
    """Return deciles two to a byte: the area with the even feature id in the upper four bits."""
    padded = deciles if len(deciles) % 2 == 0 else np.append(deciles, np.uint8(0))
    return ((padded[0::2] << 4) | padded[1::2]).tobytes()


def value_headers(
    edition: str,
    index: str,
    kind: AreaKind,
    measure: Measure = Measure.DECILE,
    bits: Bits = Bits.EIGHT,
) -> dict[str, str]:
    """Return the headers that say what the bytes are; docs/reference/values.md explains them."""
    return {
        "exclusion-map-edition": edition,
        "exclusion-map-index": index,
        "exclusion-map-kind": kind.value,
        "exclusion-map-measure": measure.value,
        "exclusion-map-bits": bits.value,
        "exclusion-map-order": "feature-id",
        "exclusion-map-units": UNITS[measure],
    }


def pack(atlas: Atlas) -> Mapping[tuple[str, AreaKind, Measure], Packed]:
    """Return every measure of every index and kind; some milliseconds for the whole country."""
    packed = {}
    for (index, kind), scores in atlas.scores.items():
        for measure in Measure:
            coded = Coded.of(encode(scores, measure))
            halved = Coded.of(halve(scores.decile)) if measure is Measure.DECILE else None
            packed[index, kind, measure] = Packed(coded.plain, coded.compressed, halved)
    return packed
