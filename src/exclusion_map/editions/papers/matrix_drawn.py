"""The map of a risk matrix, and the matrix itself, as pictures."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from exclusion_map.areas import words
from exclusion_map.editions.matrix import Matrixed
from exclusion_map.editions.papers.picture import area_map, around
from exclusion_map.editions.reader import Edition
from exclusion_map.maps.area_map import AreaMap, Key
from exclusion_map.maps.crossed_colours import cell_colours
from exclusion_map.maps.matrix_png import grid_png
from exclusion_map.maps.matrix_svg import Grid, GridCell, Style, grid_svg, lined, map_colours
from exclusion_map.targeting.matrix_cells import Cell
from exclusion_map.targeting.matrix_cuts import LEVEL_WORDS
from exclusion_map.terms import AreaKind


def small_area_cells(edition: Edition, found: Matrixed) -> npt.NDArray[np.uint8]:
    """Return (small areas,) the number of the cell of each, or of the wider area it is in."""
    units = found.matrix.units
    classes = np.zeros(len(edition.atlas.level(AreaKind.SMALL_AREA)), dtype=np.uint8)
    classes[units.row] = found.matrix.cell[units.unit]
    return classes


@dataclass(frozen=True, eq=False)
class MatrixMap:
    """The map of a matrix; in print style its SVG has greys and lines, its PNG colours."""

    drawn: AreaMap
    coloured: AreaMap
    size: int
    style: Style

    @property
    def width(self) -> int:
        """Of the picture."""
        return self.drawn.width

    def svg(self, alt: str, *, inside: bool = True) -> str:
        """Return it as SVG."""
        return lined(self.drawn.svg(alt, inside=inside), self.size, self.style)

    def png(self) -> bytes:
        """Return it as PNG."""
        return self.coloured.png()


def matrix_map(
    edition: Edition, found: Matrixed, style: Style, *, keyed: bool = False
) -> MatrixMap:
    """Return the map of a matrix, each area in the colour of its cell."""
    size = found.matrix.size
    key = [Key(cell_colours(size)[at], _words(found, cell)) for at, cell in _highest_first(found)]
    classes = small_area_cells(edition, found)
    code = around(edition.atlas, found.matrix.units.row)
    coloured = area_map(
        edition,
        code,
        classes,
        cell_colours(size),
        title="" if keyed else found.title,
        key=[*key, Key("", "no data")] if keyed else (),
        columns=3,
    )
    if style is Style.COLOUR:
        return MatrixMap(coloured, coloured, size, style)
    greys = area_map(edition, code, classes, map_colours(size, style), title=found.title)
    return MatrixMap(greys, coloured, size, style)


def _highest_first(found: Matrixed) -> list[tuple[int, Cell]]:
    return list(reversed(list(enumerate(found.matrix.cells))))


def _words(found: Matrixed, cell: Cell) -> str:
    return words.upper_first(cell.id.words(found.matrix.size))


def matrix_alt(found: Matrixed) -> str:
    """Return what the map shows, in words."""
    return f"Map: {found.title}. The table says how many areas are in each cell."


def matrix_grid(found: Matrixed, style: Style) -> Grid:
    """Return the matrix as a picture that is to be drawn, chosen cells framed."""
    matrix = found.matrix
    names = LEVEL_WORDS[matrix.size]
    numbers = range(1, matrix.size + 1)
    return Grid(
        cells=tuple(_written(cell, found.kind) for cell in matrix.cells),
        size=matrix.size,
        style=style,
        axes=("Likelihood: score", f"Impact: {matrix.impact.label}"),
        rows=tuple(words.upper_first(name) for name in names),
        columns=tuple(words.upper_first(name) for name in names),
        spans=(
            tuple(matrix.likelihood_cuts.span(one) for one in numbers),
            tuple(matrix.impact_cuts.span(one, found.places) for one in numbers),
        ),
        chosen=frozenset(matrix.number_of(one) for one in found.cells),
    )


def _written(cell: Cell, kind: AreaKind) -> GridCell:
    one = "area" if kind is AreaKind.SMALL_AREA else kind.label
    many = "areas" if kind is AreaKind.SMALL_AREA else kind.label_plural
    return GridCell(words.plural(cell.areas, one, many), f"{cell.people:,.0f} people")


@dataclass(frozen=True, eq=False)
class MatrixGrid:
    """The matrix as a picture of a report; its PNG is always in colours."""

    found: Matrixed
    style: Style

    @property
    def width(self) -> int:
        """Of the picture."""
        return matrix_grid(self.found, self.style).width

    def svg(self, alt: str) -> str:
        """Return it as SVG."""
        return grid_svg(matrix_grid(self.found, self.style), title=alt, alt=alt)

    def png(self) -> bytes:
        """Return it as PNG."""
        return grid_png(replace(matrix_grid(self.found, self.style), style=Style.COLOUR))
