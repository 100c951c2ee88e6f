"""Numbers of people and households in an area, and of people in each group."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exclusion_map import catalogue
from exclusion_map.errors import SourceError
from exclusion_map.sources.tables import read_table

RESIDENTS = ("ts001", "Residence type: Total")
# Disclosure control gives each census table a slightly different total: those of tenure and
# household size differ by less than 0.002 % for England and Wales.
HOUSEHOLDS = ("ts045", "Number of cars or vans: Total: All households")


def population(raw_dir: Path, codes: NDArray[np.str_]) -> pd.DataFrame:
    """Return area_code, population (usual residents) and households, in the order of ``codes``.

    On Census Day, 21 March 2021. Households are NaN in areas without a census count.

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
    """Return the result of `population` if every area has a count, since people are weights.

    Raises:
        SourceError: the population of an area is missing (0 is allowed).
    """
    unknown = people.loc[people["population"].isna(), "area_code"]
    if len(unknown):
        table, column = RESIDENTS
        raise SourceError(
            f"census table {table}, column {column!r}",
            found=f"no number for {len(unknown):,} areas of the map, such as {unknown.iloc[0]}",
            expected="one for every area, 0 where nobody lives",
            mend="Fetch the census table and boundaries for the same small areas.",
        )
    return people


def people_by_group(tidy: pd.DataFrame) -> pd.DataFrame:
    """Return the number of people in each group: area_code, then one column per indicator.

    Only indicators that count people are included; NaN where the count is unknown.

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
