"""The build step that all others depend on: areas, their names and outlines.

It is a separate module so that outlines and tiles are rebuilt only when it changes.
"""

from exclusion_map.geography.larger import dissolve
from exclusion_map.geography.small_areas import load
from pipelines.steps import Workplace, write_json

LOOKUPS = (
    "ons-lsoa21-boundaries",
    "ons-oa21-lsoa21-msoa21-lookup",
    "hoc-msoa-names",
    "ons-lsoa21-ward24-lookup",
    "ons-lsoa21-icb24-lookup",
    "ons-lad24-region24-lookup",
    "ons-lsoa21-ruc21",
    "mhclg-iod2025",
)
CODE = (
    *(f"geography/{part}.py" for part in ("small_areas", "lookups", "wards", "coverage", "larger")),
    "sources/readers/layers.py",
    "sources/readers/text.py",
    "terms.py",
)
"""Code that affects the geography step: if it changes, tiles and postcodes are rebuilt."""


def geography(place: Workplace) -> None:
    """Small areas, larger areas, output areas, and notes on conflicts resolved."""
    loaded = load(place.raw_dir)
    place.note("dissolving larger areas")
    loaded.small_areas.to_parquet(place.folder / "small.parquet")
    dissolve(loaded.small_areas).to_parquet(place.folder / "larger.parquet")
    loaded.output_areas.to_parquet(place.folder / "output_areas.parquet")
    write_json(place.folder / "notes.json", list(loaded.notes))
