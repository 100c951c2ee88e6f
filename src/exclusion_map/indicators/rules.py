"""Rules of the tidy table: each has a name, a description and a test for rows that fail it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exclusion_map.catalogue import Indicator
from exclusion_map.sources.extent import NATION_OF_LETTER
from exclusion_map.terms import Nation, Quality

Failing = Callable[[pd.DataFrame], pd.Series]
Declared = Mapping[str, Indicator]


@dataclass(frozen=True)
class Rule:
    """A rule of the tidy table; ``failing`` returns True for each row that violates it."""

    name: str
    description: str
    failing: Failing


def nation_of(codes: pd.Series) -> pd.Series:
    """Return the nation of each area from the first letter of its code; null if unknown."""
    return codes.str[0].map({letter: nation.value for letter, nation in NATION_OF_LETTER.items()})


def rules_for(
    indicators: Declared,
    *,
    absent: Collection[str] = (),
    areas: int | None = None,
    suppressing: bool = False,
) -> tuple[Rule, ...]:
    """Return the rules for a table of these indicators.

    Args:
        indicators: their declarations.
        absent: indicators without a source file; they must be missing everywhere.
        areas: expected number of areas; by default that of the table.
        suppressing: whether small counts were withheld; coverage is then not checked.
    """
    shares = [identity for identity, one in indicators.items() if one.unit == "percent"]
    covered = Rule(
        "nations_are_covered",
        "Enough areas of each nation have a value, and none of other nations.",
        partial(_uncovered, indicators=indicators, absent=set(absent)),
    )
    return (
        Rule("keys_are_unique", "Each area appears once for each indicator.", _doubled),
        Rule(
            "every_area_is_there",
            "Every indicator has a row for every area.",
            partial(_incomplete, indicators=indicators, areas=areas),
        ),
        Rule(
            "quality_fits_value",
            "A row is marked as missing or withheld if, and only if, it has no value.",
            _incoherent,
        ),
        Rule(
            "denominators_are_positive",
            "Every share with a value has a denominator above 0.",
            _over_nothing,
        ),
        Rule(
            "parts_are_within_wholes",
            "No share counts more people than there are.",
            partial(_too_many, shares=shares),
        ),
        Rule(
            "values_are_plausible",
            "Values are within the range declared for their nation.",
            partial(_implausible, indicators=indicators),
        ),
        *(() if suppressing else (covered,)),
    )


def _doubled(frame: pd.DataFrame) -> pd.Series:
    return frame.duplicated(["indicator", "area_code"], keep=False)


def _incomplete(frame: pd.DataFrame, indicators: Declared, areas: int | None) -> pd.Series:
    counts = frame["indicator"].value_counts()
    expected = areas if areas is not None else frame["area_code"].nunique()
    if set(counts.index) != set(indicators):
        return pd.Series(True, index=frame.index)
    return frame["indicator"].isin(counts.index[counts != expected])


def _incoherent(frame: pd.DataFrame) -> pd.Series:
    gone = frame["quality"].isin([Quality.MISSING.value, Quality.SUPPRESSED.value])
    unlike = frame["value"].isna().to_numpy() != gone.to_numpy(dtype=bool)
    return pd.Series(unlike, index=frame.index)


def _over_nothing(frame: pd.DataFrame) -> pd.Series:
    return frame["value"].notna() & (frame["denominator"] <= 0)


def _too_many(frame: pd.DataFrame, shares: Collection[str]) -> pd.Series:
    more = frame["numerator"] > frame["denominator"]
    return more & frame["indicator"].isin(list(shares)).astype(bool)


def _implausible(frame: pd.DataFrame, indicators: Declared) -> pd.Series:
    broken = np.zeros(len(frame), dtype=bool)
    values = frame["value"].to_numpy(dtype=np.float64)
    for identity, nation, rows in _blocks(frame):
        bounds = indicators[identity].plausible.get(nation) if identity in indicators else None
        if bounds is not None:
            broken[rows] = (values[rows] < bounds.low) | (values[rows] > bounds.high)
    return pd.Series(broken, index=frame.index)


def _uncovered(frame: pd.DataFrame, indicators: Declared, absent: set[str]) -> pd.Series:
    broken = np.zeros(len(frame), dtype=bool)
    known = np.isfinite(frame["value"].to_numpy(dtype=np.float64))
    for identity, nation, rows in _blocks(frame):
        indicator = indicators.get(identity)
        if indicator is None or identity in absent or nation not in indicator.nations:
            broken[rows] = known[rows]
        elif known[rows].mean() < indicator.min_coverage:
            broken[rows] = ~known[rows]
    return pd.Series(broken, index=frame.index)


def _blocks(frame: pd.DataFrame) -> list[tuple[str, Nation, NDArray[np.intp]]]:
    """Return the row numbers of each indicator in each nation."""
    indicator, identities = pd.factorize(frame["indicator"])
    nation, nations = pd.factorize(frame["nation"])
    blocks = []
    for number, identity in enumerate(identities):
        inside = np.flatnonzero(indicator == number)
        for letter, name in enumerate(nations):
            rows = inside[nation[inside] == letter]
            if len(rows):
                blocks.append((str(identity), Nation(str(name)), rows))
    return blocks
