"""What is wrong with rows of a file, and what was made of those that are right."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exclusion_map.directory.importing.table import Table
from exclusion_map.directory.listing import Listing


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a row that could not be taken over as it stands.

    Attributes:
        row: its number in the file; 0 for the file as a whole.
        column: heading of the column; empty where the row as a whole is meant.
        found: what stands there.
        expected: what could be read.
        mend: what to do about it, or what was done instead.
        name: of the place, where it is known.
    """

    row: int
    column: str
    found: str
    expected: str
    mend: str = ""
    name: str = ""

    @property
    def message(self) -> str:
        """The whole of it as one line of text."""
        where = f"Row {self.row}" if self.row else "File"
        whose = f" ({self.name})" if self.name else ""
        what = f", column {self.column!r}" if self.column else ""
        text = f"{where}{whose}{what}: found {self.found}; expected {self.expected}."
        return f"{text} {self.mend}" if self.mend else text

    def plain(self) -> dict[str, object]:
        """Return it as JSON's own types."""
        return {
            "row": self.row,
            "name": self.name,
            "column": self.column,
            "found": self.found,
            "expected": self.expected,
            "mend": self.mend,
        }


@dataclass(frozen=True)
class Built:
    """Listings made of a file.

    Attributes:
        name: of the file.
        listings: by the key that the source knows each place by.
        rejected: why rows were left out; at least one for each such row.
        warnings: what was left out of rows that were taken.
        not_placed: why places are listed but are not on the map.
        rows: rows that say anything; ``rows_of`` tells which made which listing.
        rows_of: numbers of the rows behind each key.
        notes: what was decided, in sentences for people.
        table: that was read; None for Open Referral UK.
    """

    name: str
    listings: Mapping[str, Listing]
    rejected: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    not_placed: tuple[Problem, ...] = ()
    rows: int = 0
    rows_of: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    table: Table | None = None

    @property
    def rejected_rows(self) -> int:
        """How many rows were left out."""
        return len({problem.row for problem in self.rejected})
