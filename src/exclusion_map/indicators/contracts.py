"""Contracts of the tidy table: checks its numbers must pass before they are used.

Pandera checks the column types and the rules of ``rules.py``. The error lists every rule that
failed and the first areas concerned.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from exclusion_map.catalogue import Indicator
from exclusion_map.errors import ContractError
from exclusion_map.indicators.rules import Rule, nation_of, rules_for
from exclusion_map.terms import Quality

TIDY_COLUMNS = ("area_code", "indicator", "value", "numerator", "denominator", "quality")
_SHOWN = 4
# The Indices of Deprivation round counts to 5 and use their own population estimates.
AGREES_WITHIN_POINTS = 1.0
AGREES_SHARE = 0.999


@dataclass(frozen=True)
class CheckResult:
    """Result of one contract."""

    name: str
    description: str
    passed: bool
    detail: str = ""


def enforce(
    tidy: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    *,
    absent: Collection[str] = (),
    areas: int | None = None,
    suppressing: bool = False,
) -> None:
    """Refuse a tidy table that violates a contract; for the arguments see `rules_for`.

    Raises:
        ContractError: it lists every contract violated, with the first areas concerned.
    """
    _check_columns(tidy)
    rules = rules_for(indicators, absent=absent, areas=areas, suppressing=suppressing)
    frame = _with_nation(tidy)
    try:
        _schema(rules).validate(frame, lazy=True)
    except SchemaErrors as errors:
        faults = [_told(error, frame, rules) for error in errors.schema_errors]
        raise ContractError(
            "the tidy table of indicators",
            found="; ".join(dict.fromkeys(faults)),
            expected="numbers that match the declarations in catalogue/indicators",
            mend=f"Check the raw files of {_sources(errors, frame, rules, indicators)}. If the "
            "values are right, adjust the declaration.",
        ) from None


def check(
    tidy: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    *,
    absent: Collection[str] = (),
) -> tuple[CheckResult, ...]:
    """Return the result of each contract, for the record of an edition; raise nothing."""
    frame = _with_nation(tidy)
    results = []
    for rule in rules_for(indicators, absent=absent):
        broken = frame[rule.failing(frame)]
        detail = _rows(broken) if len(broken) else f"{len(frame):,} rows"
        results.append(CheckResult(rule.name, rule.description, not len(broken), detail))
    for identity, indicator in indicators.items():
        if indicator.value is not None and indicator.count is not None:
            results.append(_published_rate(frame[frame["indicator"] == identity], indicator))
    return tuple(results)


def _check_columns(tidy: pd.DataFrame) -> None:
    """Refuse a table that lacks a column used by the rules."""
    if tuple(tidy.columns) != TIDY_COLUMNS:
        raise ContractError(
            "the tidy table of indicators",
            found=f"columns {list(tidy.columns)}",
            expected=f"columns {list(TIDY_COLUMNS)}",
        )


def _schema(rules: Collection[Rule]) -> pa.DataFrameSchema:
    flags = pa.Check.isin([flag.value for flag in Quality])
    return pa.DataFrameSchema(
        {
            "area_code": pa.Column("string"),
            "indicator": pa.Column("string"),
            "value": pa.Column(float, nullable=True),
            "numerator": pa.Column(float, pa.Check.ge(0), nullable=True),
            "denominator": pa.Column(float, pa.Check.ge(0), nullable=True),
            "quality": pa.Column("string", flags),
            "nation": pa.Column(),
        },
        checks=[pa.Check(partial(_holds, rule=rule), error=rule.name) for rule in rules],
        strict=True,
    )


def _holds(frame: pd.DataFrame, rule: Rule) -> pd.Series:
    return ~rule.failing(frame)


def _with_nation(tidy: pd.DataFrame) -> pd.DataFrame:
    return tidy.assign(nation=nation_of(tidy["area_code"]))


def _told(error: Exception, frame: pd.DataFrame, rules: Collection[Rule]) -> str:
    """Describe one violated contract, with the first rows that violate it."""
    name = getattr(getattr(error, "check", None), "error", None)
    rule = next((rule for rule in rules if rule.name == name), None)
    if rule is None:
        return " ".join(str(error).split())[:300]
    return f"{rule.description} Not so in {_rows(frame[rule.failing(frame)])}"


def _sources(
    errors: SchemaErrors,
    frame: pd.DataFrame,
    rules: Collection[Rule],
    indicators: Mapping[str, Indicator],
) -> str:
    """Return the sources of the indicators that violate a contract, in words."""
    names = {
        getattr(getattr(error, "check", None), "error", None) for error in errors.schema_errors
    }
    broken = {
        str(identity)
        for rule in rules
        if rule.name in names
        for identity in frame.loc[rule.failing(frame), "indicator"].unique()
    }
    known = sorted({str(indicators[one].source) for one in broken if one in indicators})
    return ", ".join(known) or "these indicators"


def _rows(broken: pd.DataFrame) -> str:
    counts = broken["indicator"].value_counts(sort=False).items()
    shares = ", ".join(f"{identity} {count:,}" for identity, count in counts)
    first = broken.head(_SHOWN)
    rows = ", ".join(
        f"{code} {identity} {value:g}"
        for code, identity, value in zip(
            first["area_code"], first["indicator"], first["value"], strict=True
        )
    )
    return f"{len(broken):,} rows ({shares}), such as {rows}"


def _published_rate(rows: pd.DataFrame, indicator: Indicator) -> CheckResult:
    """Check that a publisher's rate agrees with the rate calculated from its count."""
    both = rows[rows["numerator"].notna() & rows["denominator"].notna() & rows["value"].notna()]
    implied = indicator.factor * both["numerator"] / both["denominator"]
    apart = (implied - both["value"]).abs()
    agreeing = float((apart <= AGREES_WITHIN_POINTS).mean()) if len(both) else float("nan")
    uncounted = int((rows["value"].notna() & rows["numerator"].isna()).sum())
    worst = float(apart.max()) if len(both) else float("nan")
    return CheckResult(
        f"{indicator.id}_rate_and_count_agree",
        f"The published rate and the published count agree within {AGREES_WITHIN_POINTS:g} point "
        f"in {AGREES_SHARE:.1%} of areas or more.",
        passed=not len(both) or agreeing >= AGREES_SHARE,
        detail=f"{agreeing:.2%} of {len(both):,} areas agree; farthest apart {worst:.2f} points; "
        f"{uncounted} areas have a rate and no count.",
    )
