"""What a list came to: rows that were understood, and those that were not, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Way(StrEnum):
    """What a row of a list turned out to be."""

    POSTCODE = "postcode"
    AREA = "area"
    PRACTICE = "practice"
    NAME = "name"
    SITE = "site"
    OUTLINE = "outline"

    @property
    def label(self) -> str:
        """The words people see, singular."""
        return _LABELS[self][0]

    @property
    def label_plural(self) -> str:
        """The words people see, plural."""
        return _LABELS[self][1]


_LABELS = {
    Way.POSTCODE: ("postcode", "postcodes"),
    Way.AREA: ("area code", "area codes"),
    Way.PRACTICE: ("GP practice", "GP practices"),
    Way.NAME: ("name of an area", "names of areas"),
    Way.SITE: ("site", "sites"),
    Way.OUTLINE: ("outline", "outlines"),
}


@dataclass(frozen=True, slots=True)
class UnmatchedRow:
    """A row that stands for no place of the edition, and why. It is never stored or logged.

    Attributes:
        number: its line in the list, from 1.
        cells: as they came.
        reason: why, in words; the same words for the same reason.
    """

    number: int
    cells: tuple[str, ...] = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class Matching:
    """What a list came to; of the list itself it holds nothing but the rows not understood.

    Attributes:
        rows: with anything in them, the heading left out.
        matched: rows by what they turned out to be.
        unmatched: the others, in their order; in memory only.
        head: of the list, as it came; empty for none.
        blank: rows with nothing in them.
        old: rows with a postcode that is no longer in use.
        mended: rows with a postcode where a letter and a digit were mistaken (O and 0, I and 1).
        repeated: rows that name a place named before.
        notes: what must be said of how rows were understood.
    """

    rows: int
    matched: Mapping[Way, int]
    unmatched: tuple[UnmatchedRow, ...] = field(default=(), repr=False)
    head: tuple[str, ...] = field(default=(), repr=False)
    blank: int = 0
    old: int = 0
    mended: int = 0
    repeated: int = 0
    notes: tuple[str, ...] = ()

    @property
    def reasons(self) -> Mapping[str, int]:
        """How many rows were not understood, by reason, most first."""
        counts: dict[str, int] = {}
        for one in self.unmatched:
            counts[one.reason] = counts.get(one.reason, 0) + 1
        return dict(sorted(counts.items(), key=lambda pair: -pair[1]))

    @property
    def understood(self) -> int:
        """How many rows were understood."""
        return sum(self.matched.values())

    @property
    def personal(self) -> bool:
        """Whether the list may tell of persons: it has postcodes, sites, or rows not understood."""
        told = {Way.POSTCODE, Way.SITE} & set(self.matched)
        return bool(told or self.unmatched)
