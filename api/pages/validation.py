"""The validation page: how far the score agrees with what people did, as tables and a plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages import words
from exclusion_map.editions.manifest import Manifest
from exclusion_map.maps import palette
from exclusion_map.terms import AreaKind

EVERYWHERE: Final = "everywhere"
FEW: Final = 100
"""Areas that a group must have for its correlation to be told as the worst or the best."""
WIDTH: Final = 640
HEIGHT: Final = 340
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 16, 48


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


@dataclass(frozen=True, slots=True)
class Column:
    """One tenth in the plot, in pixels and in words."""

    tenth: int
    areas: int
    x: float
    y: float
    low_y: float
    high_y: float
    mean: float
    low: float
    high: float
    colour: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled height of the plot."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """How measures agree with the outcome in each group of areas."""

    name: str
    ours: Sequence[Line]
    """The score on the map, by group; it does worst first."""
    measures: Sequence[str]
    cells: Sequence[tuple[str, Sequence[float | None]]]
    """Each group with the rank correlation of each measure."""


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
    findings: Sequence[str]


@dataclass(frozen=True, slots=True)
class ValidationView:
    """Everything the page shows."""

    outcome: Mapping[str, Any]
    overall: Sequence[Line]
    groups: Sequence[Grouping]
    weakest: Sequence[str]
    columns: Sequence[Column]
    ticks: Sequence[Tick]
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
    rows: Sequence[Mapping[str, Any]] = held["rows"]
    overall = [_line(row, row["title"], ours) for row in rows if row["grouping"] == EVERYWHERE]
    names = [name for name in dict.fromkeys(row["grouping"] for row in rows) if name != EVERYWHERE]
    groups = [_grouping(name, rows, ours) for name in names]
    columns, ticks = _plot(held.get("calibration", {}).get(ours, ()))
    return ValidationView(
        outcome=held["outcome"],
        overall=sorted(overall, key=lambda line: -(line.correlation or 0)),
        groups=groups,
        weakest=[sentence for each in groups if (sentence := _weakest(each))],
        columns=columns,
        ticks=ticks,
        notes=held.get("notes", ()),
        best=next((line for line in overall if line.ours), None),
        practices=_practices(held.get("practices"), ours),
        estimate=estimate_evidence(held.get("estimate")),
    )


def _grouping(name: str, rows: Sequence[Mapping[str, Any]], ours: str) -> Grouping:
    inside = [row for row in rows if row["grouping"] == name]
    titles = dict.fromkeys(row["title"] for row in inside)
    groups = dict.fromkeys(row["group"] for row in inside)
    found = {(row["group"], row["title"]): row["spearman"] for row in inside}
    lines = [_line(row, row["group"], ours) for row in inside if row["measure"] == ours]
    return Grouping(
        name=name,
        ours=sorted(lines, key=lambda line: (line.correlation is None, line.correlation or 0)),
        measures=list(titles),
        cells=[(group, [found.get((group, title)) for title in titles]) for group in groups],
    )


def _weakest(grouping: Grouping) -> str:
    """Return where the score agrees least with the outcome, among groups of some size."""
    known = [line for line in grouping.ours if line.correlation is not None and line.areas >= FEW]
    if len(known) < 2:
        return ""
    low, high = known[0], known[-1]
    return (
        f"By {grouping.name} it does worst in {low.name}: rank correlation {low.correlation:.2f} "
        f"over {low.areas:,} areas; best in {high.name}: {high.correlation:.2f}."
    )


def _practices(held: Mapping[str, Any] | None, ours: str) -> PracticeEvidence | None:
    """Return how the score agrees with use of GP services online; None where it was not tried."""
    if not held or not held.get("available"):
        return None
    lines = [
        _line(row, row["region"], ours)
        for row in held["rows"]
        if row["measure"] == ours and row["method"] == held["main_method"]
    ]
    own = f"{ours}: "
    findings = [
        words.upper_first(text.removeprefix(own))
        for text in held.get("findings", ())
        if text.startswith(own)
    ]
    return PracticeEvidence(held, lines, findings)


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


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _line(row: Mapping[str, Any], name: str, ours: str) -> Line:
    overlap = row["overlap"]
    return Line(
        name=name,
        ours=row["measure"] == ours,
        areas=row["n"],
        correlation=row["spearman"],
        r_squared=row.get("r_squared"),
        overlap=None if overlap is None else 100 * overlap,
    )


def _plot(tenths: Sequence[Mapping[str, Any]]) -> tuple[list[Column], list[Tick]]:
    if not tenths:
        return [], []
    highest = max(float(each["high"]) for each in tenths)
    step = 10 if highest > 30 else 5
    top = step * (1 + int(highest // step))
    tall, wide = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / len(tenths)

    def y(value: float) -> float:
        return round(TOP + tall * (1 - value / top), 1)

    columns = [
        Column(
            tenth=each["tenth"],
            areas=each["n"],
            x=round(LEFT + wide * (place + 0.5), 1),
            y=y(each["outcome"]),
            low_y=y(each["low"]),
            high_y=y(each["high"]),
            mean=each["outcome"],
            low=each["low"],
            high=each["high"],
            colour=palette.decile_colour(each["tenth"]),
        )
        for place, each in enumerate(tenths)
    ]
    return columns, [Tick(y(value), f"{value}%") for value in range(0, top + 1, step)]
