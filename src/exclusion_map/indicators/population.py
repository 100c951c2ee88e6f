"""How many people and households an area has, and how many people of each group."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exclusion_map import catalogue
from exclusion_map.errors import SourceError
from exclusion_map.sources.tables import read_table

RESIDENTS = ("ts001", "Residence type: Total")
# Each census table has a total of its own, altered a little; tenure and household size differ by
# under 0.002 % over England and Wales.
HOUSEHOLDS = ("ts045", "Number of cars or vans: Total: All households")


def population(raw_dir: Path, codes: NDArray[np.str_]) -> pd.DataFrame:
    """Return area_code, population (usual residents) and households, in the order of ``codes``.

    Census Day, 21 March 2021. Households of an area that the census does not
    have are NaN.

    Raises:
        SourceMissingError: a census file is not in the raw folder.
        SourceError: a census file is not in a layout its reader knows.
    """
    areas = pd.Index(codes).astype("str")
    frame = pd.DataFrame({"area_code": pd.array(areas.to_numpy(dtype=object), dtype="string")})
    for name, (table, column) in (("population", RESIDENTS), ("households", HOUSEHOLDS)):
        frame[name] = read_table(table, raw_dir)[column].reindex(areas).to_numpy(dtype=np.float64)
    return frame


def everywhere(people: pd.DataFrame) -> pd.DataFrame:
    """Return what `population` gave, if it has the people of every area: an index weighs by them.

    Raises:
        SourceError: an area has none, not even 0.
    """
    unknown = people.loc[people["population"].isna(), "area_code"]
    if len(unknown):
        table, column = RESIDENTS
        raise SourceError(
            f"census table {table}, column {column!r}",
            found=f"no number for {len(unknown):,} areas of the map, such as {unknown.iloc[0]}",
            expected="one for every area, 0 where nobody lives",
            mend="Fetch the census table and the boundaries of the same small areas.",
        )
    return people


def people_by_group(tidy: pd.DataFrame) -> pd.DataFrame:
    """Return how many people of each group an area has: area_code, then one column an indicator.

    Only indicators that count people are taken; NaN where the count is not known.

    Args:
        tidy: the tidy table of indicators, for areas of any kind.
    """
    known = catalogue.indicators()
    present = tidy["indicator"].unique()
    groups = [one for one in present if one in known and known[one].people == "people"]
    counts = tidy[tidy["indicator"].isin(groups)]
    result = pd.DataFrame({"area_code": tidy["area_code"].drop_duplicates().to_numpy()})
    for group in groups:
        column = counts.loc[counts["indicator"] == group, ["area_code", "numerator"]]
        result = result.merge(
            column.rename(columns={"numerator": group}),
            on="area_code",
            how="left",
            validate="one_to_one",
        )
    return result
