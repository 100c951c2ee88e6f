"""Tables of an edition in feature order: split by a column, and checked area by area."""

from pathlib import Path

import pyarrow as pa

from exclusion_map.areas.atlas import Level
from exclusion_map.editions.columns import runs, texts
from exclusion_map.errors import EditionError


def split_by(table: pa.Table, name: str, path: Path) -> dict[str, pa.Table]:
    """Return the parts of a table by a column whose equal values stand together.

    Raises:
        EditionError: they do not.
    """
    try:
        return runs(table, name)
    except ValueError:
        raise disordered(path) from None


def check_order(part: pa.Table, level: Level, path: Path) -> None:
    """Make sure that a table has one row for each area of a level, in feature order.

    Raises:
        EditionError: it has not.
    """
    if texts(part, "code") != level.codes:
        raise disordered(path)


def disordered(path: Path) -> EditionError:
    """Return the error of a table whose rows are not in feature order."""
    return EditionError(
        f"edition table {path}",
        found="rows that do not match the areas in feature order",
        expected="one row per area, sorted as in the tables of areas",
        mend="Build the edition again.",
    )
