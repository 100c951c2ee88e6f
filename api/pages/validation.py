"""The validation page: how far the score agrees with what people did, as tables and plots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.evidence import (
    EVERYWHERE,
    EstimateEvidence,
    Line,
    PracticeEvidence,
    estimate_evidence,
    line_of,
    practice_evidence,
)
from api.pages.plots import Column, Curve, Tenths, Tick, columns, curves
from exclusion_map.editions.manifest import Manifest

FEW: Final = 100
"""Areas that a group must have for its correlation to be told as the worst or the best."""
NAMED: Final = 5
"""Places that are named where the score fails, on either side."""
COMPARED: Final = {"published_deri": "published DERI", "published_imd": "IMD 2025"}
"""Published measures in the plot, with the short names they have there."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ends:
    """What calibration comes to in a group: the outcome where the score is highest and lowest."""

    highest: float
    lowest: float


@dataclass(frozen=True, slots=True)
class Grouping:
    """How measures agree with the outcome in each group of areas."""

    name: str
    ours: Sequence[tuple[Line, Ends | None]]
    """The score on the map, by group; it does worst first."""
    measures: Sequence[str]
    cells: Sequence[tuple[str, int, Sequence[float | None]]]
    """Each group, its areas that every measure has, and the rank correlation of each measure."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Where the score on the map is furthest from the outcome."""

    too_high: Sequence[Row]
    too_low: Sequence[Row]
    kinds: Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationView:
    """Everything the page shows."""

    outcome: Mapping[str, Any]
    same_n: int
    same: Sequence[Line]
    """Every measure on the areas that all of them have."""
    overall: Sequence[Line]
    """Every measure on all areas that it has itself."""
    groups: Sequence[Grouping]
    weakest: Sequence[str]
    failures: Failures | None
    columns: Sequence[Column]
    ticks: Sequence[Tick]
    curves: Sequence[Curve]
    curve_ticks: Sequence[Tick]
    notes: Sequence[str]
    best: Line | None
    practices: PracticeEvidence | None
    estimate: EstimateEvidence | None


def validation_view(manifest: Manifest) -> ValidationView | None:
    """Return the evidence inside an edition; None where it was compared with nothing."""
    held: Mapping[str, Any] = manifest.validation
    if not held.get("available"):
        return None
    ours = manifest.default_index
    same: Mapping[str, Any] = held.get("same_areas", {"n": 0, "rows": (), "calibration": {}})
    overall = _overall(held["rows"], ours)
    groups = _groupings(held, same["rows"], ours)
    drawn, ticks = columns(held.get("calibration", {}).get(ours, ()))
    lines, curve_ticks = curves(_compared(same["calibration"], ours))
    titles = {row["measure"]: row["title"] for row in held["rows"]}
    return ValidationView(
        outcome=held["outcome"],
        same_n=same["n"],
        same=_overall(same["rows"], ours),
        overall=overall,
        groups=groups,
        weakest=[sentence for each in groups if (sentence := _weakest(each))],
        failures=_failures(held.get("failures")),
        columns=drawn,
        ticks=ticks,
        curves=lines,
        curve_ticks=curve_ticks,
        notes=held.get("notes", ()),
        best=next((line for line in overall if line.ours), None),
        practices=practice_evidence(held.get("practices"), ours, titles),
        estimate=estimate_evidence(held.get("estimate")),
    )


def _overall(rows: Sequence[Row], ours: str) -> list[Line]:
    lines = [line_of(row, row["title"], ours) for row in rows if row["grouping"] == EVERYWHERE]
    return sorted(lines, key=lambda line: -(line.correlation or 0))


def _compared(calibrations: Mapping[str, Tenths], ours: str) -> dict[str, Tenths]:
    names = {ours: "this score", **COMPARED}
    return {name: calibrations[key] for key, name in names.items() if key in calibrations}


def _groupings(held: Row, same: Sequence[Row], ours: str) -> list[Grouping]:
    rows: Sequence[Row] = held["rows"]
    names = [name for name in dict.fromkeys(row["grouping"] for row in rows) if name != EVERYWHERE]
    calibrations = held.get("calibration_by_group", {})
    return [_grouping(name, rows, same, calibrations.get(name, {}), ours) for name in names]


def _grouping(
    name: str, rows: Sequence[Row], same: Sequence[Row], calibrations: Row, ours: str
) -> Grouping:
    own = [row for row in rows if row["grouping"] == name and row["measure"] == ours]
    shared = [row for row in same if row["grouping"] == name and row["n"]]
    titles = dict.fromkeys(row["title"] for row in shared)
    counts = {row["group"]: row["n"] for row in shared}
    found = {(row["group"], row["title"]): row["spearman"] for row in shared}
    lines = [
        (line_of(row, row["group"], ours), _ends(calibrations.get(row["group"], {}).get(ours, ())))
        for row in own
    ]
    return Grouping(
        name=name,
        ours=sorted(lines, key=lambda pair: (pair[0].correlation is None, pair[0].correlation)),
        measures=list(titles),
        cells=[
            (group, n, [found.get((group, title)) for title in titles])
            for group, n in counts.items()
        ],
    )


def _ends(tenths: Tenths) -> Ends | None:
    return Ends(tenths[0]["outcome"], tenths[-1]["outcome"]) if tenths else None


def _weakest(grouping: Grouping) -> str:
    """Return where the score agrees least with the outcome, among groups of some size."""
    lines = [line for line, _ in grouping.ours]
    known = [line for line in lines if line.correlation is not None and line.areas >= FEW]
    if len(known) < 2:
        return ""
    low, high = known[0], known[-1]
    return (
        f"By {grouping.name} it does worst in {low.name}: rank correlation {low.correlation:.2f} "
        f"over {low.areas:,} areas; best in {high.name}: {high.correlation:.2f}."
    )


def _failures(held: Row | None) -> Failures | None:
    if not held:
        return None
    places = held["places"]
    return Failures(places["too_high"][:NAMED], places["too_low"][:NAMED], held["kinds"])
