"""A risk matrix in words and as a report: its cells, its map, and the areas to go to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exclusion_map.areas import words
from exclusion_map.editions.matrix import Matrixed
from exclusion_map.editions.papers.matrix_drawn import MatrixGrid, matrix_alt, matrix_map
from exclusion_map.editions.papers.paper import MOST_ROWS, Again, Paper, column, paper, table
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.document import Block, Document, Heading, Paragraph, Picture
from exclusion_map.maps.matrix_svg import Style
from exclusion_map.targeting.matrix_cells import Cell
from exclusion_map.targeting.matrix_cuts import LEVEL_WORDS
from exclusion_map.targeting.matrix_doubt import MatrixDoubt
from exclusion_map.terms import AreaKind


def kind_words(kind: AreaKind) -> tuple[str, str]:
    """Return what areas of a kind are called, one and many."""
    return ("area", "areas") if kind is AreaKind.SMALL_AREA else (kind.label, kind.label_plural)


def lead(found: Matrixed, *, ticked: str = "in the cells ticked below") -> str:
    """Return the first sentences; ``ticked`` stands for cells that are too many to name."""
    matrix, kind = found.matrix, kind_words(found.kind)
    chosen = [matrix.at(cell) for cell in found.cells]
    areas = sum(cell.areas for cell in chosen)
    people = sum(cell.people for cell in chosen)
    group = sum(cell.group for cell in chosen)
    of = int((matrix.cell > 0).sum())
    few = len(found.cells) <= 2
    where = found.cell_words if few else ticked
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


def grid_rows(found: Matrixed) -> list[tuple[str, str, list[Cell]]]:
    """Return name, span and cells of each class of likelihood, highest first."""
    matrix = found.matrix
    names = LEVEL_WORDS[matrix.size]
    return [
        (
            words.upper_first(names[likelihood - 1]),
            matrix.likelihood_cuts.span(likelihood),
            [one for one in matrix.cells if one.id.likelihood == likelihood],
        )
        for likelihood in range(matrix.size, 0, -1)
    ]


def column_names(found: Matrixed) -> list[str]:
    """Return the classes of impact, lowest first."""
    return [words.upper_first(name) for name in LEVEL_WORDS[found.matrix.size]]


def spans(found: Matrixed) -> list[str]:
    """Return what lies in each class of impact, lowest first."""
    matrix = found.matrix
    return [matrix.impact_cuts.span(one, found.places) for one in range(1, matrix.size + 1)]


def area_row(found: Matrixed, row: int) -> dict[str, Any]:
    """Return what is told of an area."""
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


def matrix_paper(
    edition: Edition, found: Matrixed, again: Again, style: Style = Style.COLOUR
) -> Document:
    """Return the report of a risk matrix: its cells, its map, its lines, the areas to go to."""
    said = Paper(
        title=found.title,
        lead=lead(found, ticked="in the cells listed below"),
        asked=found.how,
        notes=found.notes,
    )
    blocks = (*_matrix(edition, found, style), *_areas(found))
    return paper(edition.manifest, said, blocks, again)


def _matrix(edition: Edition, found: Matrixed, style: Style) -> Iterator[Block]:
    matrix = found.matrix
    yield Heading("The matrix", key="matrix")
    yield Picture(
        MatrixGrid(found, style),
        alt=f"{found.title}. The same numbers are in the table.",
        caption="Likelihood rises upwards, impact to the right; framed cells are listed below",
    )
    yield table(
        f"{words.upper_first(kind_words(found.kind)[1])} and people by likelihood and impact; "
        "* = listed below",
        [{"name": name, "span": span, "cells": cells} for name, span, cells in grid_rows(found)],
        column("Likelihood", lambda row: f"{row['name']} ({row['span']})"),
        *(
            column(
                f"{name} impact ({span})",
                lambda row, at=at: _cell(found, row["cells"][at]),  # type: ignore[misc]
            )
            for at, (name, span) in enumerate(zip(column_names(found), spans(found), strict=True))
        ),
    )
    if found.doubt is not None:
        of = int((matrix.cell > 0).sum())
        yield Paragraph(
            f"{found.might_move:,} of {of:,} {kind_words(found.kind)[1]} might fall into another "
            "cell if the index were made with other reasonable choices. Numbers after “from” say "
            "how many are in a cell for certain, and how many could be."
        )
    yield Heading("Where it is", key="map")
    yield Picture(
        matrix_map(edition, found, style, keyed=True),
        alt=matrix_alt(found),
        caption="Each area in the colour of its cell"
        if style is Style.COLOUR
        else "The darker, the more likely; the more lines, the more impact",
    )


def _cell(found: Matrixed, cell: Cell) -> str:
    chosen = "*" if cell.id in found.cells else ""
    said = f"{cell.areas:,}{chosen}; {words.count(cell.people)} people"
    if found.doubt is None:
        return said
    low, high = found.doubt.cell_ranges(found.matrix)[cell.id]
    return f"{said}; from {low:,} to {high:,}"


def _areas(found: Matrixed) -> Iterator[Block]:
    matrix, rows = found.matrix, found.rows
    yield Heading("Where to go", key="areas")
    if not len(rows):
        yield Paragraph("No area is in these cells.")
        return
    told: list[Mapping[str, Any]] = [area_row(found, row) for row in rows[:MOST_ROWS].tolist()]
    more = len(rows) - len(told)
    left = f" (the first {MOST_ROWS}; {more:,} more are in the downloads)" if more > 0 else ""
    yield table(
        f"{words.upper_first(found.cell_words)}{left}",
        told,
        column("Where", lambda row: f"{row['name']} ({row['code']})"),
        column("Cell", "cell"),
        column("Score", lambda row: words.decimal(row["score"], 1), number=True),
        column(matrix.impact.label, lambda row: words.count(row["group"]), number=True),
        column("People", lambda row: words.count(row["people"]), number=True),
        *([column("How sure", "sure")] if found.doubt else []),
    )
