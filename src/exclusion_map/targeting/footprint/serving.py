"""From a list, an outline or sites to the people served by small area."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Level
from exclusion_map.areas.drawn import Addresses
from exclusion_map.areas.rollup_answer import outlined_members
from exclusion_map.areas.rollup_places import Gazetteer
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.targeting.footprint.catchments import FARTHEST, Around
from exclusion_map.targeting.footprint.listing import Listing
from exclusion_map.targeting.footprint.matching import Matching, UnmatchedRow, Way
from exclusion_map.targeting.footprint.places import Understood, understand
from exclusion_map.targeting.footprint.row_cells import (
    BAD_RADIUS,
    COUNT_FAULTS,
    RowsRead,
    read_row_cells,
)
from exclusion_map.targeting.footprint.served import Basis, Served
from exclusion_map.targeting.footprint.told import notes_of
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """What lists are looked up in.

    Attributes:
        gazetteer: areas, postcodes, practices, names.
        read_addresses: where people live; called where it is needed.
    """

    gazetteer: Gazetteer
    read_addresses: Callable[[], Addresses | None]

    @property
    def small(self) -> Level:
        """The small areas."""
        return self.gazetteer.atlas.level(AreaKind.SMALL_AREA)

    @cached_property
    def addresses(self) -> Addresses | None:
        """Postcodes in use; None where there are none."""
        return self.read_addresses()

    @cached_property
    def around(self) -> Around:
        """Where people live around a site."""
        return Around(self.small, self.addresses)

    @cached_property
    def people(self) -> Floats:
        """(n,) who live in each small area."""
        return np.nan_to_num(self.small.population)


def serve(
    ground: Ground,
    listing: Listing,
    *,
    name: str,
    basis: Basis | None = None,
    radius: float | None = None,
) -> Served:
    """Return who is served by the places of a list.

    Args:
        ground: what to look up in.
        listing: the list.
        name: of the programme, in words.
        basis: people of the list, or all residents of its places. If None, people where there is
            a column of counts or all rows are postcodes; else residents.
        radius: of the catchment of each row, in metres; None where rows are no sites, or say it.

    Raises:
        InvalidRequestError: the radius cannot be used.
        NotFoundError: nothing of the list can be understood; reasons are told, and no row.
    """
    if radius is not None and not 0 < radius <= FARTHEST:
        raise InvalidRequestError("radius", found=f"{radius:g} m", expected=BAD_RADIUS)
    read = read_row_cells(listing, radius)
    found = understand(ground.gazetteer, read.texts, read.plain)
    known = np.array([way is not None for way in found.way], dtype=np.bool_)
    if read.sites:
        known |= np.array([not np.isnan(one[0]) for one in read.sites], dtype=np.bool_)
    good = known[read.key]
    good[list(read.wrong)] = False
    if not good.any():
        raise _nothing(listing, read, found)
    ways = _ways(read, found)
    basis = basis or _basis(listing, ways, read, good)
    people = (_counted if basis is Basis.COUNTS else _resident)(ground, read, found, good)
    matching = _matching(listing, read, found, good, ways, basis)
    if basis is Basis.COUNTS:
        matching = replace(matching, notes=(*matching.notes, *_crowded(ground, people)))
    return Served(name=name, people=people, basis=basis, matching=matching)


def _crowded(ground: Ground, people: Floats) -> tuple[str, ...]:
    """Return what must be said where a list has more people than live there.

    Raises:
        InvalidRequestError: it has more people than live in the whole edition.
    """
    counted, residents = float(people.sum()), float(ground.people.sum())
    if counted > residents > 0:
        raise InvalidRequestError(
            "list",
            found=f"{counted:,.0f} people, by its counts",
            expected=f"at most {residents:,.0f}: all who live in the areas of this edition",
            mend="Check that the column of counts holds people, not numbers such as telephone "
            "numbers or dates; name it “count”.",
        )
    more = int((people > ground.people).sum())
    if not more:
        return ()
    where = "1 small area" if more == 1 else f"{more:,} small areas"
    return (
        f"In {where} the list has more people than live there (Census 2021). Check the counts: "
        "they may count visits, people who moved, or the address of an organisation.",
    )


def serve_outline(
    ground: Ground, geojson: Mapping[str, Any], *, name: str, notes: Sequence[str] = ()
) -> Served:
    """Return all who live inside an outline.

    Raises:
        InvalidRequestError: it is no outline, or nobody lives inside.
    """
    members = outlined_members(ground.gazetteer.atlas, geojson, ground.addresses)
    matching = Matching(rows=1, matched={Way.OUTLINE: 1}, notes=(*notes, *members.notes))
    people = ground.people * members.share
    return Served(name=name, people=people, basis=Basis.RESIDENTS, matching=matching)


def _ways(read: RowsRead, found: Understood) -> list[Way | None]:
    """Return what each distinct text is; a place with a catchment is a site."""
    if not read.sites:
        return found.way
    return [
        Way.SITE if not np.isnan(site[0]) or way is Way.POSTCODE else way
        for site, way in zip(read.sites, found.way, strict=True)
    ]


def _basis(
    listing: Listing, ways: Sequence[Way | None], read: RowsRead, good: npt.NDArray[np.bool_]
) -> Basis:
    if listing.columns.count is not None:
        return Basis.COUNTS
    named = {ways[at] for at in np.unique(read.key[good]).tolist()}
    return Basis.COUNTS if named == {Way.POSTCODE} else Basis.RESIDENTS


def _counted(
    ground: Ground, read: RowsRead, found: Understood, good: npt.NDArray[np.bool_]
) -> Floats:
    """Return (n,) people of the list; those of a wider place are spread as its residents are."""
    n = len(ground.small)
    weight = np.bincount(read.key[good], weights=read.count[good], minlength=len(read.texts))
    plain = found.area >= 0 if not read.sites else np.zeros(len(weight), dtype=np.bool_)
    people = np.bincount(found.area[plain], weights=weight[plain], minlength=n).astype(np.float64)
    for at in np.flatnonzero((weight > 0) & ~plain).tolist():
        part = ground.people * _share(ground, read, found, at)
        whole = part.sum()
        people += weight[at] * part / whole if whole > 0 else 0.0
    return people


def _resident(
    ground: Ground, read: RowsRead, found: Understood, good: npt.NDArray[np.bool_]
) -> Floats:
    """Return (n,) all who live in the places of the list, each once.

    A postcode stands for its share of its small area: one part in as many as are in use there.
    """
    n, named = len(ground.small), np.unique(read.key[good])
    share = np.zeros(n)
    if read.sites:
        return ground.people * _reached(ground, read, found, named)
    plain = named[found.area[named] >= 0]
    if len(plain):
        addresses = ground.addresses
        held = np.ones(n) if addresses is None else _held(addresses, n)
        # A postcode that was mistyped in one row and right in another is one postcode.
        once = plain[np.unique(found.row[plain], return_index=True)[1]]
        share += np.bincount(found.area[once], minlength=n) / held
    for at in named.tolist():
        if at in found.rows:
            share[found.rows[at]] = 1.0
    return ground.people * np.minimum(share, 1.0)


def _held(addresses: Addresses, n: int) -> Floats:
    """Return (n,) how many postcodes in use each small area has; at least 1."""
    held = np.bincount(addresses.area[addresses.area >= 0], minlength=n)
    return np.maximum(held, 1).astype(np.float64)


def _reached(ground: Ground, read: RowsRead, found: Understood, named: Ints) -> Floats:
    """Return (n,) the share of each small area within reach of any site."""
    points = [_points(ground, read, found, at) for at in named.tolist() if at not in found.rows]
    inside = np.unique(np.concatenate(points)) if points else np.empty(0, dtype=np.int64)
    share = ground.around.share(inside)
    for at in named.tolist():
        if at in found.rows:
            share[found.rows[at]] = 1.0
    return share


def _points(ground: Ground, read: RowsRead, found: Understood, at: int) -> Ints:
    longitude, latitude, metres = read.sites[at]
    if np.isnan(longitude):
        longitude, latitude = float(found.longitude[at]), float(found.latitude[at])
    if np.isnan(longitude):
        return np.empty(0, dtype=np.int64)
    return ground.around.inside(longitude, latitude, metres)


def _share(ground: Ground, read: RowsRead, found: Understood, at: int) -> Floats:
    """Return (n,) the share of each small area that one place takes in."""
    if at in found.rows:
        share = np.zeros(len(ground.small))
        share[found.rows[at]] = 1.0
        return share
    return ground.around.share(_points(ground, read, found, at))


def _matching(
    listing: Listing,
    read: RowsRead,
    found: Understood,
    good: npt.NDArray[np.bool_],
    ways: Sequence[Way | None],
    basis: Basis,
) -> Matching:
    times = np.bincount(read.key[good], minlength=len(read.texts))
    matched: dict[Way, int] = {}
    for at in np.flatnonzero(times).tolist():
        way = ways[at]
        if way is not None:
            matched[way] = matched.get(way, 0) + int(times[at])
    unmatched = tuple(
        UnmatchedRow(
            int(listing.numbers[row]),
            tuple(listing.rows[row]),
            read.wrong.get(row) or found.reason[int(read.key[row])],
        )
        for row in np.flatnonzero(~good).tolist()
    )
    plain = Matching(
        rows=len(listing),
        matched=matched,
        unmatched=unmatched,
        head=listing.head,
        blank=listing.blank,
        old=int(times[found.old].sum()),
        mended=int(times[found.slipped].sum()),
        repeated=int(times.sum()) - _distinct(read, found, times),
    )
    said = notes_of(plain, listing, basis)
    return Matching(
        **{one: getattr(plain, one) for one in plain.__slots__ if one != "notes"},
        notes=(*listing.notes, *said),
    )


def _distinct(read: RowsRead, found: Understood, times: Ints) -> int:
    """Return how many places were named; a postcode mended is the one it was mended to."""
    if read.sites:
        return int((times > 0).sum())
    rows = found.row[times > 0]
    return int((rows < 0).sum()) + len(np.unique(rows[rows >= 0]))


def _nothing(listing: Listing, read: RowsRead, found: Understood) -> NotFoundError:
    reasons: dict[str, int] = {}
    for row, key in enumerate(read.key.tolist()):
        reason = read.wrong.get(row) or found.reason[key]
        reasons[reason] = reasons.get(reason, 0) + 1
    most = sorted(reasons.items(), key=lambda pair: -pair[1])[:3]
    told = "; ".join(f"{reason} ({count:,} times)" for reason, count in most)
    expected = "whole postcodes, area codes, GP practice codes or exact names of areas"
    mend = "Check the first rows: a heading such as “postcode” says which column to use."
    if most[0][0] in COUNT_FAULTS:
        expected = "counts of people: numbers of 0 or more"
        mend = "Mend the column of counts, or leave it out: then each row counts as one person."
    return NotFoundError(
        "list",
        found=f"none of {len(listing):,} rows can be understood: {told}",
        expected=expected,
        mend=mend,
    )
