"""The validation page: how far the score agrees with what people did, as tables and a plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exclusion_map.editions.manifest import Manifest
from exclusion_map.maps import palette

EVERYWHERE: Final = "everywhere"
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
class ValidationView:
    """Everything the page shows."""

    outcome: Mapping[str, Any]
    overall: Sequence[Line]
    groups: Mapping[str, Sequence[Line]]
    columns: Sequence[Column]
    ticks: Sequence[Tick]
    notes: Sequence[str]
    best: Line | None


def validation_view(manifest: Manifest) -> ValidationView | None:
    """Return the evidence inside an edition; None where it was compared with nothing."""
    held: Mapping[str, Any] = manifest.validation
    if not held.get("available"):
        return None
    ours = manifest.default_index
    rows: Sequence[Mapping[str, Any]] = held["rows"]
    overall = [_line(row, row["title"], ours) for row in rows if row["grouping"] == EVERYWHERE]
    groups: dict[str, list[Line]] = {}
    for row in rows:
        if row["grouping"] != EVERYWHERE and row["measure"] == ours:
            groups.setdefault(row["grouping"], []).append(_line(row, row["group"], ours))
    columns, ticks = _plot(held.get("calibration", {}).get(ours, ()))
    return ValidationView(
        outcome=held["outcome"],
        overall=sorted(overall, key=lambda line: -(line.correlation or 0)),
        groups=groups,
        columns=columns,
        ticks=ticks,
        notes=held.get("notes", ()),
        best=next((line for line in overall if line.ours), None),
    )


def _line(row: Mapping[str, Any], name: str, ours: str) -> Line:
    overlap = row["overlap"]
    return Line(
        name=name,
        ours=row["measure"] == ours,
        areas=row["n"],
        correlation=row["spearman"],
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
