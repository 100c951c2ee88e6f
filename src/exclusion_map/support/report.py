"""Account for every row the importers read, so that nothing is dropped silently."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exclusion_map.terms import SupportKind

NO_POSTCODE = "no_postcode"
MALFORMED = "malformed_postcode"
UNKNOWN = "unknown_postcode"
NO_LOCATION = "postcode_without_location"

_WHY = {
    NO_POSTCODE: "no postcode",
    MALFORMED: "an invalid postcode",
    UNKNOWN: "an unknown postcode",
    NO_LOCATION: "a postcode without a location",
}
_SHOWN = 20
"""Unplaced postcodes that a sentence names; the report holds all."""


@dataclass(frozen=True)
class KindReport:
    """Counts for one kind of place. ``read`` equals ``kept`` plus all counts of rows not kept.

    ``left_out`` counts rows by reason, and ``closed`` those whose reason means closed.
    ``not_placed`` counts places without a position by reason; ``unplaced_postcodes`` lists their
    postcodes, and ``mended_postcodes`` those corrected from I to 1 or O to 0. ``disagree`` lists
    places whose coordinates are more than 1 km from their postcode (the postcode is used), and
    ``bad_hours`` cells that are not opening hours. ``listed`` is false if there was no list: a
    count of 0 then does not mean that there are no places.
    """

    kind: SupportKind
    read: int
    left_out: Mapping[str, int]
    closed: int
    duplicates: int
    outside_map: int
    not_placed: Mapping[str, int]
    kept: int
    by_postcode: int
    by_coordinates: int
    near_coast: int
    terminated_postcode: int
    with_hours: int
    unplaced_postcodes: tuple[str, ...] = ()
    mended_postcodes: tuple[str, ...] = ()
    disagree: tuple[str, ...] = ()
    bad_hours: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    listed: bool = True

    def to_dict(self) -> dict[str, object]:
        """Return plain values for the manifest, including the name of the kind."""
        return {
            "kind": self.kind.value,
            "listed": self.listed,
            "read": self.read,
            "left_out": dict(self.left_out),
            "closed": self.closed,
            "duplicates": self.duplicates,
            "outside_map": self.outside_map,
            "not_placed": dict(self.not_placed),
            "kept": self.kept,
            "by_postcode": self.by_postcode,
            "by_coordinates": self.by_coordinates,
            "near_coast": self.near_coast,
            "terminated_postcode": self.terminated_postcode,
            "with_hours": self.with_hours,
            "unplaced_postcodes": list(self.unplaced_postcodes),
            "mended_postcodes": list(self.mended_postcodes),
            "disagree": list(self.disagree),
            "bad_hours": list(self.bad_hours),
            "notes": list(self.notes),
        }

    def sentence(self) -> str:
        """Return the counts as one sentence, or a statement that there is no list."""
        if not self.listed:
            return (
                f"No list of {self.kind.label_plural}: none are on the map, which does not mean "
                "that none exist."
            )
        unplaced = sum(self.not_placed.values())
        return (
            f"{self.kept:,} {self.kind.label_plural} on the map, of {self.read:,} rows read: "
            f"{sum(self.left_out.values()):,} left out ({self.closed:,} closed), "
            f"{self.duplicates:,} listed twice, {self.outside_map:,} outside the map, "
            f"{unplaced:,} could not be placed."
        )

    def sentences(self) -> list[str]:
        """Return sentences for readers: counts, what could not be placed and why, notes."""
        label = _capital(self.kind.label_plural)
        told = [self.sentence()]
        if self.not_placed:
            reasons = ", ".join(
                f"{count:,} with {_WHY[why]}" for why, count in self.not_placed.items()
            )
            given = _some(tuple(dict.fromkeys(self.unplaced_postcodes)))
            told.append(
                f"{label} that could not be placed: {reasons}{f' ({given})' if given else ''}."
            )
        return [*told, *(f"{label}: {note}" for note in self.notes)]


def _some(postcodes: tuple[str, ...]) -> str:
    """Return postcodes as words: with a list of one county, most of a national list is unknown."""
    more = len(postcodes) - _SHOWN
    return ", ".join(postcodes[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


@dataclass(frozen=True)
class SupportReport:
    """The reports of all kinds, in the order of :class:`SupportKind`."""

    kinds: tuple[KindReport, ...]

    def of(self, kind: SupportKind) -> KindReport:
        """Return the report of one kind.

        Raises:
            KeyError: the kind was not imported.
        """
        for report in self.kinds:
            if report.kind is kind:
                return report
        raise KeyError(kind)

    @property
    def kept(self) -> int:
        """Number of places of all kinds on the map."""
        return sum(report.kept for report in self.kinds)

    def to_dict(self) -> dict[str, object]:
        """Return plain values for the manifest."""
        return {"kept": self.kept, "kinds": [report.to_dict() for report in self.kinds]}

    def sentences(self) -> list[str]:
        """Return the sentences of all kinds; see :meth:`KindReport.sentences`."""
        return [sentence for report in self.kinds for sentence in report.sentences()]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
