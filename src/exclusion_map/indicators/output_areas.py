"""Aggregate counts from output areas to small areas, in which they nest exactly."""

from dataclasses import replace

import numpy as np
import pandas as pd

from exclusion_map.errors import GeographyError
from exclusion_map.sources.readers.counts import AREA_CODE, Table

MAX_UNKNOWN_SHARE = 0.01


def to_small_areas(table: Table, lookup: pd.DataFrame) -> tuple[Table, list[str]]:
    """Return a table by small area, and what did not match.

    Args:
        table: counts by output area.
        lookup: output_area, area_code; one row per output area.

    Returns:
        The table of summed counts (ratios are never averaged), and notes.

    Raises:
        GeographyError: the lookup repeats an output area, or lacks more than 1 % of the table's
            output areas, as happens with codes of another census.
    """
    twice = lookup["output_area"].duplicated()
    if twice.any():
        raise GeographyError(
            "lookup of output areas",
            found=f"{lookup['output_area'][twice].iloc[0]} in two rows",
            expected="one small area for each output area",
        )
    joined = table.values.rename_axis("output_area").reset_index()
    joined["output_area"] = joined["output_area"].astype("str")
    pairs = lookup[["output_area", AREA_CODE]].astype("str")
    joined = joined.merge(pairs, on="output_area", how="left", validate="one_to_one")
    unknown = joined[AREA_CODE].isna()
    if unknown.mean() > MAX_UNKNOWN_SHARE:
        raise GeographyError(
            str(table.path),
            found=f"{int(unknown.sum())} of {len(joined)} output areas not in the lookup",
            expected=f"at most {MAX_UNKNOWN_SHARE:.0%}",
            mend="The table may use output areas of 2011: use the 2025 release instead.",
        )
    counts = [column for column in table.values.columns if not column.startswith("%")]
    grouped = joined[~unknown].groupby(AREA_CODE)[counts]
    values = grouped.sum(min_count=1).where(~_any_missing(joined[~unknown], counts), np.nan)
    values.index = pd.Index(values.index.astype("str"), name=AREA_CODE)
    unserved = int((~pairs["output_area"].isin(joined["output_area"])).sum())
    notes = [
        f"{table.path.name}: {len(joined) - int(unknown.sum()):,} output areas added up to "
        f"{len(values):,} small areas; {int(unknown.sum()):,} not in the lookup, "
        f"{unserved:,} of the lookup without a row."
    ]
    return replace(table, values=values, suppressed={}), notes


def _any_missing(joined: pd.DataFrame, counts: list[str]) -> pd.DataFrame:
    """Return a mask of small areas for which the count of an output area is missing."""
    return joined[counts].isna().groupby(joined[AREA_CODE]).any()
