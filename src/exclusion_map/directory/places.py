"""Where pages get places from: a snapshot to choose by, and the details of those that were chosen.

Two kinds answer alike: the directory in its database, and the lists of an edition where there is no
database. Both know a place by the same id.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import select

from exclusion_map.database import Database
from exclusion_map.directory.builtin import listing_of
from exclusion_map.directory.capacities import read_capacities
from exclusion_map.directory.listing import Held
from exclusion_map.directory.reading import read_listings
from exclusion_map.directory.rows import with_ids
from exclusion_map.directory.selecting import NOW, Choice
from exclusion_map.directory.snapshot import Snapshot
from exclusion_map.directory.snapshot_reading import snapshot_of_rows
from exclusion_map.directory.tables import Address
from exclusion_map.directory.terms import stable_id

__all__ = ["NOW", "Choice", "DirectoryPlaces", "ListedPlaces", "Places", "Row", "Where"]

Row = Mapping[str, Any]
UNNAMED_SOURCE = "edition"
"""Of places whose list has no name."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Where:
    """An address in one line, and its postcode."""

    text: str
    postcode: str


class Places(Protocol):
    """Places that can be chosen and then be told of."""

    @property
    def snapshot(self) -> Snapshot:
        """What places are chosen by."""

    @property
    def tag(self) -> str:
        """Part of addresses that changes whenever a place does."""

    @property
    def editable(self) -> bool:
        """Whether people can correct and confirm places."""

    def held(self, ids: Sequence[str]) -> list[Held]:
        """Return the details of places, in the order of their ids; those gone are left out."""

    def addresses(self, ids: Sequence[str]) -> Mapping[str, Where]:
        """Return the addresses of places by their ids, sooner than all their details."""


@dataclass(frozen=True, eq=False)
class DirectoryPlaces:
    """Places of the directory."""

    database: Database
    snapshot: Snapshot
    editable: bool = True

    @property
    def tag(self) -> str:
        """The generation."""
        return str(self.snapshot.generation)

    def held(self, ids: Sequence[str]) -> list[Held]:
        """Read places from the database."""
        with self.database.reading() as session:
            found = {one.id: one for one in read_listings(session, ids)}
        return [found[identity] for identity in ids if identity in found]

    def capacities(self) -> Mapping[str, tuple[float, float]]:
        """Read computers and staffed hours a week by id of the place; NaN where nobody said."""
        with self.database.reading() as session:
            return read_capacities(session)

    def addresses(self, ids: Sequence[str]) -> Mapping[str, Where]:
        """Read addresses from the database."""
        query = select(
            Address.location_id, Address.address_1, Address.city, Address.postal_code
        ).where(Address.location_id.in_(ids))
        with self.database.reading() as session:
            return {
                identity: Where(joined_address(address, city), postcode)
                for identity, address, city, postcode in session.execute(query)
            }


class ListedPlaces:
    """Places of the published lists of an edition, which nobody can change."""

    editable = False

    def __init__(self, tag: str, rows: Iterable[Row]) -> None:
        """Take rows of an edition's table of support, as :func:`listing_of` does."""
        self.tag = tag
        self._names: tuple[str, ...] = ()
        # A dictionary each would take five times the memory for as long as we run.
        self._cells: dict[str, tuple[Any, ...]] = {}
        for row in rows:
            self._names = self._names or tuple(row)
            self._cells[source_id(row)] = tuple(row[name] for name in self._names)
        self.snapshot = snapshot_of_rows(self._found(self._by_name()))

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield every place's id and row."""
        return self._found(self._cells)

    def held(self, ids: Sequence[str]) -> list[Held]:
        """Make places from the rows."""
        return [self._held(identity, row) for identity, row in self._found(ids)]

    def addresses(self, ids: Sequence[str]) -> Mapping[str, Where]:
        """Take addresses from the rows."""
        return {
            identity: Where(row["address"] or "", row["postcode"] or "")
            for identity, row in self._found(ids)
        }

    def _by_name(self) -> list[str]:
        if not self._cells:
            return []
        at = self._names.index("name")
        names = {key: str(cells[at]).strip().casefold() for key, cells in self._cells.items()}
        return sorted(names, key=lambda key: (names[key], key))

    def _found(self, ids: Iterable[str]) -> Iterator[tuple[str, Row]]:
        for identity in ids:
            if (cells := self._cells.get(identity)) is not None:
                yield identity, dict(zip(self._names, cells, strict=True))

    @staticmethod
    def _held(identity: str, row: Row) -> Held:
        return Held(
            id=identity,
            version=1,
            listing=with_ids(listing_of(row), identity),
            source=row["source"],
            source_key=str(row["id"]),
            confirmed_at=None,
            confirmed_by="",
            created_at=_NEVER,
            updated_at=_NEVER,
            deleted_at=None,
        )


def joined_address(address: str, city: str) -> str:
    """Return an address with its town, unless it names it already."""
    if not city or city.casefold() in address.casefold():
        return address
    return f"{address}, {city}" if address else city


def source_id(row: Row) -> str:
    """Return the id by which a place of an edition's list is known, here and in the directory."""
    return stable_id("location", row["source"], str(row["id"]))
