"""What the page of risk matrices shows: the matrix, its map, the areas to go to, how sure it is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from api.matrix_query import MatrixParams
from api.pages import matrix_picture, words
from api.pages.matrix_form import MatrixPageParams
from api.pages.matrix_layer import GROUPS, QUESTION, layer_id
from exclusion_map.editions.matrix import Matrixed
from exclusion_map.targeting.matrix import Compared
from exclusion_map.targeting.matrix_cuts import LEVEL_WORDS
from exclusion_map.targeting.matrix_doubt import MatrixDoubt
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
        "columns": [words.upper_first(name) for name in LEVEL_WORDS[matrix.size]],
        "areas": [_area(found, row) for row in rows[:SHOWN].tolist()],
        "total": len(rows),
        "more": max(len(rows) - SHOWN, 0),
        "missing": matrix.missing,
        "missing_areas": [_missing(found, row) for row in np.flatnonzero(matrix.cell == 0)[:20]],
        "legend": matrix_picture.legend(found, typed.drawn),
        "kind": _kind(found.kind),
        "hidden": hidden,
        "here": typed.address() if short else "",
        "sure_address": f"{typed.address(**draws)}#sure" if short and draws else "",
        "api": typed.address("/api/v1/matrix", go="", style="", others="") if short else "",
        "wider": len(matrix.units.row) > MOST_DRAWN,
        "draws": SURE_DRAWS,
        "main_map": _main_map(typed, asked, found),
    }


def lead(found: Matrixed) -> str:
    """Return the first sentences."""
    matrix, kind = found.matrix, _kind(found.kind)
    chosen = [matrix.at(cell) for cell in found.cells]
    areas = sum(cell.areas for cell in chosen)
    people = sum(cell.people for cell in chosen)
    group = sum(cell.group for cell in chosen)
    of = int((matrix.cell > 0).sum())
    few = len(found.cells) <= 2
    where = found.cell_words if few else "in the cells ticked below"
    verb = ("has" if areas == 1 else "have") if few else ("is" if areas == 1 else "are")
    if not areas:
        return f"None of {of:,} {kind[1]} of {found.place} {'has' if few else 'is'} {where}."
    unit = "people" if matrix.impact.unit != "households" else "households"
    said = (
        f"Of {of:,} {kind[1]} of {found.place}, {areas:,} {verb} {where}. "
        f"{words.upper_first(words.about(people))} people live there"
    )
    if matrix.impact.id == "residents":
        return f"{said}."
    return f"{said}. {matrix.impact.label}: {words.about(group)} {unit}."


def grid(found: Matrixed, typed: MatrixPageParams) -> list[dict[str, Any]]:
    """Return the matrix as rows of a table, highest likelihood first."""
    matrix = found.matrix
    names = LEVEL_WORDS[matrix.size]
    ranges = {} if found.doubt is None else found.doubt.cell_ranges(matrix)
    rows = []
    for likelihood in range(matrix.size, 0, -1):
        cells = [one for one in matrix.cells if one.id.likelihood == likelihood]
        rows.append(
            {
                "name": words.upper_first(names[likelihood - 1]),
                "span": matrix.likelihood_cuts.span(likelihood),
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
        )
    return rows


def spans(found: Matrixed) -> list[str]:
    """Return what lies in each class of impact, lowest first."""
    matrix = found.matrix
    return [matrix.impact_cuts.span(one, found.places) for one in range(1, matrix.size + 1)]


def _area(found: Matrixed, row: int) -> dict[str, Any]:
    matrix, doubt = found.matrix, found.doubt
    names = LEVEL_WORDS[matrix.size]
    return {
        "code": matrix.units.codes[row],
        "name": matrix.units.names[row],
        "cell": matrix.id_of(int(matrix.cell[row])).words(matrix.size),
        "score": float(matrix.score[row]),
        "group": float(matrix.group[row]),
        "value": float(matrix.value[row]),
        "people": float(matrix.people[row]),
        "sure": "" if doubt is None else _sure(doubt, row, names),
    }


def _sure(doubt: MatrixDoubt, row: int, names: Sequence[str]) -> str:
    """Return which classes of likelihood an area may be in, in words."""
    low, high = (names[int(end[row]) - 1] for end in (doubt.low, doubt.high))
    said = "the same" if low == high else f"{low} to {high}"
    return f"{said} ({_chance(float(doubt.stays[row]))} as here)" if doubt.draws else said


def _chance(share: float) -> str:
    return words.percent(100 * share) if 0 < share < 1 else f"{100 * share:.0f}%"


def _missing(found: Matrixed, row: int) -> tuple[str, str, str]:
    matrix = found.matrix
    why = [] if matrix.likelihood[row] else ["no score"]
    why += [] if matrix.impact_class[row] else ["no figure of the group"]
    return matrix.units.codes[row], matrix.units.names[row], " and ".join(why)


def _kind(kind: AreaKind) -> tuple[str, str]:
    """Return what areas of a kind are called, one and many."""
    return ("area", "areas") if kind is AreaKind.SMALL_AREA else (kind.label, kind.label_plural)


def _main_map(typed: MatrixPageParams, asked: MatrixParams, found: Matrixed) -> str:
    """Return the address of the main map where it has this very matrix as a layer; else empty."""
    plain = asked.question in (QUESTION, replace(QUESTION, compared=Compared.PLACE))
    everywhere = asked.compared is Compared.EVERYWHERE or not asked.within.strip()
    same = plain and everywhere and asked.level is AreaKind.SMALL_AREA
    if not same or typed.own or found.own_weights or asked.group not in GROUPS:
        return ""
    index = f"&index={asked.index}" if asked.index else ""
    return f"/?show={layer_id(asked.group)}{index}"
