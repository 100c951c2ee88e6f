"""One row of a table, read field by field; what is wrong is told with its column."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from exclusion_map.directory.importing.fields import DAY, FEATURE, TERM
from exclusion_map.directory.importing.mapping import Mapping
from exclusion_map.directory.importing.problems import Problem
from exclusion_map.directory.importing.table import Row, Table
from exclusion_map.directory.importing.vocabulary import UNKNOWN, yes_or_no
from exclusion_map.support.opening_hours import DAYS

_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")


@dataclass
class Cells:
    """What a row says, by field.

    ``rejected`` collects what keeps the row out, ``warnings`` what is left out of it.
    """

    table: Table
    mapping: Mapping
    row: Row
    name: str = ""
    rejected: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def columns(self, key: str) -> Sequence[str]:
        """Return the columns that fill a field."""
        return self.mapping.columns.get(key, ())

    def column(self, key: str) -> str:
        """Return the first column that fills a field, for messages; the field's key for none."""
        return next(iter(self.columns(key)), key)

    def said(self, key: str) -> Iterator[tuple[str, str]]:
        """Yield column and text of each cell of a field that says something."""
        for column in self.columns(key):
            text = self.row.cells[self.table.position[column]]
            if text and text.casefold() not in UNKNOWN:
                yield column, text

    def text(self, key: str, between: str = " ") -> str:
        """Return the text of a field, of several columns one after another, each once."""
        texts = list(dict.fromkeys(text for _, text in self.said(key)))
        return between.join(texts) or self.mapping.fixed.get(key, "")

    def number(self, key: str, low: float, high: float) -> float | None:
        """Return a number; a row with one that cannot be is rejected."""
        text = self.text(key)
        if not text:
            return None
        try:
            value = float(_GROUPED.sub("", text))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            expected = f"a number from {low:g} to {high:g}"
            self.reject(key, repr(text[:60]), expected, "Correct it, or leave it empty.")
            return None
        return value

    def ticked(self, prefix: str) -> dict[str, bool]:
        """Return which of a group of ticks say yes and which no; the others are not there."""
        found: dict[str, bool] = {}
        for key in (*self.mapping.columns, *self.mapping.fixed):
            if not key.startswith(prefix) or key.removeprefix(prefix) in found:
                continue
            text = self.text(key)
            try:
                answer = yes_or_no(text)
            except ValueError:
                answer = None
                self.warn(key, repr(text[:60]), "yes or no", "Left out.")
            if answer is not None:
                found[key.removeprefix(prefix)] = answer
        return found

    def supports(self) -> dict[str, bool]:
        """Return the ticks of kinds of support."""
        return self.ticked(TERM)

    def features(self) -> list[str]:
        """Return the features of access that are ticked."""
        return [key for key, yes in self.ticked(FEATURE).items() if yes]

    def days(self) -> dict[str, str]:
        """Return the texts of the columns of days, by day; empty where no column is a day's."""
        held = {day: self.text(DAY + day) for day in DAYS if self._has(DAY + day)}
        return held if any(held.values()) else {}

    def _has(self, key: str) -> bool:
        return key in self.mapping.columns or key in self.mapping.fixed

    def reject(self, key: str, found: str, expected: str, mend: str = "") -> None:
        """Note what keeps the row out."""
        column = self.column(key) if key else ""
        self.rejected.append(Problem(self.row.number, column, found, expected, mend, self.name))

    def warn(self, key: str, found: str, expected: str, mend: str = "") -> None:
        """Note what is left out of the row."""
        column = self.column(key) if key else ""
        self.warnings.append(Problem(self.row.number, column, found, expected, mend, self.name))
