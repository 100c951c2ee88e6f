"""The map of a risk matrix, its legend in words, and the matrix itself as pictures."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from api.pages import words
from api.pages.share_picture import around
from api.pages.target_picture import picture
from api.targets import Base
from exclusion_map.editions.matrix import Matrixed
from exclusion_map.maps.matrix_svg import (
    GridCell,
    Style,
    grid_svg,
    lined,
    map_colours,
    swatch_svg,
)
from exclusion_map.targeting.matrix_cells import Cell
from exclusion_map.targeting.matrix_cuts import LEVEL_WORDS
from exclusion_map.terms import AreaKind


@dataclass(frozen=True, slots=True)
class LegendLine:
    """A cell of the legend, in words."""

    swatch: Markup
    words: str
    areas: int
    people: float


def small_area_cells(base: Base, found: Matrixed) -> npt.NDArray[np.uint8]:
    """Return (small areas,) the number of the cell of each, or of the wider area it is in."""
    units = found.matrix.units
    small = base.service.edition.atlas.level(AreaKind.SMALL_AREA)
    classes = np.zeros(len(small), dtype=np.uint8)
    classes[units.row] = found.matrix.cell[units.unit]
    return classes


def map_svg(base: Base, found: Matrixed, style: Style) -> str:
    """Return the map as SVG."""
    size = found.matrix.size
    drawn = picture(
        base,
        around(base.service.edition.atlas, found.matrix.units.row),
        small_area_cells(base, found),
        map_colours(size, style),
        (),
        title=found.title,
        alt=f"{found.title}. The table below says how many areas are in each cell.",
    )
    return lined(drawn, size, style)


def matrix_svg(found: Matrixed, style: Style) -> str:
    """Return the matrix as SVG, chosen cells framed."""
    matrix = found.matrix
    names = LEVEL_WORDS[matrix.size]
    numbers = range(1, matrix.size + 1)
    return grid_svg(
        [_written(cell, found.kind) for cell in matrix.cells],
        size=matrix.size,
        style=style,
        axes=("Likelihood: score", f"Impact: {matrix.impact.label}"),
        rows=[words.upper_first(name) for name in names],
        columns=[words.upper_first(name) for name in names],
        spans=(
            [matrix.likelihood_cuts.span(one) for one in numbers],
            [matrix.impact_cuts.span(one, found.places) for one in numbers],
        ),
        title=found.title,
        alt=f"{found.title}. The same numbers are in the table.",
        chosen=[matrix.number_of(one) for one in found.cells],
    )


def _written(cell: Cell, kind: AreaKind) -> GridCell:
    one = "area" if kind is AreaKind.SMALL_AREA else kind.label
    many = "areas" if kind is AreaKind.SMALL_AREA else kind.label_plural
    return GridCell(words.plural(cell.areas, one, many), f"{cell.people:,.0f} people")


def legend(found: Matrixed, style: Style) -> list[LegendLine]:
    """Return every cell in words, highest first."""
    matrix = found.matrix
    return [
        LegendLine(
            swatch_of(found, cell, style),
            words.upper_first(cell.id.words(matrix.size)),
            cell.areas,
            cell.people,
        )
        for cell in reversed(matrix.cells)
    ]


def swatch_of(found: Matrixed, cell: Cell, style: Style) -> Markup:
    """Return the colour of a cell as a small picture."""
    size, number = found.matrix.size, found.matrix.number_of(cell.id)
    return Markup(swatch_svg(size, number, style))  # noqa: S704 - drawn from numbers alone
