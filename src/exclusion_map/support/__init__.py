"""Places of support: libraries, GP practices, pharmacies, jobcentres; search for the nearest."""

from pathlib import Path
from typing import TYPE_CHECKING

from exclusion_map.support.nearest import Near, SupportPlace, SupportTable
from exclusion_map.support.report import KindReport, SupportReport

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from exclusion_map.geography.postcodes import Postcodes

__all__ = [
    "KindReport",
    "Near",
    "SupportPlace",
    "SupportReport",
    "SupportTable",
    "build",
]


def build(
    raw_dir: Path, postcodes: "Postcodes", small_areas: "gpd.GeoDataFrame"
) -> "tuple[pd.DataFrame, SupportReport]":
    """Return the support table (columns of ``record.COLUMNS``) and a report of how it was made.

    Args:
        raw_dir: folder of raw files.
        postcodes: an opened postcode index whose area rows are those of ``small_areas``.
        small_areas: small areas with ``code`` and geometry, EPSG:4326, in feature-id order.

    Raises:
        SourceError: a file is missing or its layout is unknown.
    """
    # Building needs pandas; the web service, which imports this package, does not.
    from exclusion_map.support.assemble import assemble

    return assemble(raw_dir, postcodes, small_areas)
