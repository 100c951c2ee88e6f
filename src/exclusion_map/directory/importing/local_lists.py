"""Published lists of one region that come with the project's sources, as listings."""

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from exclusion_map import catalogue
from exclusion_map.directory.importing.building import build
from exclusion_map.directory.importing.mapping import Mapping
from exclusion_map.directory.importing.placing import Geocoder
from exclusion_map.directory.importing.problems import Built
from exclusion_map.directory.importing.reading import read_table
from exclusion_map.sources.files import find_or_none


@dataclass(frozen=True)
class LocalList:
    """A file of a source of the catalogue, and what its columns mean."""

    kind: str
    file: str
    mapping: Mapping


SOURCE: Final = "trafford-data-lab"
LISTS: Final = (
    LocalList(
        "food_bank",
        "gm_food_banks.geojson",
        Mapping(
            columns={
                "name": ("Name",),
                "description": ("Referral method",),
                "address": ("Address",),
                "postcode": ("Postcode",),
                "latitude": ("latitude",),
                "longitude": ("longitude",),
                "hours": ("Opening times",),
                "url": ("Website",),
                "contact": ("Contact",),
            },
            fixed={
                "kind": "food_bank",
                "service": "Food bank",
                "alert": "From a list of 2018: ring before you go.",
            },
            other_days="closed",
        ),
    ),
    LocalList(
        "post_office",
        "gm_post_offices.geojson",
        Mapping(
            columns={
                "id": ("ID",),
                "city": ("area_name",),
                "latitude": ("latitude",),
                "longitude": ("longitude",),
            },
            fixed={
                "name": "Post office",
                "kind": "post_office",
                "service": "Post office counter",
                "alert": "From a map of 2018, which gives no names, addresses or hours.",
            },
        ),
    ),
)
"""Libraries and jobcentres of the same source are in the national lists."""


def has_local(raw_dir: Path) -> bool:
    """Return whether a file of the lists is there."""
    return any(find_or_none(raw_dir, SOURCE, one.file) is not None for one in LISTS)


def read_local(raw_dir: Path, geocoder: Geocoder) -> Built | None:
    """Return the food banks and post offices of Greater Manchester; None where no file is there.

    They are one city region's: that another place has none listed does not mean it has none.

    Raises:
        ExclusionMapError: a file is damaged or lacks a column.
    """
    vintage = catalogue.source(SOURCE).vintage
    parts: list[tuple[str, Built]] = []
    for one in LISTS:
        path = find_or_none(raw_dir, SOURCE, one.file)
        if path is None:
            continue
        mapping = one.mapping.corrected({}, {"as_of": vintage})
        parts.append((one.kind, build(read_table(path), mapping, geocoder)))
    if not parts:
        return None
    return Built(
        name=SOURCE,
        listings={
            f"{kind}:{key}": listing
            for kind, built in parts
            for key, listing in built.listings.items()
        },
        rejected=tuple(problem for _, built in parts for problem in built.rejected),
        warnings=tuple(problem for _, built in parts for problem in built.warnings),
        not_placed=tuple(problem for _, built in parts for problem in built.not_placed),
        rows=sum(built.rows for _, built in parts),
        rows_of=MappingProxyType({}),
    )
