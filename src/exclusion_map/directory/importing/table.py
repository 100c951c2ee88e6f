"""A table as any file gives it: headings, rows of text, and where each row stands in the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        number: of the row in the file as a spreadsheet counts it, from 1; of a GeoJSON file the
            number of the feature.
        cells: text, one for each column of the table; empty where there is nothing.
        spare: cells to the right of the last column, which have no heading.
    """

    number: int
    cells: tuple[str, ...]
    spare: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: of the file.
        columns: headings, each once.
        rows: those below the headings that say anything.
        notes: what was decided in reading, in sentences for people.
        sheet: that was read; empty where the file has none.
        sheets: all there are.
        header_row: number of the row of headings; 0 where the file has none.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 1

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each column stands."""
        return {column: at for at, column in enumerate(self.columns)}

    def values(self, column: str, most: int | None = None) -> list[str]:
        """Return what a column says, without empty cells; at most so many."""
        at = self.position[column]
        said = (row.cells[at] for row in self.rows if row.cells[at])
        return [text for _, text in zip(range(most or len(self.rows)), said, strict=False)]


def table_of(
    name: str,
    columns: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    *,
    notes: Sequence[str] = (),
    sheet: str = "",
    sheets: Sequence[str] = (),
    header_row: int = 1,
) -> Table:
    """Return a table of numbered rows of any length; rows that say nothing are left out."""
    width = len(columns)
    made = []
    for number, cells in rows:
        trimmed = [_trimmed(cell) for cell in cells]
        if not any(trimmed):
            continue
        own, spare = trimmed[:width], [cell for cell in trimmed[width:] if cell]
        made.append(Row(number, (*own, *[""] * (width - len(own))), tuple(spare)))
    return Table(
        name=name,
        columns=tuple(columns),
        rows=tuple(made),
        notes=tuple(notes),
        sheet=sheet,
        sheets=tuple(sheets),
        header_row=header_row,
    )


_GUARDED = ("'=", "'+", "'-", "'@")


def _trimmed(cell: str) -> str:
    # An apostrophe before what a spreadsheet could run is put there by exports, this one's too.
    bare = cell[1:] if cell.startswith(_GUARDED) else cell
    return bare.strip() if "\n" in bare else " ".join(bare.split())
