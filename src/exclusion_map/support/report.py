"""What became of every row the importers read: counted, never silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exclusion_map.terms import SupportKind

NO_POSTCODE = "no_postcode"
MALFORMED = "malformed_postcode"
UNKNOWN = "unknown_postcode"
NO_LOCATION = "postcode_without_location"

_WHY = {
    NO_POSTCODE: "no postcode",
    MALFORMED: "a postcode that cannot be one",
    UNKNOWN: "a postcode that is in no list",
    NO_LOCATION: "a postcode without a location",
}


@dataclass(frozen=True)
class KindReport:
    """One kind of place. ``read`` is the sum of ``left_out``, all below it, and ``kept``.

    ``left_out`` counts rows by reason, ``closed`` those of them that mean closed. ``not_placed``
    counts places by why they have no position; ``unplaced_postcodes`` lists what they gave, and
    ``mended_postcodes`` those that had I for 1 or O for 0. ``disagree`` lists places whose
    coordinates lie more than 1 km from their postcode (the postcode won), ``bad_hours`` cells that
    are not hours. ``listed`` is false where there was no list: that nothing is kept then says
    nothing of the places there are.
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
        """Return plain values for the manifest, with the kind's name."""
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
        """Return the counts as one sentence for people, or that there is no list."""
        if not self.listed:
            return (
                f"No list of {self.kind.label_plural}: none are on the map, which does not mean "
                "that there are none."
            )
        unplaced = sum(self.not_placed.values())
        return (
            f"{self.kept:,} {self.kind.label_plural} on the map, of {self.read:,} rows read: "
            f"{sum(self.left_out.values()):,} left out ({self.closed:,} closed), "
            f"{self.duplicates:,} listed twice, {self.outside_map:,} outside the map, "
            f"{unplaced:,} could not be placed."
        )

    def sentences(self) -> list[str]:
        """Return all there is to tell people: counts, what could not be placed and why, notes."""
        label = _capital(self.kind.label_plural)
        told = [self.sentence()]
        if self.not_placed:
            reasons = ", ".join(
                f"{count:,} with {_WHY[why]}" for why, count in self.not_placed.items()
            )
            given = ", ".join(dict.fromkeys(self.unplaced_postcodes))
            told.append(
                f"{label} that could not be placed: {reasons}{f' ({given})' if given else ''}."
            )
        return [*told, *(f"{label}: {note}" for note in self.notes)]


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
        """How many places of all kinds are on the map."""
        return sum(report.kept for report in self.kinds)

    def to_dict(self) -> dict[str, object]:
        """Return plain values for the manifest."""
        return {"kept": self.kept, "kinds": [report.to_dict() for report in self.kinds]}

    def sentences(self) -> list[str]:
        """Return what to tell people, kind after kind; see :meth:`KindReport.sentences`."""
        return [sentence for report in self.kinds for sentence in report.sentences()]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
