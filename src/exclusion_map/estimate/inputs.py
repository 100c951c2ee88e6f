"""Inputs of the model for each small area: census shares, area classes and connections."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from exclusion_map.index.order import Floats
from exclusion_map.index.outcome import VINTAGES
from exclusion_map.sources import files, tables
from exclusion_map.sources.readers.text import read_csv

INTERNET_USERS = ("cdrc-iuc2018", "iuc2018.csv")
CONNECTIONS = ("broadband_deficit", "digital_connectivity")
"""Indicators of connections in order of preference: the first with any value is used."""

RESIDENTS = ("ts001", "Residence type: Lives in a household")
UNKNOWN = "unknown"
KEPT = ("U", "S", "M")
"""Changes from 2011 to 2021 for which classes carry over: unchanged, split, merged."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Inputs of n areas.

    Attributes:
        names: of p shares, such as ``ts038: Disability: ...``.
        shares: (n, p) per cent of the total of each census table, without gaps.
        classes: for each classification, the class of each area (n,); never missing.
        connections: (n,) an indicator of connections, NaN where missing.
        residents: (n,) people who live in households, NaN where unknown.
        notes: what was missing, and how it was handled.
    """

    names: tuple[str, ...]
    shares: Floats
    classes: Mapping[str, np.ndarray]
    connections: Floats
    residents: Floats
    notes: tuple[str, ...]


def census_tables(raw_dir: Path) -> tuple[str, ...]:
    """Return the census tables of the registry that the raw folder holds."""
    return tuple(
        name
        for name, spec in tables.TABLES.items()
        if spec.source == tables.CENSUS and tables.is_there(name, raw_dir)
    )


def read_inputs(raw_dir: Path, small: pd.DataFrame, tidy: pd.DataFrame) -> Inputs:
    """Return the inputs of small areas.

    Args:
        raw_dir: the raw folder; missing inputs are left out and noted.
        small: code, nation; optionally region, rural_urban, population.
        tidy: the tidy table of indicators, for connections.

    Raises:
        SourceError: the layout of a file is unknown.
    """
    codes = pd.Index(small["code"].astype("str"))
    notes: list[str] = []
    names: list[str] = []
    columns: list[Floats] = []
    residents = _column(small, "population")
    for table in census_tables(raw_dir):
        counts = tables.read_table(table, raw_dir).reindex(codes)
        names.extend(f"{table}: {column}" for column in counts.columns[1:])
        columns.append(_shares(counts.to_numpy(dtype=np.float64), table, notes))
        if table == RESIDENTS[0]:
            residents = counts[RESIDENTS[1]].to_numpy(dtype=np.float64)
    return Inputs(
        names=tuple(names),
        shares=np.hstack(columns) if columns else np.empty((len(codes), 0)),
        classes=_classes(raw_dir, small, codes, notes),
        connections=_connections(tidy, codes, notes),
        residents=residents,
        notes=tuple(notes),
    )


def _shares(counts: Floats, table: str, notes: list[str]) -> Floats:
    """Return (n, k - 1) the columns after the first as percentages of the first, gaps filled.

    Gaps are filled with the median, so that every area can have an estimate; this is noted.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = 100 * counts[:, 1:] / counts[:, :1]
    gaps = ~np.isfinite(shares)
    if gaps.any():
        middle = np.nanmedian(np.where(gaps, np.nan, shares), axis=0)
        shares = np.where(gaps, middle, shares)
        notes.append(f"{table}: {int(gaps.any(axis=1).sum()):,} areas without a figure: median.")
    return shares


def region_of(small: pd.DataFrame) -> np.ndarray:
    """Return the region of each area (n,), or its nation if it has no region."""
    nation = small["nation"].astype("object")
    if "region" not in small:
        return nation.to_numpy(dtype=object)
    region = small["region"].astype("object")
    return region.where(region.notna(), nation).to_numpy(dtype=object)


def _classes(
    raw_dir: Path, small: pd.DataFrame, codes: pd.Index, notes: list[str]
) -> dict[str, np.ndarray]:
    classes = {"region": region_of(small)}
    if "rural_urban" in small:
        rural = small["rural_urban"].astype("object")
        classes["rural_urban"] = rural.where(rural.notna(), UNKNOWN).to_numpy(dtype=object)
    if all(files.find_or_none(raw_dir, *file) for file in (INTERNET_USERS, VINTAGES)):
        classes["internet_users"] = internet_users(raw_dir, codes)
        lost = int((classes["internet_users"] == UNKNOWN).sum())
        notes.append(f"Internet User Classification 2018: {lost:,} areas have no one group.")
    else:
        notes.append("The Internet User Classification 2018 is not in the raw folder: left out.")
    return classes


def internet_users(raw_dir: Path, codes: pd.Index) -> np.ndarray:
    """Return the Internet User Classification group (n,) of areas of 2021.

    It is published for areas of 2011. Parts of a split area inherit its group; a merged area gets a
    group only if its parts agree; areas that changed in other ways are ``unknown``.
    """
    named, changed = ("LSOA11_CD", "GRP_CD"), ("LSOA11CD", "LSOA21CD", "CHGIND")
    path = files.find(raw_dir, *INTERNET_USERS)
    groups = read_csv(path, named, key=named[:1], needs_rows=True)
    path = files.find(raw_dir, *VINTAGES)
    lookup = read_csv(path, changed, key=changed[:2], needs_rows=True)
    kept = lookup[lookup["CHGIND"].isin(KEPT)].merge(
        groups, left_on="LSOA11CD", right_on="LSOA11_CD", how="inner", validate="many_to_one"
    )
    agreed = kept.groupby("LSOA21CD")["GRP_CD"].agg(["nunique", "first"])
    one = agreed.loc[agreed["nunique"] == 1, "first"]
    return one.reindex(codes).astype("object").fillna(UNKNOWN).to_numpy(dtype=object)


def _connections(tidy: pd.DataFrame, codes: pd.Index, notes: list[str]) -> Floats:
    for name in CONNECTIONS:
        rows = tidy[tidy["indicator"] == name]
        values = pd.Series(
            rows["value"].to_numpy(dtype=np.float64), index=rows["area_code"].astype("str")
        ).reindex(codes)
        if values.notna().any():
            return values.to_numpy(dtype=np.float64)
    notes.append("No indicator of connections has values: left out.")
    return np.full(len(codes), np.nan)


def _column(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
