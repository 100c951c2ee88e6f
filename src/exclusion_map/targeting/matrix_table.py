"""A risk matrix as columns: a row an area, or a row a cell."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.matrix import Matrix
from exclusion_map.targeting.matrix_cuts import LEVEL_WORDS
from exclusion_map.targeting.matrix_doubt import MatrixDoubt

Columns = dict[str, npt.NDArray[Any] | Sequence[str]]
Rows = npt.NDArray[np.int64]


def area_columns(matrix: Matrix, doubt: MatrixDoubt | None, rows: Rows) -> Columns:
    """Return one row an area, for the rows named, in their order."""
    names = ("", *LEVEL_WORDS[matrix.size])
    at = rows.tolist()
    columns: Columns = {
        "code": [matrix.units.codes[row] for row in at],
        "name": [matrix.units.names[row] for row in at],
        "cell": [_cell(matrix, row) for row in at],
        "likelihood": [names[matrix.likelihood[row]] for row in at],
        "impact": [names[matrix.impact_class[row]] for row in at],
        "score": np.round(matrix.score[rows], 2),
        "group_count": np.round(matrix.group[rows], 2),
        "impact_value": np.round(matrix.value[rows], 2),
        "population": np.round(matrix.people[rows], 1),
        "likelihood_class": _class(matrix.likelihood[rows]),
        "impact_class": _class(matrix.impact_class[rows]),
    }
    if doubt is not None:
        columns |= {
            "likelihood_class_low": _class(doubt.low[rows]),
            "likelihood_class_high": _class(doubt.high[rows]),
            "might_move": ["yes" if moved else "" for moved in doubt.moves[rows].tolist()],
        }
        if doubt.draws:
            columns["chance_of_cell"] = np.round(doubt.stays[rows], 3)
    columns["why_missing"] = [_why(matrix, row) for row in at]
    return columns


def cell_columns(matrix: Matrix, doubt: MatrixDoubt | None) -> Columns:
    """Return one row a cell, highest likelihood first, then highest impact."""
    cells = tuple(reversed(matrix.cells))
    names = LEVEL_WORDS[matrix.size]
    columns: Columns = {
        "cell": [str(one.id) for one in cells],
        "likelihood": [names[one.id.likelihood - 1] for one in cells],
        "impact": [names[one.id.impact - 1] for one in cells],
        "areas": np.array([one.areas for one in cells]),
        "population": np.round([one.people for one in cells], 1),
        "group_count": np.round([one.group for one in cells], 2),
    }
    if doubt is not None:
        ranges = doubt.cell_ranges(matrix)
        columns["areas_sure"] = np.array([ranges[one.id][0] for one in cells])
        columns["areas_possible"] = np.array([ranges[one.id][1] for one in cells])
    return columns


def _cell(matrix: Matrix, row: int) -> str:
    number = int(matrix.cell[row])
    return str(matrix.id_of(number)) if number else ""


def _class(classes: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return np.where(classes > 0, classes, np.nan).astype(np.float64)


def _why(matrix: Matrix, row: int) -> str:
    reasons = []
    if not matrix.likelihood[row]:
        reasons.append("no score")
    if not matrix.impact_class[row]:
        reasons.append(f"no figure for: {matrix.impact.label}")
    return "; ".join(reasons)
