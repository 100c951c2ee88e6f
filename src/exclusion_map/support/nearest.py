"""The places of support of an edition, with search by distance, for the web service.

Needs only numpy and pyarrow. All distances are straight lines over the ground, in metres.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from exclusion_map.errors import EditionError
from exclusion_map.support.distance import metres, unit_vectors
from exclusion_map.support.opening_hours import Schedule, from_json
from exclusion_map.terms import SupportKind

_NEEDED = ("id", "kind", "name", "latitude", "longitude", "area_code")
_CHUNK = 512  # points compared with all places at a time: about 50 MB for 11,000 places


@dataclass(frozen=True, slots=True)
class SupportPlace:
    """One place where people can get help; texts the source does not give are None."""

    id: str
    kind: SupportKind
    name: str
    latitude: float
    longitude: float
    area_code: str
    address: str | None = None
    postcode: str | None = None
    phone: str | None = None
    email: str | None = None
    url: str | None = None
    opening_hours: str | None = None
    hours_note: str | None = None
    about: str | None = None
    source: str | None = None
    as_of: str | None = None
    placed_by: str | None = None

    @property
    def schedule(self) -> Schedule | None:
        """The opening hours by day, or None if unknown."""
        return from_json(self.opening_hours)

    def to_dict(self) -> dict[str, object]:
        """Return a dict of plain values, with opening hours as a schedule."""
        return {**asdict(self), "kind": self.kind.value, "opening_hours": self.schedule}


@dataclass(frozen=True, slots=True)
class Near:
    """A place and its straight-line distance in metres."""

    place: SupportPlace
    metres: float


class SupportTable:
    """The places of support of an edition, in memory; search by distance, id and area."""

    def __init__(self, table: pa.Table) -> None:
        lacking = [name for name in _NEEDED if name not in table.column_names]
        if lacking:
            raise EditionError(
                "support table",
                found=f"no column {', '.join(lacking)}",
                expected=f"columns {', '.join(_NEEDED)}",
                mend="Build the edition again.",
            )
        known = [name for name in SupportPlace.__dataclass_fields__ if name in table.column_names]
        # Kept in Arrow form: as Python objects the rows would take several times the memory.
        self._table = table.select(known).combine_chunks()
        # Arrow's own to_numpy would import pandas.
        self.longitude = np.array(table.column("longitude").to_pylist(), dtype=np.float64)
        self.latitude = np.array(table.column("latitude").to_pylist(), dtype=np.float64)
        self._points = unit_vectors(self.longitude, self.latitude)
        number = {kind.value: place for place, kind in enumerate(SupportKind)}
        kinds = self._table.column("kind").to_pylist()
        self._kind = np.array([number[kind] for kind in kinds], dtype=np.intp)
        self._of_kind = {
            kind: np.flatnonzero(self._kind == number[kind.value]) for kind in SupportKind
        }
        self._row_of = {name: row for row, name in enumerate(self._table.column("id").to_pylist())}
        self._in_area: dict[str, list[int]] = {}
        for row, code in enumerate(self._table.column("area_code").to_pylist()):
            self._in_area.setdefault(code, []).append(row)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the table in a Parquet file.

        Raises:
            EditionError: the file is missing, is not Parquet, or lacks a column.
        """
        try:
            # read_table would import pandas, which takes longer than the rest of start-up.
            with pq.ParquetFile(path) as file:
                return cls(file.read())
        except (OSError, pa.ArrowInvalid) as error:
            raise EditionError(
                f"support table {path.name}",
                found=str(error),
                expected="a Parquet file",
                mend="Build the edition again.",
            ) from None

    def __len__(self) -> int:
        return len(self._points)

    @property
    def counts(self) -> dict[SupportKind, int]:
        """Return the number of places of each kind."""
        return {kind: len(rows) for kind, rows in self._of_kind.items()}

    def of_kind(self, kind: SupportKind) -> npt.NDArray[np.intp]:
        """Return the rows (m,) of the places of a kind."""
        return self._of_kind[kind]

    def places(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> list[SupportPlace]:
        """Return the places at these rows, in the same order."""
        wanted = np.asarray(rows, dtype=np.int64)
        # From a buffer: Arrow's array() and to_numpy() would import pandas.
        at = pa.Array.from_buffers(pa.int64(), len(wanted), [None, pa.py_buffer(wanted)])
        taken = self._table.take(at).to_pylist()
        return [SupportPlace(**{**values, "kind": SupportKind(values["kind"])}) for values in taken]

    def get(self, identity: str) -> SupportPlace | None:
        """Return the place with an id, or None."""
        row = self._row_of.get(identity)
        return None if row is None else self.places([row])[0]

    def in_area(
        self, code: str, kinds: Collection[SupportKind] | None = None
    ) -> list[SupportPlace]:
        """Return the places in a small area, sorted by kind and name."""
        return self.in_areas((code,), kinds)

    def in_areas(
        self, codes: Collection[str], kinds: Collection[SupportKind] | None = None
    ) -> list[SupportPlace]:
        """Return the places in any of these small areas, sorted by kind and name."""
        places = self.places([row for code in codes for row in self._in_area.get(code, ())])
        wanted = [place for place in places if kinds is None or place.kind in kinds]
        order = list(SupportKind)
        return sorted(wanted, key=lambda place: (order.index(place.kind), place.name, place.id))

    def counts_by_area(self, codes: Sequence[str]) -> npt.NDArray[np.int32]:
        """Return the number of places of each kind in each small area, shape (areas, kinds)."""
        counts = np.zeros((len(codes), len(SupportKind)), dtype=np.int32)
        for area, code in enumerate(codes):
            rows = self._in_area.get(code)
            if rows:
                counts[area] = np.bincount(self._kind[rows], minlength=len(SupportKind))
        return counts

    def nearest(
        self, longitude: float, latitude: float, kind: SupportKind | None = None, k: int = 1
    ) -> list[Near]:
        """Return the ``k`` nearest places (of a kind), nearest first; ties by row."""
        rows = self._candidates(None if kind is None else (kind,))
        away = self._away(longitude, latitude, rows)
        if k < len(rows):
            # Include all places as near as the k-th, so that ties are resolved by row.
            kth = np.partition(away, k - 1)[k - 1] if k > 0 else -1.0
            keep = away <= kth
            rows, away = rows[keep], away[keep]
        return self._near(rows, away, np.argsort(away, kind="stable")[: max(k, 0)])

    def within(
        self,
        longitude: float,
        latitude: float,
        metres: float,
        kinds: Collection[SupportKind] | None = None,
    ) -> list[Near]:
        """Return the places (of given kinds) within ``metres``, nearest first."""
        rows = self._candidates(kinds)
        away = self._away(longitude, latitude, rows)
        close = np.flatnonzero(away <= metres)
        return self._near(rows, away, close[np.argsort(away[close], kind="stable")])

    def nearest_many(
        self,
        longitude: npt.NDArray[np.float64],
        latitude: npt.NDArray[np.float64],
        kind: SupportKind | None = None,
        k: int = 1,
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Return rows (n, k) int32 and metres (n, k) of the nearest places to each point (n,).

        If there are fewer than ``k`` places, or a point is NaN, rows are -1 and metres NaN.
        """
        rows = self._candidates(None if kind is None else (kind,))
        count = min(k, len(rows))
        found = np.full((len(longitude), k), -1, dtype=np.int32)
        away = np.full((len(longitude), k), np.nan)
        points = unit_vectors(longitude, latitude)
        usable = np.flatnonzero(~np.isnan(points).any(axis=1)) if count else np.empty(0, np.intp)
        for start in range(0, len(usable), _CHUNK):
            chunk = usable[start : start + _CHUNK]
            best = _closest(points[chunk], self._points[rows], count)
            exact = metres(points[chunk, None, :], self._points[rows[best]])
            order = np.argsort(exact, axis=1, kind="stable")
            found[chunk, :count] = np.take_along_axis(rows[best], order, axis=1)
            away[chunk, :count] = np.take_along_axis(exact, order, axis=1)
        return found, away

    def _near(
        self,
        rows: npt.NDArray[np.intp],
        away: npt.NDArray[np.float64],
        order: npt.NDArray[np.intp],
    ) -> list[Near]:
        found = zip(self.places(rows[order]), away[order], strict=True)
        return [Near(place, float(far)) for place, far in found]

    def _candidates(self, kinds: Collection[SupportKind] | None) -> npt.NDArray[np.intp]:
        if kinds is None:
            return np.arange(len(self))
        chosen = [self._of_kind[kind] for kind in SupportKind if kind in kinds]
        return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.intp)

    def _away(
        self, longitude: float, latitude: float, rows: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.float64]:
        here = unit_vectors(np.array([longitude]), np.array([latitude]))
        points = self._points if len(rows) == len(self) else self._points[rows]
        return metres(points, here)


def _closest(
    here: npt.NDArray[np.float64], there: npt.NDArray[np.float64], k: int
) -> npt.NDArray[np.intp]:
    """Return the columns (n, k) of the nearest points in ``there``: the largest dot products."""
    closeness = here @ there.T
    if k == 1:
        return np.asarray(closeness.argmax(axis=1), dtype=np.intp)[:, None]
    best = np.argpartition(-closeness, k - 1, axis=1)[:, :k]
    return np.asarray(np.sort(best, axis=1), dtype=np.intp)
