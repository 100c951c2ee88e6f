"""What is published with an edition on how its indices agree with behaviour."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import cast

import pandas as pd

from exclusion_map.index import Composite, library
from exclusion_map.index.outcome import is_there, read_outcomes
from exclusion_map.index.validate import calibration, evidence

GROUPINGS = {"nation": "nation", "region": "region", "rural-urban class": "rural_urban"}
OUTCOME = {
    "title": "Households unlikely to answer the census online",
    "source": "ons-dpi-census2021",
    "definition": (
        "100 minus the Digital Propensity Index of the Office for National Statistics: the share "
        "of households that did not answer Census 2021 online, modelled where a paper form came "
        "first."
    ),
    "limits": (
        "It is not the whole of exclusion: it says nothing of people whose household answered for "
        "them, and areas with many people who do not speak English well answered online more often."
    ),
}
TITLES = {
    "published_deri": "Published Digital Exclusion Risk Index (nation level)",
    "published_imd": "Published Index of Multiple Deprivation 2025 (England)",
}


def validation(
    raw_dir: Path, small: pd.DataFrame, composites: Mapping[str, Composite]
) -> dict[str, object]:
    """Return the validation of every index, as JSON holds it.

    Args:
        raw_dir: the raw folder; without the outcome in it, the result says so.
        small: the table of small areas.
        composites: the indices, computed for the areas of ``small``.
    """
    if not is_there(raw_dir):
        return {
            "available": False,
            "reason": "The Digital Propensity Index is not in the raw data.",
        }
    outcomes = read_outcomes(raw_dir, small["code"].to_numpy(dtype=str))
    titles = {identity: library()[identity].title for identity in composites} | TITLES
    scores = {identity: composite.score for identity, composite in composites.items()}
    groupings = {
        name: small[column].fillna("").to_numpy(dtype=object)  # Wales has no regions
        for name, column in GROUPINGS.items()
    }
    rows = evidence(scores | outcomes.measures, outcomes.unlikely_online, groupings)
    return {
        "available": True,
        "outcome": OUTCOME,
        "unchanged_areas": outcomes.unchanged,
        "notes": list(outcomes.notes),
        "rows": [_row(asdict(row), titles) for row in rows],
        "calibration": {
            identity: [asdict(tenth) for tenth in calibration(score, outcomes.unlikely_online)]
            for identity, score in scores.items()
        },
    }


def _row(row: dict[str, object], titles: Mapping[str, str]) -> dict[str, object]:
    measure = str(row["measure"])
    flat = {
        **row,
        "title": titles.get(measure, measure),
        **cast("dict[str, object]", row["agreement"]),
    }
    del flat["agreement"]
    # JSON has no NaN: a correlation that cannot be had is null.
    return {name: None if value != value else value for name, value in flat.items()}
