"""Validation of the index against use of online GP services, by practice.

The publisher counts, for every practice in England, patients enabled for at least one online
service (Patient Online Management Information, December 2020). Where patients live is approximated:
see ``practice_patients``. Of its three methods, "nearest" was chosen as the main one before any
result was seen, because it is the only one that uses the number of patients of a practice. It
ignores that neighbouring practices serve the same streets.

Older patients have more reason to be enabled (repeat prescriptions), so each rank correlation is
accompanied by the partial correlation given the share of patients aged 65 and over:

    r(x, y | z) = (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2) (1 - r_yz^2))     of ranks
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.practice_patients import (
    FILE,
    METHODS,
    SOURCE,
    Catchments,
    Floats,
    Practices,
    catchment,
    read_practices,
)
from exclusion_map.geography.postcode_index import PostcodeIndex
from exclusion_map.index import Composite
from exclusion_map.index.validate import agreement, spearman
from exclusion_map.sources import files

if TYPE_CHECKING:
    import pandas as pd

MAIN_METHOD = METHODS[0]
METHOD_WORDS = {
    "nearest": "the nearest small areas, until they hold as many residents as it has patients",
    "kernel": "small areas within 3 km, with weights that decrease with distance",
    "own": "the small area the practice stands in",
}
EVERYWHERE = "everywhere"
WEAK = 0.2
"""Rank correlations over thousands of practices are called weak below this value."""

OUTCOME = {
    "title": "Patients not enabled for GP services online",
    "source": SOURCE,
    "definition": (
        "100 minus the percentage of a practice's registered patients who were enabled for at "
        "least one service online (appointments, prescriptions or records) in December 2020."
    ),
    "limits": (
        "Enabling depends on the practice as much as on its patients, and being enabled does not "
        "mean using the service. The figures are from the first year of the pandemic and for "
        "England only. Where patients live is approximated by distance."
    ),
}


def practice_validation(
    raw_dir: Path,
    small: "pd.DataFrame",
    composites: Mapping[str, Composite],
    postcodes: PostcodeIndex,
    measures: Mapping[str, Floats] | None = None,
) -> dict[str, Any]:
    """Return the agreement of each index with use of online GP services, ready for JSON.

    Args:
        raw_dir: the raw folder; if it lacks the file, the result says so.
        small: the table of small areas, in feature order: population, longitude, latitude, region.
        composites: the indices, computed for the areas of ``small``.
        postcodes: the postcode index.
        measures: other risks (n,) to compare with, such as published indices.

    Raises:
        ContractError: the file repeats a practice.
    """
    if files.find_or_none(raw_dir, SOURCE, FILE) is None:
        return {
            "available": False,
            "reason": f"Counts of patients enabled online ({SOURCE}/{FILE}) are not in the raw "
            "data.",
        }
    practices = read_practices(raw_dir, postcodes)
    if not len(practices.codes):
        return {"available": False, "reason": "No practice in the file is in these areas."}
    risks = {name: one.score for name, one in composites.items()} | dict(measures or {})
    catchments = {method: catchment(method, practices, small) for method in METHODS}
    region = small["region"].fillna("").to_numpy(dtype=object)[practices.area]
    rows = _rows(risks, catchments, practices, region)
    return {
        "available": True,
        "outcome": OUTCOME,
        "listed": practices.listed,
        "compared": len(practices.codes),
        "left_out": practices.left_out,
        "main_method": MAIN_METHOD,
        "methods": METHOD_WORDS,
        "rows": rows,
        "findings": findings(rows, tuple(composites)),
    }


def _rows(
    risks: Mapping[str, Floats],
    catchments: Mapping[str, Catchments],
    practices: Practices,
    region: npt.NDArray[np.object_],
) -> list[dict[str, Any]]:
    rows = []
    everyone = np.ones(len(region), dtype=bool)
    groups = {EVERYWHERE: everyone} | {
        name: region == name for name in sorted({one for one in region.tolist() if one})
    }
    for measure, risk in risks.items():
        for method, around in catchments.items():
            score = around.mean(risk)
            for group, at in groups.items():
                numbers = _agreement(score[at], practices.not_enabled[at], practices.older[at])
                rows.append({"measure": measure, "method": method, "region": group, **numbers})
    return rows


def _agreement(score: Floats, outcome: Floats, older: Floats) -> dict[str, float | None]:
    have = ~np.isnan(score)
    found = asdict(agreement(score, outcome))
    found["spearman_given_age"] = _partial(score[have], outcome[have], older[have])
    # JSON has no NaN: undefined correlations become null.
    return {name: None if one != one else one for name, one in found.items()}


def _partial(x: Floats, y: Floats, held: Floats) -> float:
    """Return the partial rank correlation of x and y given ``held``; NaN if undefined."""
    xy, xz, yz = spearman(x, y), spearman(x, held), spearman(y, held)
    rest = (1 - xz**2) * (1 - yz**2)
    return float((xy - xz * yz) / np.sqrt(rest)) if rest > 0 else float("nan")


def findings(rows: Sequence[Mapping[str, Any]], indices: Sequence[str]) -> list[str]:
    """Return the findings for each index as plain sentences, including weak agreement.

    Args:
        rows: as in `practice_validation`.
        indices: ids of the indices; all other measures in the rows are for comparison.
    """
    main = {
        (row["measure"], row["region"]): row["spearman"]
        for row in rows
        if row["method"] == MAIN_METHOD and row["spearman"] is not None
    }
    whole = {measure: r for (measure, region), r in main.items() if region == EVERYWHERE}
    told = []
    for index in (one for one in indices if one in whole):
        r = whole[index]
        parts = {region: one for (measure, region), one in main.items() if measure == index}
        parts.pop(EVERYWHERE)
        strength = "weak" if abs(r) < WEAK else "clear" if r > 0 else "opposite"
        told.append(f"{index}: rank correlation {r:.2f}, {strength}{_range(parts)}.")
        better = [other for other, one in whole.items() if other not in indices and one > r]
        if better:
            listed = ", ".join(f"{other} ({whole[other]:.2f})" for other in better)
            told.append(f"{index}: these agree better with this outcome: {listed}.")
    return told


def _range(parts: Mapping[str, float]) -> str:
    if len(parts) < 2:
        return ""
    low, high = min(parts, key=parts.__getitem__), max(parts, key=parts.__getitem__)
    return f"; by region from {parts[low]:.2f} ({low}) to {parts[high]:.2f} ({high})"
