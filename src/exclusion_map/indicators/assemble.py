"""Build the tidy table: every catalogue indicator for every area, from the raw folder."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exclusion_map import catalogue
from exclusion_map.catalogue import Indicator
from exclusion_map.indicators.contracts import TIDY_COLUMNS, enforce
from exclusion_map.indicators.disclosure import DisclosureRule
from exclusion_map.indicators.output_areas import to_small_areas
from exclusion_map.indicators.values import IndicatorValues, absent, compute, tables_of
from exclusion_map.sources import tables
from exclusion_map.sources.extent import nations_of
from exclusion_map.sources.readers.counts import CodePattern, Table
from exclusion_map.terms import Nation

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Availability:
    """Whether the raw folder holds the files an indicator needs."""

    indicator: str
    available: bool
    note: str = ""


def availability(
    raw_dir: Path,
    indicators: Mapping[str, Indicator] | None = None,
    nations: Collection[Nation] = frozenset(Nation),
) -> tuple[Availability, ...]:
    """Return, for each indicator, whether its files are in the raw folder.

    Args:
        raw_dir: the raw folder.
        indicators: declarations; by default those shipped.
        nations: of the map; an indicator of none of them is not available.

    Raises:
        CatalogueError: an indicator names a table without a reader.
    """
    chosen = catalogue.indicators() if indicators is None else indicators
    return tuple(_available(chosen[identity], raw_dir, nations) for identity in sorted(chosen))


def build(
    raw_dir: Path,
    codes: NDArray[np.str_],
    oa_lookup: pd.DataFrame | None,
    on_step: OnStep | None = None,
    *,
    indicators: Mapping[str, Indicator] | None = None,
    rule: DisclosureRule | None = None,
) -> pd.DataFrame:
    """Return the tidy table of indicators, after checking its contracts.

    Args:
        raw_dir: the raw folder.
        codes: (n,) codes of small areas, unique.
        oa_lookup: output_area, area_code; without it, counts by output area are missing.
        on_step: progress callback, called with the table or indicator in work.
        indicators: declarations; by default those shipped.
        rule: disclosure control of counts, applied before ratios are taken.

    Returns:
        area_code, indicator, value, numerator, denominator, quality: one row per indicator and
        area, sorted by indicator, then in the order of ``codes``. ``attrs["notes"]`` describes
        what was missing or did not match.

    Raises:
        SourceMissingError: a file that an edition needs is not in the raw folder.
        SourceError: the layout of a raw file is unknown.
        GeographyError: output areas do not match their lookup.
        ContractError: the numbers violate the catalogue's declarations.
    """
    tell = on_step or (lambda _: None)
    chosen = catalogue.indicators() if indicators is None else indicators
    areas = pd.Index(codes).astype("str")
    states = availability(raw_dir, chosen, nations_of(areas) or frozenset(Nation))
    notes = [state.note for state in states if state.note]
    wanted = [chosen[state.indicator] for state in states if state.available]
    held = _read_all(wanted, raw_dir, oa_lookup, tell, notes)
    made = {
        state.indicator: compute(chosen[state.indicator], held, areas, rule)
        for state in states
        if state.available and set(tables_of(chosen[state.indicator])) <= set(held)
    }
    notes.extend(_unmatched(held, areas))
    tidy = _tidy({one: made.get(one) or absent(len(areas)) for one in sorted(chosen)}, areas)
    tell("checking the numbers")
    enforce(
        tidy,
        chosen,
        absent=set(chosen) - set(made),
        areas=len(areas),
        suppressing=rule is not None,
    )
    tidy.attrs["notes"] = notes
    return tidy


def _available(indicator: Indicator, raw_dir: Path, nations: Collection[Nation]) -> Availability:
    if set(indicator.nations).isdisjoint(nations):
        only = " and ".join(indicator.nations)
        return Availability(
            str(indicator.id),
            available=False,
            note=f"{indicator.label}: missing everywhere, because it is published for {only} only.",
        )
    needed = tables_of(indicator)
    gone = [table for table in needed if not tables.is_there(table, raw_dir)]
    # A missing required file is an error, which reading it will raise; others are noted.
    optional = [table for table in gone if not tables.is_required(table)]
    if not optional:
        return Availability(str(indicator.id), available=True)
    files = ", ".join(f"{spec.source}/{spec.path}" for spec in map(tables.table_source, optional))
    return Availability(
        str(indicator.id),
        available=False,
        note=f"{indicator.label}: missing everywhere, because {files} is not in the raw folder.",
    )


def _read_all(
    wanted: Iterable[Indicator],
    raw_dir: Path,
    oa_lookup: pd.DataFrame | None,
    tell: OnStep,
    notes: list[str],
) -> dict[str, Table]:
    """Return each table once, by small area, except those that cannot be aggregated to these."""
    held: dict[str, Table] = {}
    for table, columns in _needs(wanted).items():
        tell(f"reading {table}")
        if tables.table_source(table).areas is CodePattern.SMALL_AREA:
            held[table] = tables.read(table, raw_dir, columns)
        elif oa_lookup is None:
            notes.append(f"{table}: not used, because no lookup of output areas was given.")
        else:
            by_output_area = tables.read(table, raw_dir, columns)
            held[table], told = to_small_areas(by_output_area, oa_lookup)
            notes.extend(told)
    return held


def _needs(wanted: Iterable[Indicator]) -> dict[str, list[str]]:
    needs: dict[str, list[str]] = {}
    for indicator in wanted:
        for part in (indicator.count, indicator.out_of, indicator.value):
            if part is not None:
                needs.setdefault(part.table, []).extend(part.columns)
    return {table: list(dict.fromkeys(columns)) for table, columns in needs.items()}


def _unmatched(held: Mapping[str, Table], areas: pd.Index) -> list[str]:
    """Return notes on areas of a table that are not on the map."""
    notes = []
    for name, table in held.items():
        strange = table.values.index.difference(areas)
        if len(strange):
            shown = ", ".join(strange[:3])
            notes.append(f"{name}: {len(strange):,} areas not on the map, such as {shown}.")
    return notes


def _tidy(columns: Mapping[str, IndicatorValues], areas: pd.Index) -> pd.DataFrame:
    count = len(columns)
    return pd.DataFrame(
        {
            "area_code": pd.array(np.tile(areas.to_numpy(dtype=object), count), dtype="string"),
            "indicator": pd.array(np.repeat(list(columns), len(areas)), dtype="string"),
            "value": np.concatenate([one.value for one in columns.values()]),
            "numerator": np.concatenate([one.numerator for one in columns.values()]),
            "denominator": np.concatenate([one.denominator for one in columns.values()]),
            "quality": pd.array(
                np.concatenate([one.quality for one in columns.values()]), dtype="string"
            ),
        },
        columns=list(TIDY_COLUMNS),
    )
