"""The map of a risk matrix, its legend in words, and the matrix itself, for pages."""

from dataclasses import dataclass

from markupsafe import Markup

from api.pages import words
from exclusion_map.editions.matrix import Matrixed
from exclusion_map.editions.papers.matrix_drawn import matrix_alt, matrix_grid, matrix_map
from exclusion_map.editions.reader import Edition
from exclusion_map.maps.matrix_svg import Style, grid_svg, swatch_svg
from exclusion_map.targeting.matrix_cells import Cell


@dataclass(frozen=True, slots=True)
class LegendLine:
    """A cell of the legend, in words."""

    swatch: Markup
    words: str
    areas: int
    people: float


def map_svg(edition: Edition, found: Matrixed, style: Style) -> str:
    """Return the map as an SVG file."""
    return matrix_map(edition, found, style).svg(matrix_alt(found), inside=False)


def matrix_svg(found: Matrixed, style: Style) -> str:
    """Return the matrix as SVG, chosen cells framed."""
    alt = f"{found.title}. The same numbers are in the table."
    return grid_svg(matrix_grid(found, style), title=found.title, alt=alt)


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
