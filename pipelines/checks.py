"""Checks of an edition before it is published; a failed check stops the build."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow.ipc as ipc

from exclusion_map.editions.manifest import Check
from exclusion_map.errors import ContractError
from exclusion_map.terms import AreaKind

Verdict = tuple[bool, str]
SCORED = 0.99
"""Minimum share of small areas with a score of the default index."""


def run_checks(folder: Path) -> tuple[Check, ...]:
    """Return the results of all checks of an edition's folder.

    Raises:
        ContractError: a check failed; the error names it and what was found.
    """
    results = []
    for name, check in CHECKS.items():
        passed, detail = check(folder)
        description = (check.__doc__ or "").strip()
        if not passed:
            raise ContractError(
                f"check {name!r} of the edition",
                found=detail,
                expected=description,
                mend="Check the raw files it mentions; the edition was not published.",
            )
        results.append(Check(name=name, description=description, passed=passed, detail=detail))
    return tuple(results)


def _people_add_up(folder: Path) -> Verdict:
    """At each level that covers the map, populations add up to that of the small areas."""
    small = pd.read_parquet(folder / "areas.parquet", columns=["population"])
    larger = pd.read_parquet(folder / "larger_areas.parquet", columns=["kind", "population"])
    everyone = float(small["population"].sum())
    totals = larger.groupby("kind")["population"].sum()
    covering = [AreaKind.NEIGHBOURHOOD, AreaKind.WARD, AreaKind.LOCAL_AUTHORITY, AreaKind.NATION]
    wrong = [kind for kind in covering if not np.isclose(totals[kind.value], everyone)]
    told = ", ".join(wrong) or "all levels agree"
    return not wrong, f"{everyone:,.0f} people; {told}"


def _areas_have_scores(folder: Path) -> Verdict:
    """Nearly every small area has a score of the default index."""
    table = pd.read_parquet(folder / "scores.parquet", columns=["index", "kind", "score"])
    scores = table[(table["index"] == "exclusion") & (table["kind"] == AreaKind.SMALL_AREA.value)]
    share = float(scores["score"].notna().mean())
    return share >= SCORED, f"{int(scores['score'].isna().sum())} of {len(scores)} without a score"


def _scores_are_in_range(folder: Path) -> Verdict:
    """Scores are from 0 to 100, and tenths from 1 to 10 where there is a score."""
    table = pd.read_parquet(folder / "scores.parquet", columns=["score", "decile"])
    scored = table.dropna(subset=["score"])
    fine = scored["score"].between(0, 100).all() and scored["decile"].between(1, 10).all()
    return bool(fine), f"{scored['score'].min():.2f} to {scored['score'].max():.2f}"


def _tenths_hold_a_tenth(folder: Path) -> Verdict:
    """Each tenth of small areas holds about a tenth of the people."""
    scores = pd.read_parquet(folder / "scores.parquet", columns=["index", "kind", "decile"])
    mine = (scores["index"] == "exclusion") & (scores["kind"] == AreaKind.SMALL_AREA.value)
    people = pd.read_parquet(folder / "areas.parquet", columns=["population"])["population"]
    shares = people.groupby(scores.loc[mine, "decile"].to_numpy()).sum() / people.sum()
    tenths = shares[shares.index > 0]
    # Wide limits: one small area can hold a hundredth of the people of Sampleshire.
    fine = len(tenths) == 10 and tenths.between(0.085, 0.115).all()
    return bool(fine), f"{tenths.min():.3f} to {tenths.max():.3f} of the people"


def _postcodes_are_placed(folder: Path) -> Verdict:
    """Postcodes point to rows of the table of small areas, and most areas have one."""
    with ipc.open_file(folder / "postcodes.arrow") as reader:
        table = reader.read_all()
    area = table.column("area").to_numpy()
    count = len(pd.read_parquet(folder / "areas.parquet", columns=["code"]))
    served = len(np.unique(area[area >= 0]))
    fine = area.max() < count and served >= 0.98 * count
    return bool(fine), f"{int((area >= 0).sum()):,} postcodes in {served:,} of {count:,} areas"


def _support_is_placed(folder: Path) -> Verdict:
    """Support locations are in a small area of the map, and their ids are unique."""
    table = pd.read_parquet(folder / "support.parquet", columns=["id", "area_code"])
    codes = set(pd.read_parquet(folder / "areas.parquet", columns=["code"])["code"])
    fine = table["id"].is_unique and set(table["area_code"].dropna()) <= codes
    # An empty table is valid: if there are no lists of places, the notes say so.
    return fine, f"{len(table):,} places"


CHECKS: Mapping[str, Callable[[Path], Verdict]] = MappingProxyType(
    {
        "people add up": _people_add_up,
        "areas have scores": _areas_have_scores,
        "scores are in range": _scores_are_in_range,
        "tenths hold a tenth": _tenths_hold_a_tenth,
        "postcodes are placed": _postcodes_are_placed,
        "support is placed": _support_is_placed,
    }
)
