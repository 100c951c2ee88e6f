"""Build steps that assess an index: intervals, patterns, use of services, modelled estimate."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from exclusion_map import index
from exclusion_map.areas.hotspot_table import hotspot_summary, hotspot_table
from exclusion_map.areas.hotspots import hotspots
from exclusion_map.areas.practices import practice_validation
from exclusion_map.areas.spread_table import spread_table
from exclusion_map.estimate.build import FILE as ESTIMATE_FILE
from exclusion_map.estimate.build import build as build_estimate
from exclusion_map.geography.contiguity import queen, write_contiguity
from exclusion_map.geography.postcodes import PostcodeIndex
from exclusion_map.index import Composite, Definition, ValueTable, compose
from exclusion_map.index.outcome import is_there, read_outcomes
from exclusion_map.index.uncertainty import uncertainty
from exclusion_map.terms import AreaKind
from pipelines.steps import Workplace, write_json

DRAWS = 1_000
SEED = 2021


def fillable(table: ValueTable) -> Mapping[str, Definition]:
    """Return the shipped definitions whose indicators are all in the table."""
    held = set(table.indicators)
    return {
        identity: definition
        for identity, definition in index.library().items()
        if all({leaf.node.indicator, *leaf.node.otherwise} <= held for leaf in definition.leaves())
    }


def areas_of(place: Workplace) -> pd.DataFrame:
    """Return the table of small areas without outlines."""
    return pd.read_parquet(place.made["areas"] / "areas.parquet").drop(columns="geometry")


def values_of(place: Workplace, small: pd.DataFrame) -> ValueTable:
    """Return the indicators of small areas as the input table of an index."""
    tidy = pd.read_parquet(place.made["indicators"] / "indicators.parquet")
    people = small["population"].to_numpy(dtype=float)
    return ValueTable.from_tidy(tidy, small["code"].to_numpy(dtype=str), people)


def _default(place: Workplace) -> tuple[pd.DataFrame, ValueTable, Composite]:
    small = areas_of(place)
    table = values_of(place, small)
    return small, table, compose(index.definitions()[index.DEFAULT], table)


def intervals(place: Workplace) -> None:
    """Rank and tenth intervals of the default index, and the spread of risk in larger areas."""
    small, table, composite = _default(place)
    found = uncertainty(
        composite.definition,
        table,
        draws=DRAWS,
        seed=SEED,
        on_progress=lambda done, of: place.note(f"{done:,} of {of:,} draws"),
        folder=place.folder,
    )
    frame = pd.DataFrame(
        {
            "index": composite.definition.id,
            "kind": AreaKind.SMALL_AREA.value,
            "code": small["code"],
            "rank_low": found.rank_low,
            "rank_median": found.rank_median,
            "rank_high": found.rank_high,
            "decile_low": found.decile_low,
            "decile_high": found.decile_high,
            "p_worst_tenth": found.worst_tenth,
            "robustness": found.robustness.astype(str),
        }
    )
    frame.to_parquet(place.folder / "uncertainty.parquet", index=False)
    place.note("wider areas")
    spread = spread_table(composite.definition.id, composite, small)
    spread.to_parquet(place.folder / "spread.parquet", index=False)
    classes = frame["robustness"].value_counts()
    summary = {
        "draws": found.draws,
        "seed": found.seed,
        "interval": found.interval,
        "areas": {name: int(count) for name, count in classes.items()},
    }
    write_json(place.folder / "report.json", summary)


def patterns(place: Workplace) -> None:
    """Contiguity of areas, and clusters of high or low risk."""
    outlines = gpd.read_parquet(place.made["geography"] / "small.parquet").geometry.to_numpy()
    small, _, composite = _default(place)
    borders = queen(np.asarray(outlines))
    write_contiguity(borders, small["code"].to_numpy(), place.folder / "contiguity.arrow")
    place.note("permutations")
    found = hotspots(composite.score, borders)
    codes = small["code"].to_numpy()
    hotspot_table(composite.definition.id, codes, found).to_parquet(
        place.folder / "hotspots.parquet", index=False
    )
    write_json(place.folder / "report.json", hotspot_summary(found, codes))


def practices(place: Workplace) -> None:
    """Agreement of the default index and published ones with use of online GP services."""
    small, _, composite = _default(place)
    placed = PostcodeIndex.open(place.made["postcodes"] / "postcodes.arrow")
    composites = {str(composite.definition.id): composite}
    published = (
        read_outcomes(place.raw_dir, small["code"].to_numpy(dtype=str)).measures
        if is_there(place.raw_dir)
        else {}
    )
    write_json(
        place.folder / "report.json",
        practice_validation(place.raw_dir, small, composites, placed, published),
    )


def modelled(place: Workplace) -> None:
    """The modelled share of households unlikely to deal with government online."""
    small = areas_of(place)
    tidy = pd.read_parquet(place.made["indicators"] / "indicators.parquet")
    result = build_estimate(place.raw_dir, small, tidy)
    result.write(place.folder / ESTIMATE_FILE)
    write_json(place.folder / "report.json", result.report)
