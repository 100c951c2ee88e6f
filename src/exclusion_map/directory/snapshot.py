"""The directory as arrays: small, immutable, and quick to filter; details stay in the database.

One row is a place; one offer is a service there. Sets of terms, features and languages are bits of
whole numbers. Hours are spans of minutes since Monday 00:00. None of it says what is unknown: who
filters by hours or cost leaves out places of which neither is known.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from exclusion_map.directory.listing import ACCESSIBILITY
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.support.distance import unit_vectors
from exclusion_map.support.opening_hours import DAYS, Schedule

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Made = TypeVar("Made")

DAY_MINUTES = 24 * 60
COSTS = ("unknown", "free", "charge")
FEATURES = tuple(ACCESSIBILITY)
MOST_LANGUAGES = 64
"""Languages that can be filtered by; the first met are kept."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """Places and offers of the directory at one generation.

    Attributes:
        generation: number of the last change it holds.
        ids: of the places, in the order of their names.
        names: of the places.
        keys: place by what its source knows it by.
        longitude: degrees, NaN where the place is not on the map, shape (places,).
        latitude: degrees, shape (places,).
        kind: position among the kinds of place, shape (places,).
        access: features of accessibility, bit by bit, shape (places,).
        area_codes: small area of each place; empty where not known.
        offer_ids: of the offers, those of a place together.
        offer_names: of the offers.
        place: row of the place of each offer, shape (offers,).
        stated: terms of support that somebody stated, bit by bit, shape (offers,).
        usual: terms that are usual for this kind of place, shape (offers,).
        cost: position in :data:`COSTS`, shape (offers,).
        language: bits by ``languages``, shape (offers,).
        languages: codes in the order of their bits.
        ages: lowest and highest age, NaN for no bound, shape (offers, 2).
        organization: of each offer, position in ``organizations``; -1 for none.
        organizations: ids, in the order first met.
        span_offer: offer of each span of hours, shape (spans,).
        opens: minute of the week, shape (spans,).
        closes: minute of the week, shape (spans,).
    """

    generation: int
    ids: tuple[str, ...]
    names: tuple[str, ...]
    keys: Mapping[str, int]
    longitude: Floats
    latitude: Floats
    kind: npt.NDArray[np.int8]
    access: Bits
    area_codes: tuple[str, ...]
    offer_ids: tuple[str, ...]
    offer_names: tuple[str, ...]
    place: Rows
    stated: Bits
    usual: Bits
    cost: npt.NDArray[np.int8]
    language: Bits
    languages: tuple[str, ...]
    ages: Floats
    organization: Rows
    organizations: tuple[str, ...]
    span_offer: Rows
    opens: npt.NDArray[np.int32]
    closes: npt.NDArray[np.int32]
    _derived: dict[str, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def row_of(self) -> Mapping[str, int]:
        """Row of a place by its id."""
        return self._once("row_of", lambda: {key: row for row, key in enumerate(self.ids)})

    @property
    def offer_of(self) -> Mapping[str, int]:
        """Position of an offer by its id."""
        return self._once("offer_of", lambda: {key: at for at, key in enumerate(self.offer_ids)})

    @property
    def points(self) -> Floats:
        """Places on the unit sphere, shape (places, 3); NaN where not on the map."""
        return self._once("points", lambda: unit_vectors(self.longitude, self.latitude))

    @property
    def placed(self) -> Rows:
        """Rows of the places that are on the map."""
        return self._once("placed", lambda: np.flatnonzero(~np.isnan(self.longitude)))

    @property
    def counts(self) -> dict[str, int]:
        """How many places there are of each kind."""
        keys = taxonomy(PLACES).term_keys
        found = np.bincount(self.kind, minlength=len(keys))
        return dict(zip(keys, found.tolist(), strict=True))

    def placed_of(self, kind: str) -> Rows:
        """Return the rows of the places of a kind that are on the map."""
        number = taxonomy(PLACES).term_keys.index(kind)
        return self._once(f"placed-{kind}", lambda: self.placed[self.kind[self.placed] == number])

    def area_rows(self, position: Mapping[str, int]) -> Rows:
        """Return the row of each place's small area among others, -1 for none, shape (places,).

        Args:
            position: row of a small area by its code; an edition has one for as long as it is open.
        """
        # Held beside the rows, so that no other mapping can come to have its identity.
        held = self._once(
            f"areas-{id(position)}",
            lambda: (
                position,
                np.array([position.get(code, -1) for code in self.area_codes], dtype=np.int64),
            ),
        )
        rows: Rows = held[1]
        return rows

    def in_areas(self, codes: Collection[str]) -> Rows:
        """Return the rows of the places that lie in small areas."""
        by_area = self._once("by_area", lambda: _grouped(self.area_codes))
        found = [row for code in codes for row in by_area.get(code, ())]
        return np.sort(np.array(found, dtype=np.int64))

    def _once(self, name: str, make: Callable[[], Made]) -> Made:
        if name not in self._derived:
            self._derived[name] = make()
        made: Made = self._derived[name]
        return made


def _grouped(codes: Sequence[str]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for row, code in enumerate(codes):
        if code:
            grouped.setdefault(code, []).append(row)
    return grouped


def bits_of(keys: Iterable[str], known: Sequence[str]) -> int:
    """Return keys as bits of a whole number, by their position among the known ones."""
    return sum(1 << known.index(key) for key in set(keys) if key in known)


def keys_of(bits: int, known: Sequence[str]) -> tuple[str, ...]:
    """Return the known keys whose bits are set."""
    return tuple(key for at, key in enumerate(known) if bits >> at & 1)


def spans_of(schedule: Schedule | None) -> list[tuple[int, int]]:
    """Return the spans of a week in minutes since Monday 00:00."""
    return [
        (week_minute(day, opens), week_minute(day, closes))
        for day, spans in (schedule or {}).items()
        for opens, closes in spans
    ]


def week_minute(day: str, time: str) -> int:
    """Return the minute of the week of ``"mon"`` and ``"09:30"``."""
    return DAYS.index(day) * DAY_MINUTES + int(time[:2]) * 60 + int(time[3:5])


class SnapshotMaker:
    """Takes places and their offers one after another, in the order of names."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._names: list[str] = []
        self._keys: dict[str, int] = {}
        self._places: list[tuple[float, float, int, int]] = []
        self._areas: list[str] = []
        self._offer_ids: list[str] = []
        self._offer_names: list[str] = []
        self._offers: list[tuple[int, int, int, int, int, int]] = []
        self._ages: list[tuple[float, float]] = []
        self._spans: list[tuple[int, int, int]] = []
        self._languages: dict[str, int] = {}
        self._organizations: dict[str, int] = {}
        self._shared: dict[str, str] = {}

    def place(
        self,
        identity: str,
        name: str,
        *,
        kind: str,
        longitude: float | None,
        latitude: float | None,
        area_code: str | None,
        accessibility: Iterable[str],
        source_key: str | None,
    ) -> None:
        """Take the next place."""
        row = len(self._ids)
        self._ids.append(identity)
        self._names.append(name)
        if source_key:
            self._keys[source_key] = row
        at = (np.nan, np.nan) if longitude is None or latitude is None else (longitude, latitude)
        kinds = taxonomy(PLACES).term_keys
        self._places.append((*at, kinds.index(kind), bits_of(accessibility, FEATURES)))
        code = area_code or ""
        self._areas.append(self._shared.setdefault(code, code))

    def offer(
        self,
        identity: str,
        name: str,
        *,
        support: Mapping[str, str],
        cost: str,
        languages: Iterable[str],
        ages: tuple[int | None, int | None],
        spans: Iterable[tuple[int, int]],
        organization: str | None,
    ) -> None:
        """Take the next offer of the last place."""
        terms = taxonomy(SUPPORT).term_keys
        stated = bits_of((key for key, how in support.items() if how != "usual"), terms)
        usual = bits_of((key for key, how in support.items() if how == "usual"), terms)
        owner = -1
        if organization:
            owner = self._organizations.setdefault(organization, len(self._organizations))
        spoken = 0
        for code in languages:
            at = self._languages.setdefault(code, len(self._languages))
            spoken |= 1 << at if at < MOST_LANGUAGES else 0
        number = len(self._offer_ids)
        self._offer_ids.append(identity)
        self._offer_names.append(self._shared.setdefault(name, name))
        self._offers.append((len(self._ids) - 1, stated, usual, COSTS.index(cost), spoken, owner))
        low, high = ages
        self._ages.append((np.nan if low is None else low, np.nan if high is None else high))
        self._spans.extend((number, opens, closes) for opens, closes in spans)

    def done(self, generation: int) -> Snapshot:
        """Return the snapshot."""
        places = list(zip(*self._places, strict=True)) or [()] * 4
        offers = list(zip(*self._offers, strict=True)) or [()] * 6
        spans = np.array(self._spans, dtype=np.int64).reshape(-1, 3)
        return Snapshot(
            generation=generation,
            ids=tuple(self._ids),
            names=tuple(self._names),
            keys=self._keys,
            longitude=np.array(places[0], dtype=np.float64),
            latitude=np.array(places[1], dtype=np.float64),
            kind=np.array(places[2], dtype=np.int8),
            access=np.array(places[3], dtype=np.uint64),
            area_codes=tuple(self._areas),
            offer_ids=tuple(self._offer_ids),
            offer_names=tuple(self._offer_names),
            place=np.array(offers[0], dtype=np.int64),
            stated=np.array(offers[1], dtype=np.uint64),
            usual=np.array(offers[2], dtype=np.uint64),
            cost=np.array(offers[3], dtype=np.int8),
            language=np.array(offers[4], dtype=np.uint64),
            languages=tuple(self._languages)[:MOST_LANGUAGES],
            ages=np.array(self._ages, dtype=np.float64).reshape(-1, 2),
            organization=np.array(offers[5], dtype=np.int64),
            organizations=tuple(self._organizations),
            span_offer=spans[:, 0].copy(),
            opens=spans[:, 1].astype(np.int32),
            closes=spans[:, 2].astype(np.int32),
        )
