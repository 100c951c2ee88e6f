"""What a measurement gives: tables, and verdicts on targets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Table:
    """Rows of text under a heading; a note tells how they were measured."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """A target of the project beside what was measured."""

    what: str
    target: str
    measured: str
    met: bool


@dataclass
class Section:
    """Everything measured about one subject."""

    title: str
    tables: list[Table] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    """SVG by file name, for docs/benchmarks/."""


def medians(job: Callable[[], Sequence[float]], runs: int) -> list[float]:
    """Return the median of each of several figures over some runs of a job."""
    return [median(column) for column in zip(*(job() for _ in range(runs)), strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share (0 to 1) of the values lies: nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def megabytes(size: float) -> str:
    """Return bytes as MB, a million each."""
    return f"{size / 1e6:,.0f} MB"


def kilobytes(size: float) -> str:
    """Return bytes as KB, a thousand each."""
    return f"{size / 1e3:,.1f} KB"
