"""Places of support as arrays, and which of them a question means."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.access import Points
from exclusion_map.directory.listing import ACCESSIBILITY
from exclusion_map.directory.selecting import Choice, hours_unknown, open_words, select_places
from exclusion_map.directory.snapshot import Snapshot
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.errors import NotFoundError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

CHOICE = Choice(kinds=("library",))
"""What is looked for unless something else is said: nearly all have computers for the public."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Sites:
    """m places.

    Attributes:
        snapshot: of the directory, or of the published lists.
        points: where they are, NaN where they are not on the map.
        area: (m,) row of the small area, -1 outside the map.
        computers: (m,) for the public; NaN where nobody said.
        hours: (m,) staffed or open a week; NaN where nobody said.
    """

    snapshot: Snapshot
    points: Points
    area: Rows
    computers: Floats
    hours: Floats

    def __len__(self) -> int:
        return len(self.snapshot)

    def name(self, row: int) -> str:
        """Return the name of a place."""
        return self.snapshot.names[row]

    def id(self, row: int) -> str:
        """Return the id of a place."""
        return self.snapshot.ids[row]

    def kind(self, row: int) -> str:
        """Return the key of the kind of a place."""
        return taxonomy(PLACES).term_keys[int(self.snapshot.kind[row])]

    def find(self, identity: str) -> int:
        """Return the row of a place by its id, or by what its source knows it by.

        Raises:
            NotFoundError: there is none.
        """
        row = self.snapshot.row_of.get(identity, self.snapshot.keys.get(identity))
        if row is None:
            raise NotFoundError(
                f"place {identity!r}",
                found="no place of that id",
                expected="one from the directory",
                mend="Search for it at /support.",
            )
        return row

    def at(self, rows: Rows) -> Points:
        """Return where some of them are."""
        return Points(self.points.longitude[rows], self.points.latitude[rows])


def make_sites(
    snapshot: Snapshot,
    position: Mapping[str, int],
    stated: Mapping[str, tuple[float, float]] | None = None,
) -> Sites:
    """Return the places of a snapshot.

    Args:
        snapshot: of the directory.
        position: row of a small area by its code.
        stated: computers and staffed hours a week by id of the place, NaN where nobody said.
    """
    told = stated or {}
    silent = (np.nan, np.nan)
    both = np.array([told.get(one, silent) for one in snapshot.ids], dtype=np.float64)
    both = both.reshape(-1, 2)
    return Sites(
        snapshot=snapshot,
        points=Points(snapshot.longitude, snapshot.latitude),
        area=np.array([position.get(code, -1) for code in snapshot.area_codes], dtype=np.int64),
        computers=both[:, 0],
        hours=np.where(np.isnan(both[:, 1]), open_hours(snapshot), both[:, 1]),
    )


def open_hours(snapshot: Snapshot) -> Floats:
    """Return (places,) hours a week of the service that is open longest; NaN where none is known.

    A place whose hours are known has spans; a day of which nothing is said counts as closed.
    """
    minutes = np.bincount(
        snapshot.span_offer,
        weights=snapshot.closes - snapshot.opens,
        minlength=len(snapshot.offer_ids),
    )
    known = np.zeros(len(snapshot.offer_ids), dtype=np.bool_)
    known[snapshot.span_offer] = True
    found = np.full(len(snapshot), -np.inf)
    np.maximum.at(found, snapshot.place[known], minutes[known] / 60)
    return np.where(np.isfinite(found), found, np.nan)


@dataclass(frozen=True, eq=False)
class Chosen:
    """The places a question means.

    Attributes:
        rows: of ``Sites``, ascending; only those on the map.
        of_kind: rows of the same kinds, whatever else is asked.
        off_map: how many fit but are not on the map.
        hours_unknown: how many would fit but for hours that nobody knows: they do not count.
    """

    rows: Rows
    of_kind: Rows
    off_map: int
    hours_unknown: int


def choose_sites(sites: Sites, choice: Choice) -> Chosen:
    """Return which places fit."""
    rows = select_places(sites.snapshot, choice)
    placed = ~np.isnan(sites.points.longitude[rows])
    return Chosen(
        rows=rows[placed],
        of_kind=select_places(sites.snapshot, Choice(kinds=choice.kinds)),
        off_map=int((~placed).sum()),
        hours_unknown=len(hours_unknown(sites.snapshot, choice)),
    )


def words_of(choice: Choice, *, many: bool = True) -> str:
    """Return what is looked for in words: "libraries", "libraries that are free"."""
    names = [_name(kind, many=many) for kind in choice.kinds]
    kinds = " or ".join(names) or ("places of support" if many else "place of support")
    told = [taxonomy(SUPPORT).term(term).name.lower() for term in choice.support]
    parts = [
        f"with {' and '.join(told)}" if told else "",
        "known to be free" if choice.free else "",
    ]
    if choice.open_at is not None:
        parts.append(f"open on {open_words(choice.open_at)}")
    if choice.language:
        parts.append(f"with help in “{choice.language}”")
    if choice.access:
        parts.append(f"with {' and '.join(ACCESSIBILITY[one].lower() for one in choice.access)}")
    return " ".join([kinds, *filter(None, parts)])


def _name(kind: str, *, many: bool) -> str:
    term = taxonomy(PLACES).term(kind)
    name = (term.plural or term.name) if many else term.name
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
