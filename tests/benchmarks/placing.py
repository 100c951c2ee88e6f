"""Millions of points into areas, beside a plain geopandas.sjoin: ``make bench-place``."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.terms import AreaKind
from tests.benchmarks import machine, report
from tests.benchmarks.answering import processed_edition
from tests.benchmarks.curves import Curve, curves
from tests.benchmarks.figures import Section, Table, Verdict, megabytes
from tests.benchmarks.processes import Usage, run_measured

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "docs" / "benchmarks-placing.md"
AREAS_CACHE = REPOSITORY / ".cache" / "tests" / "national"
PIECE, SEED, MEMORY, LEAST = 1_000_000, 2026, "1GB", 4.0
DEGREE_M = 111_320
AWAY_M = 40.0
"""How far from its postcode a person is put, one standard deviation each way."""


@dataclass(frozen=True)
class Run:
    """One size, both ways."""

    rows: int
    ours: Usage
    plain: Usage
    join_s: float
    """Processor seconds of the plain way: only the spatial join, no reading and writing."""
    find_s: float
    """Processor seconds of ours: only finding, in memory, on one thread."""
    unlike: int
    """Rows to which the two ways give different areas."""


def write_points(edition: Edition, rows: int, path: Path) -> None:
    """Write people around live postcodes: as many in an area as live there, in no order."""
    assert edition.postcodes is not None
    x, y, area = edition.postcodes.in_use()
    there = np.flatnonzero((area >= 0) & ~np.isnan(x))
    x, y, area = x[there].astype(float), y[there].astype(float), area[there]
    people = np.nan_to_num(edition.atlas.level(AreaKind.SMALL_AREA).population)
    share = (people / np.maximum(np.bincount(area, minlength=len(people)), 1))[area]
    heap = np.cumsum(share)
    random = np.random.default_rng(SEED)
    schema = pa.schema(
        [("person", pa.int64()), ("latitude", pa.float64()), ("longitude", pa.float64())]
    )
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, PIECE):
            many = min(PIECE, rows - start)
            at = np.searchsorted(heap, random.uniform(0, heap[-1], many))
            north = y[at] + random.normal(0, AWAY_M / DEGREE_M, many)
            wide = DEGREE_M * np.cos(np.radians(north))
            east = x[at] + random.normal(0, AWAY_M, many) / wide
            person = np.arange(start, start + many)
            writer.write_table(pa.table([person, north, east], schema=schema), PIECE)


def measure(processed: Path, sizes: Sequence[int], say: Callable[[str], None]) -> Section:
    """Return what each size takes, ours and plain, in turn on the same files."""
    folder = processed_edition(processed)
    edition = open_edition(folder)
    runs = []
    with tempfile.TemporaryDirectory(prefix="exclusion-map-place-") as made:
        work = Path(made)
        say("Building the grid")
        first = _ours(processed, work, _points(edition, 1_000, work))
        for rows in sizes:
            say(f"Making {rows:,} points")
            points = _points(edition, rows, work)
            say("exclusion-map place")
            ours = _ours(processed, work, points)
            say(f"{ours.wall_s:.1f} s; geopandas.sjoin")
            plain = run_measured(_plain_command(folder, points, work / "plain.parquet"), _quiet)
            told = json.loads(plain.lines[-1])
            say(f"{plain.wall_s:.1f} s")
            runs.append(Run(rows, ours, plain, told["join_s"], told["find_s"], _unlike(work)))
            points.unlink()
    return _section(runs, first)


def _points(edition: Edition, rows: int, work: Path) -> Path:
    path = work / "points.parquet"
    write_points(edition, rows, path)
    return path


def _ours(processed: Path, work: Path, points: Path) -> Usage:
    output = work / "ours.parquet"
    output.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "exclusion_map", "place", "--input", str(points)),
        *("--output", str(output), "--memory", MEMORY, "--coast", "0"),
        *("--processed-dir", str(processed), "--grid-dir", str(work / "grids")),
    ]
    return run_measured(command, _quiet)


def _plain_command(edition: Path, points: Path, output: Path) -> list[str]:
    module = "tests.benchmarks.placing_plain"
    grids = str(points.with_name("grids"))
    return [sys.executable, "-m", module, str(edition), str(points), str(output), grids]


def _quiet(_: str) -> None:
    pass


def _unlike(work: Path) -> int:
    """Return how many rows have another area."""
    ours, plain = (
        pc.fill_null(
            pq.read_table(work / f"{name}.parquet", columns=["area_code"])[0].cast("string"), ""
        )
        for name in ("ours", "plain")
    )
    return int(pc.sum(pc.not_equal(ours, plain)).as_py())


def _section(runs: Sequence[Run], first: Usage) -> Section:
    rows = [
        [
            f"{run.rows / 1e6:g} million",
            f"{run.ours.wall_s:.1f} s",
            f"{run.plain.wall_s:.1f} s",
            f"{run.plain.wall_s / run.ours.wall_s:.1f}",
            f"{run.ours.cpu_s:.1f} s",
            f"{run.plain.cpu_s:.1f} s",
            f"{run.rows / run.ours.wall_s / 1e6:.2f} million/s",
            megabytes(run.ours.peak_bytes),
            megabytes(run.plain.peak_bytes),
        ]
        for run in runs
    ]
    columns = (
        *("points", "place", "plain", "ratio", "processor: place", "plain"),
        *("points a second", "peak of place", "peak of plain"),
    )
    whole = Table(columns, rows, "From file to file: read, place, join scores, write.")
    rows = [
        [
            f"{run.rows / 1e6:g} million",
            f"{run.find_s:.1f} s",
            f"{run.join_s:.1f} s",
            f"{run.join_s / run.find_s:.1f}",
            f"{run.rows / run.find_s / 1e6:.2f} million/s",
            f"{run.unlike:,}",
        ]
        for run in runs
    ]
    columns = ("points", "grid", "sjoin", "ratio", "points a second", "rows with another area")
    found = Table(
        columns, rows, "Finding areas alone, in memory, one thread each: processor seconds."
    )
    most = runs[-1]
    quick = most.join_s / most.find_s
    peak = most.ours.peak_bytes
    verdicts = [
        Verdict("finding, times as fast as sjoin", "4 at least", f"{quick:.1f}", quick >= LEAST),
        Verdict("rows with another area", "0", str(most.unlike), most.unlike == 0),
        Verdict("peak of place", MEMORY, megabytes(peak), peak <= 1e9),
    ]
    points = [run.rows / 1e6 for run in runs]
    lines = (
        Curve("place, from file to file", points, [run.ours.wall_s for run in runs]),
        Curve("geopandas.sjoin, from file to file", points, [run.plain.wall_s for run in runs]),
    )
    picture = curves("Seconds by millions of points", lines, "million points", "seconds")
    notes = [
        "The first run of an edition also builds its grid, and may compile: "
        f"{first.wall_s:.1f} s with a thousand points.",
        "![Seconds by millions of points](benchmarks/placing.svg)",
    ]
    return Section("Placing", [whole, found], verdicts, notes, {"placing.svg": picture})


def main(given: Sequence[str]) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.placing", description=__doc__)
    parser.add_argument("--processed", type=Path, default=AREAS_CACHE, help="folder of editions")
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 4, 10, 40])
    parser.add_argument("--print", action="store_true", help="print the results, write no file")
    arguments = parser.parse_args(given)
    facts = machine.describe()
    sizes = [int(millions * 1e6) for millions in arguments.millions]
    section = measure(arguments.processed, sizes, lambda text: print(text, flush=True))
    asked = " ".join(f"{millions:g}" for millions in arguments.millions)
    command = f"python -m tests.benchmarks.placing --millions {asked}"
    edition = processed_edition(arguments.processed).name
    text = report.render([section], facts, f"`{edition}`", command)
    if arguments.print:
        print(text)
    else:
        report.write(RESULTS, text)
        report.draw(RESULTS.with_name("benchmarks"), [section])


if __name__ == "__main__":
    main(sys.argv[1:])
