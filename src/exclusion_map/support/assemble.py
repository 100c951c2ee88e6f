"""Combine the importers' places into one table: remove repeats, geocode, count what is dropped."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from exclusion_map.errors import ContractError
from exclusion_map.geography.postcodes import Postcodes
from exclusion_map.support.geocode import Position, Unplaced, positions
from exclusion_map.support.importers import IMPORTERS
from exclusion_map.support.record import COLUMNS, Imported, RawPlace
from exclusion_map.support.report import KindReport, SupportReport

if TYPE_CHECKING:
    import geopandas as gpd

_FLOATS = ("latitude", "longitude")


@dataclass(frozen=True)
class _Kept:
    place: RawPlace
    at: Position


def assemble(
    raw_dir: Path, postcodes: Postcodes, small_areas: "gpd.GeoDataFrame"
) -> tuple[pd.DataFrame, SupportReport]:
    """Return the support table and the report; see :func:`exclusion_map.support.build`."""
    return combine((read(raw_dir) for read in IMPORTERS.values()), postcodes, small_areas)


def combine(
    imports: Iterable[Imported], postcodes: Postcodes, small_areas: "gpd.GeoDataFrame"
) -> tuple[pd.DataFrame, SupportReport]:
    """Return one table of all imported places, sorted by kind and id, and the report."""
    codes = small_areas["code"].to_numpy(dtype=object)
    polygons = np.asarray(small_areas.geometry.array)
    imports = list(imports)
    unique = [without_repeats(imported.places) for imported in imports]
    found = iter(positions([place for places in unique for place in places], postcodes, polygons))
    frames, reports = [], []
    for imported, places in zip(imports, unique, strict=True):
        kept, report = _report(imported, places, list(islice(found, len(places))))
        frames.append(_frame(imported, kept, codes))
        reports.append(report)
    table = pd.concat(frames, ignore_index=True)
    repeated = table["id"][table["id"].duplicated()]
    if len(repeated):
        raise ContractError(
            "support places",
            found=f"repeated ids: {', '.join(repeated.head(5))}",
            expected="each id once",
            mend="Look for a repeated row in the source.",
        )
    if table.empty and any(imported.places for imported in imports):
        raise ContractError(
            "support places",
            found=f"none on the map, of {sum(len(places) for places in unique):,} that are listed",
            expected="at least one on the map",
            mend="Check the postcodes and boundaries: the lists may be for another country.",
        )
    return table, SupportReport(tuple(reports))


def without_repeats(places: Sequence[RawPlace]) -> list[RawPlace]:
    """Return the places, keeping the first of those with exactly the same name and postcode."""
    unique: dict[tuple[str, str], RawPlace] = {}
    for place in places:
        key = (place.name.casefold(), "".join(place.postcode.split()).upper())
        unique.setdefault(key, place)
    return list(unique.values())


def _report(
    imported: Imported, unique: Sequence[RawPlace], found: Sequence[Position | Unplaced]
) -> tuple[list[_Kept], KindReport]:
    placed = [
        _Kept(place, at)
        for place, at in zip(unique, found, strict=True)
        if isinstance(at, Position)
    ]
    kept = [item for item in placed if item.at.area >= 0]
    again, unplaced = _unplaced(unique, found, kept)
    return kept, KindReport(
        kind=imported.kind,
        read=imported.read,
        left_out={reason: n for reason, n in sorted(imported.left_out.items()) if n},
        closed=sum(imported.left_out[reason] for reason in imported.closed),
        duplicates=len(imported.places) - len(unique) + again,
        outside_map=len(placed) - len(kept),
        not_placed=dict(sorted(Counter(at.reason for at in unplaced).items())),
        kept=len(kept),
        by_postcode=sum(item.at.placed_by == "postcode" for item in kept),
        by_coordinates=sum(item.at.placed_by == "coordinates" for item in kept),
        near_coast=sum(item.at.near_coast for item in kept),
        terminated_postcode=sum(not item.at.live for item in kept),
        with_hours=sum(item.place.hours.schedule is not None for item in kept),
        unplaced_postcodes=tuple(sorted(at.postcode for at in unplaced if at.postcode)),
        mended_postcodes=tuple(
            f"{item.place.key}: {item.place.postcode} to {item.at.postcode}"
            for item in kept
            if item.at.mended
        ),
        disagree=tuple(
            f"{item.place.key}: {item.at.apart_m / 1000:.1f} km from {item.at.postcode}"
            for item in kept
            if item.at.apart_m is not None
        ),
        bad_hours=tuple(
            f"{item.place.key}: {problem}" for item in kept for problem in item.place.hours.problems
        ),
        notes=imported.notes,
        listed=imported.listed,
    )


def _unplaced(
    places: Sequence[RawPlace], found: Sequence[Position | Unplaced], kept: Iterable[_Kept]
) -> tuple[int, list[Unplaced]]:
    """Return how many unplaced places are on the map under a valid postcode, and the others.

    Some registers list an office twice, once with a postcode that does not exist.
    """
    there = {(item.place.name, item.place.address) for item in kept if item.place.address}
    lost = [
        ((place.name, place.address) in there, at)
        for place, at in zip(places, found, strict=True)
        if isinstance(at, Unplaced)
    ]
    return sum(again for again, _ in lost), [at for again, at in lost if not again]


def _frame(
    imported: Imported, kept: Sequence[_Kept], codes: npt.NDArray[np.object_]
) -> pd.DataFrame:
    rows = [
        {
            "id": f"{imported.kind}:{item.place.key}",
            "kind": imported.kind.value,
            "name": item.place.name,
            "address": item.place.address or None,
            "postcode": item.at.postcode or None,
            "latitude": item.at.latitude,
            "longitude": item.at.longitude,
            "phone": item.place.phone or None,
            "email": item.place.email or None,
            "url": item.place.url or None,
            "opening_hours": item.place.hours.to_json(),
            "hours_note": item.place.hours.note or None,
            "about": item.place.about or None,
            "area_code": codes[item.at.area],
            "source": item.place.source,
            "as_of": item.place.as_of or None,
            "placed_by": item.at.placed_by,
        }
        for item in sorted(kept, key=lambda item: item.place.key)
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    text = {column: "string" for column in COLUMNS if column not in _FLOATS}
    return frame.astype(text | dict.fromkeys(_FLOATS, "float64"))
