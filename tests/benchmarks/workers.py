"""How much more two processes of the service answer than one; writes docs/benchmarks-workers.md.

``make bench-workers``. The program that asks takes a part of the same processors: on two of them,
two processes cannot reach twice the answers of one.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from exclusion_map.editions import current_path, read_manifest
from tests.benchmarks import machine, report
from tests.benchmarks.answering import kinds
from tests.benchmarks.archive import draw
from tests.benchmarks.figures import Section, Table, megabytes
from tests.benchmarks.load import generator, press
from tests.benchmarks.processes import family, own, resident
from tests.benchmarks.service import Running, settled
from tests.conftest import CACHE

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks-workers.md"
CONNECTIONS, RUNS = 32, 3
KINDS = ("profile, a small area", "search", "support near an area", "page of an area")


def rates(service: Running, edition: Path, seconds: int) -> dict[str, float]:
    """Return answers a second by kind of answer."""
    tiles = ["/".join(map(str, place)) for place in draw(edition)]
    paths = {"tiles of areas": [f"/tiles/{edition.name}/areas/{tile}.mvt" for tile in tiles]}
    every = kinds(service.base, edition)
    paths |= {kind: every[kind] for kind in KINDS}
    found = {}
    for kind, listed in paths.items():
        press(service.base, listed, connections=CONNECTIONS, seconds=1, runs=1)  # Warm caches.
        load = press(service.base, listed, connections=CONNECTIONS, seconds=seconds, runs=RUNS)
        found[kind] = load.rate
    return found


def measured(processed: Path, counts: Sequence[int], seconds: int) -> Section:
    """Measure each number of processes in turn."""
    edition = current_path(processed)
    by_count, memory = {}, []
    for count in counts:
        with settled(processed, count) as service:
            by_count[count] = rates(service, edition, seconds)
            every = family(service.pid)
            mapped = megabytes(max(resident(pid) - own(pid) for pid in every))
            memory.append([str(count), megabytes(sum(map(own, every))), mapped])
    first = by_count[counts[0]]
    rows = [
        [
            kind,
            *(f"{by_count[count][kind]:,.0f}/s" for count in counts),
            f"{by_count[counts[-1]][kind] / rate:.2f}" if rate else "–",
        ]
        for kind, rate in first.items()
    ]
    note = (
        f"{CONNECTIONS} connections, asked by {generator()} on the same machine; medians of {RUNS} "
        f"runs of {seconds} s after one to warm up. The machine has "
        f"{len(os.sched_getaffinity(0))} processors for both sides."
    )
    names = [f"{count} process{'es' if count > 1 else ''}" for count in counts]
    columns = ("answers a second", *names, f"{counts[-1]} to {counts[0]}")
    shared = "What files back is shared: it is there once for all processes."
    table = Table(("processes", "memory of their own, all together", "backed by files, of one"),
                  memory, shared)  # fmt: skip
    return Section("One process and more", [Table(columns, rows, note), table])


def main(given: Sequence[str], say: Callable[[str], None] = print) -> int:
    """Measure, and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.workers")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=6, help="of each run")
    parser.add_argument("--processed", type=Path, default=CACHE / "national")
    parser.add_argument("--print", action="store_true", help="print the results, write no file")
    asked = parser.parse_args(given)
    edition, facts = current_path(asked.processed), machine.describe()
    section = measured(asked.processed, (1, asked.workers), asked.seconds)
    about = f"{read_manifest(edition).title} (`{edition.name}`)"
    text = report.render([section], facts, about, f"make bench-workers WORKERS={asked.workers}")
    if asked.print:
        say(text)
    else:
        report.write(RESULTS, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
