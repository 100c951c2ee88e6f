"""What the page of risk matrices shows: the matrix, its map, the areas to go to, how sure it is."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from api.matrix_query import MatrixParams
from api.pages import matrix_picture
from api.pages.matrix_form import MatrixPageParams
from api.pages.matrix_layer import GROUPS, QUESTION, layer_id
from exclusion_map.editions.matrix import Matrixed
from exclusion_map.editions.papers.matrix import (
    area_row,
    column_names,
    grid_rows,
    kind_words,
    lead,
)
from exclusion_map.targeting.matrix import Compared
from exclusion_map.terms import AreaKind

SHOWN: Final = 200
MOST_DRAWN: Final = 1_500
"""Small areas beyond which the map may show wider ones."""
SURE_DRAWS: Final = 100


def answer(typed: MatrixPageParams, asked: MatrixParams, found: Matrixed) -> dict[str, Any]:
    """Return everything the page says of an answer."""
    matrix = found.matrix
    rows = found.rows
    hidden = {name: text for name, text in typed.filled.items() if name not in ("cells", "go")}
    short = not typed.own
    draws = {} if asked.draws else {"draws": str(SURE_DRAWS)}
    return {
        "found": found,
        "matrix": matrix,
        "lead": lead(found),
        "grid": grid(found, typed),
        "columns": column_names(found),
        "areas": [area_row(found, row) for row in rows[:SHOWN].tolist()],
        "total": len(rows),
        "more": max(len(rows) - SHOWN, 0),
        "missing": matrix.missing,
        "missing_areas": [_missing(found, row) for row in np.flatnonzero(matrix.cell == 0)[:20]],
        "legend": matrix_picture.legend(found, typed.drawn),
        "kind": kind_words(found.kind),
        "hidden": hidden,
        "here": typed.address() if short else "",
        "sure_address": f"{typed.address(**draws)}#sure" if short and draws else "",
        "api": typed.address("/api/v1/matrix", go="", style="", others="") if short else "",
        "wider": len(matrix.units.row) > MOST_DRAWN,
        "draws": SURE_DRAWS,
        "main_map": _main_map(typed, asked, found),
    }


def grid(found: Matrixed, typed: MatrixPageParams) -> list[dict[str, Any]]:
    """Return the matrix as rows of a table, highest likelihood first."""
    matrix = found.matrix
    ranges = {} if found.doubt is None else found.doubt.cell_ranges(matrix)
    return [
        {
            "name": name,
            "span": span,
            "cells": [
                {
                    "id": str(cell.id),
                    "words": cell.id.words(matrix.size),
                    "swatch": matrix_picture.swatch_of(found, cell, typed.drawn),
                    "areas": cell.areas,
                    "people": cell.people,
                    "group": cell.group,
                    "chosen": cell.id in found.cells,
                    "range": ranges.get(cell.id),
                }
                for cell in cells
            ],
        }
        for name, span, cells in grid_rows(found)
    ]


def _missing(found: Matrixed, row: int) -> tuple[str, str, str]:
    matrix = found.matrix
    why = [] if matrix.likelihood[row] else ["no score"]
    why += [] if matrix.impact_class[row] else ["no figure of the group"]
    return matrix.units.codes[row], matrix.units.names[row], " and ".join(why)


def _main_map(typed: MatrixPageParams, asked: MatrixParams, found: Matrixed) -> str:
    """Return the address of the main map where it has this very matrix as a layer; else empty."""
    plain = asked.question in (QUESTION, replace(QUESTION, compared=Compared.PLACE))
    everywhere = asked.compared is Compared.EVERYWHERE or not asked.within.strip()
    same = plain and everywhere and asked.level is AreaKind.SMALL_AREA
    if not same or typed.own or found.own_weights or asked.group not in GROUPS:
        return ""
    index = f"&index={asked.index}" if asked.index else ""
    return f"/?show={layer_id(asked.group)}{index}"
