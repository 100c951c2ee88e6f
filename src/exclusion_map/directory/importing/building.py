"""From a table and its mapping to listings, each by a key that stays the same next time."""

from collections import Counter
from dataclasses import dataclass, field

from exclusion_map.directory.importing.cells import Cells
from exclusion_map.directory.importing.mapping import Mapping
from exclusion_map.directory.importing.placing import Geocoder, Where, place
from exclusion_map.directory.importing.problems import Built, Problem
from exclusion_map.directory.importing.rows_read import closed_for_good, listing_of, where_of
from exclusion_map.directory.importing.table import Row, Table
from exclusion_map.directory.importing.tidying import fit
from exclusion_map.directory.listing import Listing
from exclusion_map.support import tidy

KEY = 200
"""As many letters as the directory keeps of a key."""


@dataclass
class _Making:
    """What is made of the rows so far."""

    listings: dict[str, Listing] = field(default_factory=dict)
    wheres: dict[str, Where] = field(default_factory=dict)
    rows_of: dict[str, tuple[int, ...]] = field(default_factory=dict)
    rejected: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    closed: int = 0


def build(table: Table, mapping: Mapping, geocoder: Geocoder) -> Built:
    """Return the listings of a table.

    Args:
        table: as :func:`read_table` gives it.
        mapping: which columns fill which fields.
        geocoder: what places are put on the map with.

    A place is known by its id in the list; without a column of ids by its name and postcode (or
    address), so that the same row makes the same listing next time. Rows of one place that name
    different services make one listing with these services; other rows with a key that came before
    are rejected.

    Raises:
        InvalidRequestError: the mapping does not fit the table.
    """
    mapping.check(table)
    making = _Making()
    for row in table.rows:
        _take(row, table, mapping, making)
    spots = place([making.wheres[key] for key in making.listings], geocoder)
    placed = {
        key: spot.put(listing)
        for (key, listing), spot in zip(making.listings.items(), spots, strict=True)
    }
    warnings = [*making.warnings, *(told for spot in spots for told in spot.warnings)]
    return Built(
        name=table.name,
        listings=placed,
        rejected=tuple(sorted(making.rejected, key=lambda one: one.row)),
        warnings=tuple(sorted(warnings, key=lambda one: one.row)),
        not_placed=tuple(spot.not_placed for spot in spots if spot.not_placed is not None),
        rows=len(table),
        rows_of=making.rows_of,
        notes=(*table.notes, *_notes(table, mapping, making)),
        table=table,
    )


def _take(row: Row, table: Table, mapping: Mapping, making: _Making) -> None:
    cells = Cells(table, mapping, row)
    if row.spare:
        found = f"{row.spare[0][:40]!r} to the right of the last column"
        cells.reject("", found, f"{len(table.columns)} cells", "Put text with commas into quotes.")
        making.rejected += cells.rejected
        return
    if closed_for_good(cells):
        making.closed += 1
        return
    listing = listing_of(cells)
    if listing is None or cells.rejected:
        making.rejected += cells.rejected
        return
    listing, told = fit(listing, row.number)
    where = where_of(cells)
    key = _key(cells, listing, where)
    if key in making.listings:
        listing = _joined(cells, making.listings[key], listing, making.rows_of[key]) or listing
        if cells.rejected:
            making.rejected += cells.rejected
            return
    making.warnings += [*cells.warnings, *told]
    making.listings[key] = listing
    making.wheres.setdefault(key, where)
    making.rows_of[key] = (*making.rows_of.get(key, ()), row.number)


def _key(cells: Cells, listing: Listing, where: Where) -> str:
    given = cells.text("id")
    if given:
        return given[:KEY]
    there = "".join(where.postcode.split()).upper() or tidy.slug(listing.address)
    return f"{tidy.slug(listing.name)}:{there}"[:KEY]


def _joined(cells: Cells, held: Listing, more: Listing, rows: tuple[int, ...]) -> Listing | None:
    """Return a listing with the service of one more row; None where the row only repeats."""
    same = held.name.casefold() == more.name.casefold()
    names = {offer.name.casefold() for offer in held.offers}
    new = more.offers[0]
    if not cells.text("service") or not same or new.name.casefold() in names:
        given = cells.text("id")
        found = f"the key of row {rows[0]} again ({given})" if given else f"row {rows[0]} again"
        expected = "each place once, or each of its services"
        mend = "Take one out, or give them different ids."
        cells.reject("id" if given else "name", found, expected, mend)
        return None
    offers = [
        offer if offer.id else offer.model_copy(update={"id": _offer_key(offer.name)})
        for offer in (*held.offers, new)
    ]
    return held.model_copy(update={"offers": tuple(offers)})


def _offer_key(name: str) -> str:
    """Return what tells a service from the others at its place, until it is loaded."""
    return tidy.slug(name) or name


def _notes(table: Table, mapping: Mapping, making: _Making) -> list[str]:
    used = {column for columns in mapping.columns.values() for column in columns}
    idle = [column for column in table.columns if column not in used and table.values(column, 1)]
    notes = []
    if idle:
        notes.append(f"Columns that were left out: {', '.join(repr(one) for one in idle)}.")
    if making.closed:
        one = making.closed == 1
        what = "row of a place that is closed was" if one else "rows of places that are closed were"
        notes.append(f"{making.closed:,} {what} left out.")
    days = Counter(
        len(offer.schedule) < 7
        for listing in making.listings.values()
        for offer in listing.offers
        if offer.schedule is not None
    )
    if days[True] and mapping.other_days == "unknown":
        notes.append(
            f"With hours on some days and nothing about the others: {days[True]:,}. Those days are "
            "not known. If they are closed, say so for days without hours (in a mapping: "
            'other_days = "closed").'
        )
    return notes
