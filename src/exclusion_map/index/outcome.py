"""Outcomes used to validate an index, and published measures to compare it with.

The Digital Propensity Index (ONS) gives the share of households that answered Census 2021 online,
for areas of 2011. The Digital Exclusion Risk Index (GMCA) also uses areas of 2011. Both are used
only where the area did not change between 2011 and 2021 (change indicator U).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exclusion_map.errors import ContractError
from exclusion_map.index.order import Floats
from exclusion_map.sources import files

if TYPE_CHECKING:
    import pandas as pd

PROPENSITY = ("ons-dpi-census2021", "digitalpropensityindexlsoas.csv")
PUBLISHED_DERI = ("gmca-deri", "deri_nation_level_scores.csv")
VINTAGES = ("ons-lsoa11-lsoa21-lookup", "LSOA11_LSOA21_LAD22_EW_LU.csv")
IMD_SCORE = "Index of Multiple Deprivation (IMD) Score"
DERI_COLUMN = "deri_score_nation"
_DERI_KEY = "lsoa11_or_dz11_code"
DERI_COMPONENTS = (
    "deri_broadband_component_nation",
    "deri_demography_component_nation",
    "deri_deprivation_component_nation",
)


_DERI_SCORES = (*DERI_COMPONENTS, DERI_COLUMN)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Outcome and published measures for n areas of 2021, higher = more risk, NaN where unknown.

    Attributes:
        codes: (n,) area codes.
        unlikely_online: (n,) 100 - Digital Propensity Index, per cent of households.
        measures: name to (n,): ``published_deri`` and, for England, ``published_imd`` (2025).
        unchanged: number of areas that are the same as in 2011.
        notes: what could not be matched, and what was missing.
    """

    codes: NDArray[np.str_]
    unlikely_online: Floats
    measures: dict[str, Floats]
    unchanged: int
    notes: tuple[str, ...]


def is_there(raw_dir: Path) -> bool:
    """Return whether the raw folder holds the files that `read_outcomes` requires."""
    return all(files.find_or_none(raw_dir, *file) for file in (PROPENSITY, VINTAGES))


def read_outcomes(raw_dir: Path, codes: NDArray[np.str_]) -> Outcomes:
    """Return the outcome and the published measures of small areas of 2021.

    Args:
        raw_dir: the raw folder.
        codes: (n,) codes of small areas of 2021.

    Raises:
        SourceMissingError: the Digital Propensity Index or the 2011 to 2021 lookup is missing.
        ContractError: a file repeats an area.
    """
    from exclusion_map.sources import extent, tables  # pandas, which the engine itself does without

    before = _unchanged(raw_dir, codes)
    propensity = _column(files.find(raw_dir, *PROPENSITY), "LSOAcode", "Score")
    outcome = 100 - _on(before, propensity)
    notes = [_unmatched("Digital Propensity Index", propensity, before)]
    measures: dict[str, Floats] = {}
    deri = files.find_or_none(raw_dir, *PUBLISHED_DERI)
    if deri is None:
        notes.append("The published Digital Exclusion Risk Index is not in the raw folder.")
    else:
        measures["published_deri"] = _on(before, _column(deri, _DERI_KEY, DERI_COLUMN))
    deprivation = tables.table_source("iod2025_file7").source
    here = extent.nations_of(str(code) for code in codes)
    if extent.describes(deprivation, here) and tables.is_there("iod2025_file7", raw_dir):
        imd = tables.read_table("iod2025_file7", raw_dir)[IMD_SCORE]
        measures["published_imd"] = imd.reindex(codes).to_numpy(dtype=np.float64)
    return Outcomes(codes, outcome, measures, int(before.notna().sum()), tuple(notes))


def read_published_deri(raw_dir: Path) -> "pd.DataFrame":
    """Return the published DERI and its components: index code of 2011, nation and four scores.

    Raises:
        SourceMissingError: the file is missing.
    """
    from exclusion_map.sources.readers.text import read_csv

    path = files.find(raw_dir, *PUBLISHED_DERI)
    frame = read_csv(path, (_DERI_KEY, "nation"), key=(_DERI_KEY,)).set_index(_DERI_KEY)
    return frame.assign(**{name: _column(path, _DERI_KEY, name) for name in _DERI_SCORES})


def _unchanged(raw_dir: Path, codes: NDArray[np.str_]) -> "pd.Series[str]":
    """Return the 2011 code of each unchanged area, indexed by 2021 code; otherwise missing."""
    from exclusion_map.sources.readers.text import read_csv

    columns = ("LSOA11CD", "LSOA21CD", "CHGIND")
    path = files.find(raw_dir, *VINTAGES)
    lookup = read_csv(path, columns, key=columns[:2], needs_rows=True)
    same = lookup[lookup["CHGIND"] == "U"].set_index("LSOA21CD")["LSOA11CD"]
    if not same.index.is_unique:
        raise ContractError(
            "lookup of 2011 to 2021 areas", found="an unchanged area twice", expected="one to one"
        )
    return same.reindex(codes)


def _column(path: Path, key: str, column: str) -> "pd.Series[float]":
    """Return numbers by area code, NaN where withheld or missing.

    Raises:
        SourceError: a column is missing, an area is repeated, or a cell is not a number.
    """
    from exclusion_map.sources.readers.counts import WITHHELD, CodePattern, to_table
    from exclusion_map.sources.readers.text import read_csv

    frame = read_csv(path, (key, column), key=(key,))
    pattern = CodePattern.ANY_UK
    table = to_table(
        frame, key, path, layout="", pattern=pattern, markers=WITHHELD, allow_empty=True
    )
    return table.values[column]


def _on(before: "pd.Series[str]", series: "pd.Series[float]") -> Floats:
    values = series.reindex(before.to_numpy(dtype=object)).to_numpy()
    return values.astype(np.float64)


def _unmatched(name: str, series: "pd.Series[float]", before: "pd.Series[str]") -> str:
    known = before.dropna()
    have = int(known.isin(series.index).sum())
    return (
        f"{name}: {have:,} of {len(before):,} areas have a figure; {len(before) - len(known):,} "
        f"changed between 2011 and 2021, {len(known) - have:,} are not in this copy of the file."
    )
