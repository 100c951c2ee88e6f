"""Build the estimate from the raw folder; called by the pipeline."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from exclusion_map.estimate import evidence
from exclusion_map.estimate.design import Design, design
from exclusion_map.estimate.inputs import Inputs, census_tables, read_inputs
from exclusion_map.estimate.model import Modelled, model
from exclusion_map.estimate.nearness import LEVELS, Labels, Nearness, coded, nested
from exclusion_map.estimate.rollup import COLUMNS, Counts, larger_table, small_table
from exclusion_map.estimate.spread import INTERVAL
from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.index.fit import folds_by_group
from exclusion_map.index.order import Floats
from exclusion_map.index.outcome import is_there, read_outcomes
from exclusion_map.terms import LARGER_KINDS

FILE = "estimate.parquet"
FOLDS = 10
SEED = 2021
FEWEST_DISTRICTS = 4
FEWEST_AREAS = 50

ABOUT = {
    "title": "Households unlikely to deal with government online (modelled)",
    "label": "modelled",
    "measures": (
        "The share of households that would not have answered Census 2021 online: 100 minus the "
        "Digital Propensity Index of the Office for National Statistics. The best open "
        "indicator, at this level, of who is unlikely to deal with government online."
    ),
    "does_not_measure": (
        "It is not a count of people who are offline. It says nothing about people whose household "
        "answered for them, or those who answered online once with help. Areas with many people "
        "who do not speak English well answered online more often. It describes March 2021. The "
        "estimate is what is usual for areas of this kind, made without figures from the area's "
        "own district: a place may differ from its kind."
    ),
    "households": "Estimate times all households of Census 2021.",
    "people": (
        "Estimate times people who live in households, as if the households concerned had the "
        "average size for the area. In fact they are older and more often consist of one "
        "person, so fewer people than this are likely to live in them."
    ),
    "interval": (
        "80 % prediction intervals: the observed share is inside in 8 of 10 areas. Those of "
        "larger areas take into account that errors of nearby areas are correlated."
    ),
}


@dataclass(frozen=True, eq=False)
class EstimateResult:
    """The modelled estimate.

    Attributes:
        table: small areas in the given order: kind, code, estimate, low, high, observed (per cent
            of households; observed is NaN where unknown), observed_share (share of households with
            an observed figure), households_low, households, households_high, people_low,
            people, people_high (at risk). Empty if no estimate can be made.
        larger: the same columns for larger areas, by kind in the order of ``AreaKind``, then code.
        report: held-out validation, ready for JSON; if no estimate can be made, ``available`` is
            false and ``reason`` says why.
    """

    table: pd.DataFrame
    larger: pd.DataFrame
    report: dict[str, object]

    @property
    def available(self) -> bool:
        """Whether there is an estimate."""
        return bool(self.report["available"])

    def everything(self) -> pd.DataFrame:
        """Return small and larger areas in one table, as stored in ``estimate.parquet``."""
        return pd.concat([self.table, self.larger], ignore_index=True)

    def write(self, path: Path) -> None:
        """Write `everything` as Parquet."""
        self.everything().to_parquet(path, index=False)


def build(
    raw_dir: Path,
    small: pd.DataFrame,
    indicators: pd.DataFrame,
    *,
    folds: int = FOLDS,
    seed: int = SEED,
) -> EstimateResult:
    """Return the estimate for every small area and every larger area.

    Args:
        raw_dir: the raw folder; if it lacks the outcome or the census, the report says so.
        small: code, nation, local_authority_code, households; optionally population,
            rural_urban and the codes of larger areas.
        indicators: the tidy table of indicators of the same areas.
        folds: number of cross-validation folds; whole districts are assigned to a fold.
        seed: of the random assignment.

    Raises:
        SourceError: the layout of a file is unknown.
    """
    if not is_there(raw_dir):
        return _without("The Digital Propensity Index is not in the raw data.")
    if not census_tables(raw_dir):
        return _without("No census table is in the raw data.")
    codes = small["code"].to_numpy(dtype=str)
    outcomes = read_outcomes(raw_dir, codes)
    outcome = outcomes.unlikely_online
    districts = small["local_authority_code"].to_numpy(dtype=str)
    known = ~np.isnan(outcome)
    count = len(set(districts[known].tolist()))
    if known.sum() < FEWEST_AREAS or count < FEWEST_DISTRICTS:
        return _without(
            f"Only {int(known.sum())} areas in {count} districts have a figure to learn from; "
            f"{FEWEST_AREAS} in {FEWEST_DISTRICTS} are needed."
        )
    inputs = read_inputs(raw_dir, small, indicators)
    counts = Counts(
        small["households"].to_numpy(dtype=np.float64, na_value=np.nan), inputs.residents, outcome
    )
    made = design(inputs, _neighbourhoods(small))
    fold = _folds(districts, known, min(folds, count), seed)
    modelled = model(made, outcome, inputs.classes["region"], counts.households, fold)
    return _result(small, inputs, made, counts, modelled, outcomes.notes)


def _without(reason: str) -> EstimateResult:
    empty = pd.DataFrame(columns=list(COLUMNS))
    return EstimateResult(empty, empty.copy(), {"available": False, "reason": reason})


def _neighbourhoods(small: pd.DataFrame) -> np.ndarray | None:
    column = LEVELS[0][1]
    return small[column].astype("object").to_numpy(dtype=object) if column in small else None


def _folds(districts: np.ndarray, known: np.ndarray, folds: int, seed: int) -> Labels:
    """Return the fold of each area: districts with figures are spread evenly, then the others."""
    with_figures = np.isin(districts, np.unique(districts[known]))
    fold = np.zeros(len(districts), dtype=np.intp)
    for part in (with_figures, ~with_figures):
        if part.any():
            fold[part] = folds_by_group(districts[part], folds, seed)
    return fold


def _levels(small: pd.DataFrame) -> dict[str, Labels]:
    """Return the group of each area at each level at which errors correlate, nearest first."""
    groups = {
        name: coded(small[column].astype("object").tolist())[0]
        for name, column in LEVELS
        if column in small
    }
    return nested(groups)


def _result(
    small: pd.DataFrame,
    inputs: Inputs,
    made: Design,
    counts: Counts,
    modelled: Modelled,
    notes: tuple[str, ...],
) -> EstimateResult:
    levels = _levels(small)
    scaled: Floats = (counts.observed - modelled.estimate) / modelled.spread
    nearness = Nearness.of(scaled, levels)
    table = small_table(
        small["code"].to_numpy(dtype=object), modelled.estimate, modelled.low, modelled.high, counts
    )
    larger = larger_table(small, modelled.estimate, modelled.spread, counts, nearness, levels)
    report: dict[str, object] = {
        "available": True,
        **ABOUT,
        "made_with": _made_with(made, modelled, nearness, counts),
        "notes": [*notes, *inputs.notes],
        **_held_out(small, inputs, counts, modelled, levels),
    }
    return EstimateResult(table, larger, report)


def _made_with(
    made: Design, modelled: Modelled, nearness: Nearness, counts: Counts
) -> dict[str, object]:
    return {
        "method": (
            "Ridge regression of the square root of the share, with whole local authority "
            "districts held out; conformal intervals within each region."
        ),
        "columns": dict(made.blocks),
        "folds": len(modelled.penalty),
        "penalties": modelled.penalty.tolist(),
        "interval": INTERVAL,
        "error_correlations": {
            name: round(value, 4) for name, value in nearness.correlations.items()
        },
        "chance_error": round(evidence.chance(counts.observed, counts.households), 4),
    }


def _held_out(
    small: pd.DataFrame,
    inputs: Inputs,
    counts: Counts,
    modelled: Modelled,
    levels: dict[str, Labels],
) -> dict[str, object]:
    named = {"region": "region", "rural-urban class": "rural_urban"}
    groupings = {
        "nation": small["nation"].astype("object").to_numpy(dtype=object),
        **{title: inputs.classes[key] for title, key in named.items() if key in inputs.classes},
    }
    kinds = {
        kind.value: coded(small[PARENT_COLUMNS[kind][0]].astype("object").tolist())[0]
        for kind in LARGER_KINDS
        if PARENT_COLUMNS[kind][0] in small
    }
    district = "local_authority" if "local_authority" in small else "local_authority_code"
    places, names = coded(small[district].astype("object").tolist())
    return {
        "rows": evidence.rows(modelled, counts.observed, groupings),
        "tenths": evidence.tenths(modelled, counts.observed),
        "totals": evidence.totals(modelled, counts, kinds, levels),
        "worst_places": evidence.worst_places(modelled, counts, places, names),
    }
