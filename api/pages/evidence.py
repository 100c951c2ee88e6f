"""Further evidence on the validation page: use of GP services online, and the modelled estimate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages import words
from exclusion_map.terms import AreaKind

EVERYWHERE: Final = "everywhere"


@dataclass(frozen=True, slots=True)
class Line:
    """How one measure agrees with the outcome in one group of areas."""

    name: str
    ours: bool
    areas: int
    correlation: float | None
    r_squared: float | None
    overlap: float | None
    """Share of the worst tenth that both have, 0 to 100."""
    held_out: bool = False
    """Whether it was judged by weights that had not seen the area's council."""


@dataclass(frozen=True, slots=True)
class EstimateLine:
    """How the modelled estimate does in one group of areas that it had not seen."""

    name: str
    areas: int
    correlation: float | None
    overlap: float | None
    error: float | None
    coverage: float | None
    """Share of areas whose published figure lies in the interval, 0 to 100."""


@dataclass(frozen=True, slots=True)
class EstimateEvidence:
    """How the modelled estimate was tried."""

    about: Mapping[str, Any]
    groups: Mapping[str, Sequence[EstimateLine]]
    totals: Sequence[tuple[str, int, float | None]]
    too_high: Sequence[Mapping[str, Any]]
    too_low: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PracticeEvidence:
    """How the score agrees with use of GP services online."""

    about: Mapping[str, Any]
    lines: Sequence[Line]
    """The score on the map, everywhere and by region."""
    measures: Sequence[Line]
    """Every measure over all practices, the one that agrees best first."""
    findings: Sequence[str]


def practice_evidence(
    held: Mapping[str, Any] | None, ours: str, titles: Mapping[str, str]
) -> PracticeEvidence | None:
    """Return how measures agree with use of GP services online; None where it was not tried."""
    if not held or not held.get("available"):
        return None
    main = [row for row in held["rows"] if row["method"] == held["main_method"]]
    whole = [row for row in main if row["region"] == EVERYWHERE]
    own = f"{ours}: "
    told = [text.removeprefix(own) for text in held.get("findings", ()) if text.startswith(own)]
    for name, title in titles.items():
        told = [text.replace(f"{name} (", f"{title} (") for text in told]
    return PracticeEvidence(
        about=held,
        lines=[line_of(row, row["region"], ours) for row in main if row["measure"] == ours],
        measures=sorted(
            (line_of(row, titles.get(row["measure"], row["measure"]), ours) for row in whole),
            key=lambda line: -(line.correlation or 0),
        ),
        findings=[words.upper_first(text) for text in told],
    )


def estimate_evidence(held: Mapping[str, Any] | None) -> EstimateEvidence | None:
    """Return how the modelled estimate did where it had not looked; None where there is none."""
    if not held or not held.get("available"):
        return None
    groups: dict[str, list[EstimateLine]] = {}
    for row in held.get("rows", ()):
        groups.setdefault(row["grouping"], []).append(
            EstimateLine(
                name=row["group"],
                areas=row["n"],
                correlation=row["spearman"],
                overlap=_percent(row["overlap"]),
                error=row.get("mean_absolute_error"),
                coverage=_percent(row.get("coverage")),
            )
        )
    worst = held.get("worst_places", {})
    return EstimateEvidence(
        about=held,
        groups=groups,
        totals=[
            (AreaKind(row["kind"]).label_plural, row["n"], _percent(row["coverage"]))
            for row in held.get("totals", ())
        ],
        too_high=worst.get("too_high", ())[:5],
        too_low=worst.get("too_low", ())[:5],
    )


def line_of(row: Mapping[str, Any], name: str, ours: str) -> Line:
    """Return a row of the validation as a line of a table."""
    overlap = row["overlap"]
    return Line(
        name=name,
        ours=row["measure"] == ours,
        areas=row["n"],
        correlation=row["spearman"],
        r_squared=row.get("r_squared"),
        overlap=None if overlap is None else 100 * overlap,
        held_out=bool(row.get("held_out")),
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
