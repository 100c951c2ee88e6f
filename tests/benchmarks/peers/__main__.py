"""Measure us and our peers in one run, and write it into docs/benchmarks-peers.md.

``make bench-peers``, or ``python -m tests.benchmarks.peers --processed FOLDER``
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from exclusion_map.editions import current_path, read_manifest
from tests.benchmarks import building, machine, report
from tests.benchmarks.archive import draw
from tests.benchmarks.figures import Section, Table, kilobytes, megabytes
from tests.benchmarks.load import Load, generator
from tests.benchmarks.peers import ours, targets
from tests.benchmarks.peers.cluster import postgres
from tests.benchmarks.peers.files import nginx
from tests.benchmarks.peers.race import (
    CONNECTIONS,
    OURS,
    Pace,
    Raced,
    entrants,
    race,
)
from tests.benchmarks.peers.tables import fill
from tests.benchmarks.processes import run_measured
from tests.benchmarks.soak import section as soak_section
from tests.benchmarks.soak import soak
from tests.conftest import CACHE, national_raw_dir

REPOSITORY = Path(__file__).resolve().parents[3]
RESULTS = REPOSITORY / "docs" / "benchmarks-peers.md"
PYTHON = REPOSITORY / ".cache" / "peers" / "venv" / "bin" / "python"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Race:
    """Everyone's figures, and the memory of the database behind two of the peers."""

    raced: dict[str, Raced]
    database: int
    areas: int


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers", description=__doc__)
    parser.add_argument(
        "--processed", type=Path, help="measure the edition of this folder; build none"
    )
    parser.add_argument("--print", action="store_true", help="print the results, write no file")
    parser.add_argument("--tiles", type=int, default=300, help="how many of the 300 tiles")
    parser.add_argument("--seconds", type=int, default=5, help="of a run")
    parser.add_argument("--runs", type=int, default=3, help="medians of so many runs")
    parser.add_argument("--soak", type=float, default=60, help="seconds of load; 0 for none")
    parser.add_argument("--connections", type=int, default=200, help="under load")
    return parser.parse_args(given)


def _race(edition: Path, index: str, arguments: argparse.Namespace, say: Say) -> Race:
    places = draw(edition)[: arguments.tiles]
    pace = Pace(arguments.seconds, arguments.runs)
    raced, held = {}, 0
    with postgres() as database:
        say("Filling PostGIS")
        areas = fill(database.address, edition, index)
        for entrant in entrants(edition, places, PYTHON, database.address):
            with entrant.start() as service:
                found = race(service, entrant.paths, places, pace)
                # While the pool of a peer is open: each connection is a process.
                held = max(held, database.resident())
            raced[entrant.name] = found
            rates = ", ".join(f"{load.rate:,.0f}/s" for load in found.loads.values())
            say(f"  {entrant.name}: {rates}, p99 {found.loads[1].p99_ms:.2f} ms")
        return Race(raced, held, areas)


def _tiles(found: Race, arguments: argparse.Namespace) -> Section:
    columns = ("server", *_columns(), "resident", "a tile", "areas")
    rate = found.raced[OURS].loads[8].rate
    rows = [
        [
            name,
            *_cells(one.loads),
            megabytes(one.resident),
            kilobytes(one.body_bytes),
            f"{one.areas:,}",
        ]
        for name, one in found.raced.items()
    ]
    note = (
        f"{arguments.tiles} tiles of zooms 5 to 12 over England, each asked for once before; "
        f"medians of {arguments.runs} runs of {arguments.seconds} s by {generator()} on the same "
        "machine. p50 / p99, then answers a second. Areas: in the finest layer, over all the "
        "tiles; margins around a tile are not the same everywhere. Behind PostGIS ST_AsMVT and "
        f"tipg stand {found.areas:,} areas in PostgreSQL, which holds "
        f"{megabytes(found.database)} more."
    )
    ratios = [
        [name, f"{rate / one.loads[8].rate:,.2f}" if one.loads[8].rate else "no answer"]
        for name, one in found.raced.items()
        if name != OURS
    ]
    section = Section("The same tiles")
    section.tables.append(Table(columns, rows, note))
    section.tables.append(Table(("peer", "our answers for one of its, 8 connections"), ratios))
    return section


def _columns() -> list[str]:
    return [f"{count} conn." for count in CONNECTIONS]


def _cells(loads: dict[int, Load]) -> list[str]:
    return [
        f"{load.p50_ms:.2f} / {load.p99_ms:.2f} ms, {load.rate:,.0f}/s" for load in loads.values()
    ]


def _ours(found: ours.Ours) -> Section:
    section = Section("What only we are asked")
    rows = [
        [name, *_cells(one.loads), f"{one.cost_ms:.3f} ms"] for name, one in found.answers.items()
    ]
    note = (
        f"p50 / p99, answers a second; processor time of the service for an answer. A set of "
        f"weights is answered with {kilobytes(found.byte_an_area)}. Scored tiles: four sets of "
        "weights by turns, whose tiles are more than the service keeps finished."
    )
    section.tables.append(Table(("answer", *_columns(), "processor"), rows, note))
    zooms = [
        [str(zoom), f"{count:,}", kilobytes(size)] for zoom, (count, size) in found.zooms.items()
    ]
    section.tables.append(Table(("zoom", "tiles of areas", "together, gzip"), zooms))
    return section


def main(given: Sequence[str]) -> None:
    """Measure, and write or print."""
    arguments, begun = _arguments(given), time.perf_counter()
    # Ended from outside, it must still stop the servers it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for missing, there in (("the environment of the peers", PYTHON.exists()), ("nginx", nginx())):
        if not there:
            sys.exit(f"{missing} is not here: run make bench-peers, which sets it up")

    def say(text: str) -> None:
        print(f"{time.perf_counter() - begun:6.1f} s  {text}", flush=True)

    edition = current_path(arguments.processed or _built(say))
    manifest = read_manifest(edition)
    facts = [*machine.describe(), *_versions()]
    found = _race(edition, manifest.default_index, arguments, say)
    say("What only we are asked")
    places = draw(edition)[: arguments.tiles]
    pace = Pace(arguments.seconds, arguments.runs)
    alone = ours.measure(edition, places, manifest.default_index, pace)
    promised = [*targets.of_tiles(found.raced), *targets.of_ours(alone, found.raced)]
    sections = [_tiles(found, arguments), _ours(alone)]
    if arguments.soak:
        say("Load, with a new edition in the middle")
        soaked = soak(edition, seconds=arguments.soak, connections=arguments.connections)
        promised += targets.of_load(soaked)
        sections.append(soak_section(soaked))
    sections.insert(0, Section("Promises", [targets.table(promised)]))
    about = f"{manifest.title} (`{manifest.edition}`)"
    command = (
        " ".join(["python -m tests.benchmarks.peers", *given]) if given else "make bench-peers"
    )
    text = report.render(sections, facts, about, command)
    if arguments.print:
        print(text)
    else:
        report.write(RESULTS, text)
        say(f"Written to {RESULTS.relative_to(REPOSITORY)}")


def _built(say: Say) -> Path:
    """Build what can be built here, unless it is there already; return the folder."""
    raw = national_raw_dir()
    processed = CACHE / ("national" if raw else "sampleshire")
    say("Building the national edition" if raw else "No national raw folder: an invented county")
    run_measured(building.command(raw, processed), lambda line: say(f"  {line}"))
    return processed


def _versions() -> list[tuple[str, str]]:
    server = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    lines = [
        machine.first_line(str(server[-1]), "--version") if server else "",
        machine.first_line(nginx() or "nginx", "-v"),
    ]
    asked = "import importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in "
    asked += "('tipg', 'asyncpg', 'pmtiles', 'fastapi', 'uvicorn')), sep=', ')"
    lines.append(machine.first_line(str(PYTHON), "-c", asked))
    return [("peers", "; ".join(line for line in lines if line))]


if __name__ == "__main__":
    main(sys.argv[1:])
