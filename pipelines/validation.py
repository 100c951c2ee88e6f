"""Validation published with an edition: agreement of its indices with behaviour."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from exclusion_map import catalogue
from exclusion_map.index import DEFAULT, Composite, Definition, ValueTable, library
from exclusion_map.index.calibrate import Calibration, calibrate
from exclusion_map.index.order import Floats
from exclusion_map.index.outcome import Outcomes, is_there, read_outcomes
from exclusion_map.index.shortfalls import Shortfall, shortfalls_by_kind, shortfalls_by_place
from exclusion_map.index.validate import Evidence, calibration, evidence

GROUPINGS = {"nation": "nation", "region": "region", "rural-urban class": "rural_urban"}
DISTRICT = "local_authority_code"
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
HELD_OUT = (
    "Its weights were fitted to this outcome. It is judged by weights fitted anew without the part "
    "of the local authorities that an area's own is in; whole authorities are held out together."
)
SHOWN = 10
"""Number of most over- and underestimated places listed."""

Labels = Mapping[str, "np.ndarray[tuple[int], np.dtype[np.object_]]"]


def validation(
    raw_dir: Path, small: pd.DataFrame, table: ValueTable, composites: Mapping[str, Composite]
) -> dict[str, object]:
    """Return the validation of every index, ready for JSON.

    An index with fitted weights is validated with whole local authorities held out. ``same_areas``
    compares all measures on the areas that all of them cover.

    Args:
        raw_dir: the raw folder; if it lacks the outcome, the result says so.
        small: the table of small areas.
        table: the values the indices were computed from.
        composites: the indices, computed for the areas of ``small``.
    """
    if not is_there(raw_dir):
        return {
            "available": False,
            "reason": "The Digital Propensity Index is not in the raw data.",
        }
    outcomes = read_outcomes(raw_dir, small["code"].to_numpy(dtype=str))
    fits = _fits(small, table, composites, outcomes)
    scores = {
        identity: fits[identity].held_out if identity in fits else composite.score
        for identity, composite in composites.items()
        if identity in fits or not composite.definition.fitted_to
    }
    unjudged = [
        f"{identity}: its weights are fitted and no part can be held out, so it is not judged."
        for identity in composites
        if identity not in scores
    ]
    measures = scores | outcomes.measures
    groupings = {
        name: small[column].fillna("").to_numpy(dtype=object)  # Wales has no regions
        for name, column in GROUPINGS.items()
    }
    titles = {identity: library()[identity].title for identity in composites} | TITLES
    truth = outcomes.unlikely_online
    return {
        "available": True,
        "outcome": OUTCOME,
        "unchanged_areas": outcomes.unchanged,
        "notes": [*outcomes.notes, *unjudged],
        "rows": _rows(evidence(measures, truth, groupings), titles, fits),
        "calibration": _calibrations(measures, truth),
        "calibration_by_group": _by_group(measures, truth, groupings),
        "same_areas": _same_areas(measures, truth, groupings, titles, fits),
        "held_out": {identity: _held_out(fit) for identity, fit in fits.items()},
        "failures": _failures(small, table, composites, outcomes),
    }


def _fits(
    small: pd.DataFrame,
    table: ValueTable,
    composites: Mapping[str, Composite],
    outcomes: Outcomes,
) -> dict[str, Calibration]:
    """Return weights refitted with districts held out, for each index with fitted weights."""
    districts = small[DISTRICT].to_numpy(dtype=object)
    fitted = {
        identity: composite.definition
        for identity, composite in composites.items()
        if composite.definition.fitted_to == OUTCOME["source"]
    }
    return {
        identity: calibrate(definition, table, outcomes.unlikely_online, districts)
        for identity, definition in fitted.items()
        if _enough(definition, table, outcomes, districts)
    }


def _enough(
    definition: Definition, table: ValueTable, outcomes: Outcomes, districts: np.ndarray
) -> bool:
    """Return whether there are enough districts, and no gaps where the outcome is known."""
    known = ~np.isnan(outcomes.unlikely_online)
    names = [leaf.node.indicator for leaf in definition.leaves()]
    whole = all(not np.isnan(table.column(name)[known]).any() for name in names)
    return whole and len(set(districts[known].tolist())) > 1


def _rows(
    found: Sequence[Evidence], titles: Mapping[str, str], fits: Mapping[str, Calibration]
) -> list[dict[str, object]]:
    return [
        {
            "measure": row.measure,
            "grouping": row.grouping,
            "group": row.group,
            "title": titles.get(row.measure, row.measure),
            "held_out": row.measure in fits,
            **_plain(asdict(row.agreement)),
        }
        for row in found
    ]


def _same_areas(
    measures: Mapping[str, Floats],
    truth: Floats,
    groupings: Labels,
    titles: Mapping[str, str],
    fits: Mapping[str, Calibration],
) -> dict[str, object]:
    shared = np.all([~np.isnan(column) for column in measures.values()], axis=0)
    kept = np.where(shared, truth, np.nan)
    return {
        "n": int((~np.isnan(kept)).sum()),
        "rows": _rows(evidence(measures, kept, groupings), titles, fits),
        "calibration": _calibrations(measures, kept),
    }


def _calibrations(measures: Mapping[str, Floats], truth: Floats) -> dict[str, object]:
    return {
        name: [_plain(asdict(tenth)) for tenth in calibration(score, truth)]
        for name, score in measures.items()
    }


def _by_group(
    measures: Mapping[str, Floats], truth: Floats, groupings: Labels
) -> dict[str, dict[str, object]]:
    """Return the calibration of the default and published indices within each group."""
    compared = {name: measures[name] for name in (DEFAULT, *TITLES) if name in measures}
    return {
        grouping: {
            group: _calibrations(
                {name: score[labels == group] for name, score in compared.items()},
                truth[labels == group],
            )
            for group in sorted({label for label in labels.tolist() if label})
        }
        for grouping, labels in groupings.items()
    }


def _held_out(fit: Calibration) -> dict[str, object]:
    return {
        "how": HELD_OUT,
        "folds": len(fit.fold_weights),
        "agreement": _plain(asdict(fit.agreement)),
        "on_the_areas_fitted_to": _plain(asdict(fit.fitted)),
        "weights": dict(zip(fit.indicators, fit.weights.round(4).tolist(), strict=True)),
    }


def _failures(
    small: pd.DataFrame,
    table: ValueTable,
    composites: Mapping[str, Composite],
    outcomes: Outcomes,
) -> dict[str, object]:
    """Return places and kinds of area whose risk the default index over- or underestimates."""
    composite, truth = composites[DEFAULT], outcomes.unlikely_online
    named = DISTRICT.removesuffix("_code")
    places = small[named if named in small else DISTRICT].to_numpy(dtype=object)
    off = shortfalls_by_place(composite.score, truth, places)
    known = catalogue.indicators()
    kinds = {name: table.column(name) for name in table.indicators if name in known}
    return {
        "measure": DEFAULT,
        "places": {
            "too_high": [_told(one) for one in off[:SHOWN] if one.difference > 0],
            "too_low": [_told(one) for one in off[: -SHOWN - 1 : -1] if one.difference < 0],
        },
        "kinds": [
            {"indicator": one.name, "label": known[one.name].label} | _told(one)
            for one in shortfalls_by_kind(composite.score, truth, kinds)
        ],
    }


def _told(one: Shortfall) -> dict[str, object]:
    return _plain({**asdict(one), "difference": one.difference})


def _plain(numbers: Mapping[str, object]) -> dict[str, object]:
    """Return figures for JSON: null instead of NaN, rounded to six decimals."""
    return {name: _number(value) for name, value in numbers.items()}


def _number(value: object) -> object:
    if not isinstance(value, float):
        return value
    return None if value != value else round(value, 6)
