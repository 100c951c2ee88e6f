"""Layers of the map that show risk beside the people of a group: a matrix of all small areas."""

from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.editions.extras import majority_at
from exclusion_map.editions.matrix import made_of
from exclusion_map.editions.reader import Edition
from exclusion_map.targeting.matrix import Compared, MatrixQuestion
from exclusion_map.targeting.matrix_cells import CellId
from exclusion_map.targeting.matrix_impact import groups_of, impact_of
from exclusion_map.terms import AreaKind

PREFIX: Final = "with-"
GROUPS: Final = ("aged_75_plus", "disabled", "limited_english")
QUESTION: Final = MatrixQuestion(compared=Compared.EVERYWHERE)
Bytes = npt.NDArray[np.uint8]


def layer_id(group: str) -> str:
    """Return the id of the layer of a group."""
    return f"{PREFIX}{group}"


def layer_groups(edition: Edition) -> dict[str, str]:
    """Return the groups that have a layer, in words, by id of the layer."""
    told = {one.id: one.label for one in groups_of(edition.atlas, edition.manifest.indicators)}
    return {layer_id(group): told[group] for group in GROUPS if group in told}


def layer_labels() -> tuple[str, ...]:
    """Return the nine cells in words, highest of both first, as the bytes of the layer count."""
    size = QUESTION.size
    ids = [CellId(up, right) for up in range(size, 0, -1) for right in range(size, 0, -1)]
    return tuple(one.words(size).capitalize() for one in ids)


def matrix_classes(edition: Edition, scores: ScoreSet, layer: str, kind: AreaKind) -> Bytes:
    """Return the class of each area of a kind, from 1, the highest of both; 0 = no data.

    A wider area has the cell in which most of its people live.

    Args:
        edition: open.
        scores: of the small areas.
        layer: id of the layer.
        kind: of the areas.
    """
    group = layer.removeprefix(PREFIX)
    impact = impact_of(edition.atlas, edition.manifest.indicators, group)
    made = made_of(edition, scores, impact, QUESTION, AreaKind.SMALL_AREA)
    of_rows = np.zeros(len(edition.atlas.level(AreaKind.SMALL_AREA)), dtype=np.uint8)
    count = QUESTION.size**2
    of_rows[made.units.row] = np.where(made.cell > 0, count + 1 - made.cell, 0)[made.units.unit]
    return majority_at(edition.atlas, of_rows, count + 1, kind)
