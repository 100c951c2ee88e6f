"""The plots of the validation page, in pixels: the outcome in each tenth of areas by score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exclusion_map.maps import palette

WIDTH: Final = 640
HEIGHT: Final = 340
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 16, 48
NAMES: Final = 112
"""Room for the names of lines at their right end."""
_LEAST_GAP: Final = 18.0
"""Names of lines stand at least so far apart."""

Tenths = Sequence[Mapping[str, Any]]


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
class Curve:
    """The outcome by tenth of one measure."""

    name: str
    style: str
    """What the line looks like: ``solid``, ``dashed`` or ``dotted``."""
    points: Sequence[tuple[float, float]]
    means: Sequence[float]
    name_y: float


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values and tenths stand."""

    top: int
    tenths: int
    right: int

    @classmethod
    def of(cls, highest: float, tenths: int, right: int = RIGHT) -> "_Frame":
        step = 10 if highest > 30 else 5
        return cls(step * (1 + int(highest // step)), tenths, right)

    def x(self, place: int) -> float:
        return round(LEFT + (WIDTH - LEFT - self.right) / self.tenths * (place + 0.5), 1)

    def y(self, value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top), 1)

    def ticks(self) -> list[Tick]:
        step = 10 if self.top > 30 else 5
        return [Tick(self.y(value), f"{value}%") for value in range(0, self.top + 1, step)]


def columns(tenths: Tenths) -> tuple[list[Column], list[Tick]]:
    """Return the tenths of one measure, each with where most of its areas lie; empty for none."""
    if not tenths:
        return [], []
    frame = _Frame.of(max(float(each["high"]) for each in tenths), len(tenths))
    found = [
        Column(
            tenth=each["tenth"],
            areas=each["n"],
            x=frame.x(place),
            y=frame.y(each["outcome"]),
            low_y=frame.y(each["low"]),
            high_y=frame.y(each["high"]),
            mean=each["outcome"],
            low=each["low"],
            high=each["high"],
            colour=palette.decile_colour(each["tenth"]),
        )
        for place, each in enumerate(tenths)
    ]
    return found, frame.ticks()


def curves(measures: Mapping[str, Tenths]) -> tuple[list[Curve], list[Tick]]:
    """Return the mean outcome by tenth of up to three measures, told apart without colour."""
    drawn = {name: tenths for name, tenths in measures.items() if tenths}
    if not drawn:
        return [], []
    most = max(float(each["outcome"]) for tenths in drawn.values() for each in tenths)
    frame = _Frame.of(most, max(len(tenths) for tenths in drawn.values()), NAMES)
    ends = {name: frame.y(tenths[0]["outcome"]) for name, tenths in drawn.items()}
    heights = _apart({name: frame.y(tenths[-1]["outcome"]) for name, tenths in drawn.items()})
    styles = dict(zip(sorted(ends, key=ends.__getitem__), _STYLES, strict=False))
    found = [
        Curve(
            name=name,
            style=styles.get(name, _STYLES[-1]),
            points=[(frame.x(at), frame.y(each["outcome"])) for at, each in enumerate(tenths)],
            means=[float(each["outcome"]) for each in tenths],
            name_y=heights[name],
        )
        for name, tenths in drawn.items()
    ]
    return found, frame.ticks()


_STYLES: Final = ("solid", "dashed", "dotted")


def _apart(wanted: Mapping[str, float]) -> dict[str, float]:
    """Return heights near those wanted at which names do not run into each other."""
    placed: dict[str, float] = {}
    lowest = 0.0
    for name in sorted(wanted, key=wanted.__getitem__):
        placed[name] = lowest = max(wanted[name], lowest + _LEAST_GAP if placed else wanted[name])
    return placed
