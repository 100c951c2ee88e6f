"""Places while the database does not answer: chosen by what was read last, told from the lists.

What people added, renamed, moved or took out since the lists were published is in what was read
last, so a place that closed stays away. Corrections of its details are not: those come back with
the database, and pages say so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from exclusion_map.directory.listing import Held, Listing, Offer
from exclusion_map.directory.places import DirectoryPlaces, Places, Where
from exclusion_map.directory.snapshot import Snapshot
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.errors import DatabaseAwayError

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class RememberedPlaces:
    """Places as they were read last; nobody can change them now.

    Attributes:
        snapshot: what was read last.
        listed: returns the places of the published lists; asked when details are wanted.
        stated: computers and staffed hours as they were read last, by id of the place; empty where
            nobody asked for them while the database answered.
    """

    snapshot: Snapshot
    listed: Callable[[], Places]
    stated: dict[str, tuple[float, float]] = field(default_factory=dict)
    editable: bool = False

    @property
    def tag(self) -> str:
        """The generation, apart from that of a database that answers."""
        return f"{self.snapshot.generation}-away"

    def held(self, ids: Sequence[str]) -> list[Held]:
        """Return the details of places as published; of others what is remembered."""
        published = {one.id: one for one in self.listed().held(ids)}
        rows = self.snapshot.row_of
        return [self._told(key, published.get(key)) for key in ids if key in rows]

    def addresses(self, ids: Sequence[str]) -> Mapping[str, Where]:
        """Return the addresses of places as published; others are left out."""
        found = self.listed().addresses(ids)
        return {key: where for key, where in found.items() if key in self.snapshot.row_of}

    def _told(self, identity: str, published: Held | None) -> Held:
        known = self._remembered(identity)
        if published is not None:
            return published.model_copy(
                update={"listing": published.listing.model_copy(update=known)}
            )
        row = self.snapshot.row_of[identity]
        offers = tuple(
            Offer(id=self.snapshot.offer_ids[at], name=self.snapshot.offer_names[at])
            for at in np.flatnonzero(self.snapshot.place == row).tolist()
        )
        return Held(
            id=identity,
            version=1,
            listing=Listing(**known, offers=offers),
            source="",
            source_key=None,
            confirmed_at=None,
            confirmed_by="",
            created_at=_UNKNOWN,
            updated_at=_UNKNOWN,
            deleted_at=None,
        )

    def _remembered(self, identity: str) -> dict[str, Any]:
        held = self.snapshot
        row = held.row_of[identity]
        longitude, latitude = float(held.longitude[row]), float(held.latitude[row])
        placed = not np.isnan(longitude)
        return {
            "name": held.names[row],
            "kind": taxonomy(PLACES).term_keys[int(held.kind[row])],
            "longitude": longitude if placed else None,
            "latitude": latitude if placed else None,
            "area_code": held.area_codes[row] or None,
        }


@dataclass(frozen=True, eq=False)
class SturdyPlaces(DirectoryPlaces):
    """Places of the directory, remembered ones where its database does not answer.

    Attributes:
        instead: the same as they were read last.
    """

    instead: RememberedPlaces = field(kw_only=True)

    def held(self, ids: Sequence[str]) -> list[Held]:
        """Read places from the database, else remember them."""
        try:
            return super().held(ids)
        except DatabaseAwayError:
            return self.instead.held(ids)

    def capacities(self) -> Mapping[str, tuple[float, float]]:
        """Read capacities from the database, else remember them."""
        try:
            found = super().capacities()
        except DatabaseAwayError:
            return self.instead.stated
        self.instead.stated.clear()
        self.instead.stated.update(found)
        return found

    def addresses(self, ids: Sequence[str]) -> Mapping[str, Where]:
        """Read addresses from the database, else remember them."""
        try:
            return super().addresses(ids)
        except DatabaseAwayError:
            return self.instead.addresses(ids)
