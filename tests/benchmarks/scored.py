"""Measure tiles with scores as attributes.

``python -m tests.benchmarks.scored --processed FOLDER``

Prints a table: what a tile costs when first met and when known, beside plain tiles and a peer in
the same run, and what a new set of weights costs once.
"""

import argparse
import http.client
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks.answering import processed_edition
from tests.benchmarks.archive import draw
from tests.benchmarks.figures import Section, Table, Verdict, megabytes, percentile
from tests.benchmarks.load import HEADERS, press
from tests.benchmarks.processes import resident
from tests.benchmarks.service import running, serving, settled

INDEX, SEED, NEW = "exclusion", 2026, 40
QUESTIONS = [f"weights=age:{n},disability:1,connectivity:2" for n in range(1, 5)]
"""Their tiles take more than the service keeps finished, so that most are written anew."""


P99_MS = 2.5
"""For a scored tile of any weights at one connection, once its outlines were met."""
MEASURED_S = 2


def measure(processed: Path, say: Callable[[str], None]) -> Section:
    """Press the service for tiles with scores as attributes; the peer has plain ones."""
    edition = processed_edition(processed)
    scored, _ = _paths(edition)
    with settled(processed) as service:
        each(service.base, scored)
        alone, many = (
            press(service.base, scored, connections=count, seconds=MEASURED_S) for count in (1, 8)
        )
        memory = resident(service.pid)
    row = [
        "scored tiles, four sets of weights by turns",
        f"{alone.p50_ms:.2f} ms",
        f"{alone.p99_ms:.2f} ms",
        f"{many.rate:,.0f}/s",
        megabytes(memory),
    ]
    say("  " + ", ".join(row))
    note = (
        "Score, rank, tenth, code and name of each area, for weights that nobody published. Beside "
        "tipg and PostGIS in docs/benchmarks-peers.md (`make bench-peers`), with the ratio to them."
    )
    table = Table(("scored tiles", "p50", "p99", "8 conn.", "resident"), [row], note)
    met = alone.p99_ms <= P99_MS
    verdict = Verdict("Scored tile, p99", f"{P99_MS} ms", f"{alone.p99_ms:.2f} ms", met)
    return Section("Tiles with scores", [table], [verdict])


def _paths(edition: Path) -> tuple[list[str], list[str]]:
    """Return addresses of scored tiles, question by question, and of the same tiles plain."""
    places = ["/".join(map(str, place)) for place in draw(edition)]
    scored = [
        f"/tiles/{edition.name}/{INDEX}/{place}.mvt?{query}"
        for query in QUESTIONS
        for place in places
    ]
    return scored, [f"/tiles/{edition.name}/areas/{place}.mvt" for place in places]


def each(base: str, paths: Sequence[str]) -> list[float]:
    """Return the milliseconds that each path takes over one connection, asked for once."""
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    taken = []
    for path in paths:
        begun = time.perf_counter()
        connection.request("GET", path, headers=HEADERS)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - begun) * 1e3)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()
    return taken


def told(name: str, taken: Sequence[float]) -> str:
    """Return a line of the table from milliseconds."""
    cells = (percentile(list(taken), share) for share in (0.5, 0.99))
    return f"{name:44} p50 {next(cells):7.2f} ms  p99 {next(cells):7.2f} ms  worst {max(taken):.1f}"


def main(given: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processed", type=Path, required=True)
    edition = processed_edition(parser.parse_args(given).processed)
    scored, plain = _paths(edition)
    chance = random.Random(SEED)
    fresh = [
        f"{scored[0].split('?')[0]}?weights=age:{chance.random():.6f}&level=local_authority"
        for _ in range(NEW)
    ]
    rates = {}
    with serving(edition.parents[1]) as service:
        print(f"resident at start {megabytes(resident(service.pid))}")
        each(service.base, scored[:1])
        met = each(service.base, scored)
        first = dict(zip(reversed(scored[: len(plain)]), reversed(met[: len(plain)]), strict=True))
        print(told(f"{len(first)} tiles, met for the first time", list(first.values())))
        print(told("a new set of weights, with its first tile", each(service.base, fresh)))
        for name, paths in (("scored tiles", scored), ("plain tiles", plain)):
            alone, many = (press(service.base, paths, connections=n, runs=1) for n in (1, 8))
            rates[name] = many.rate
            line = f"p50 {alone.p50_ms:7.2f} ms  p99 {alone.p99_ms:7.2f} ms"
            print(f"{name + ', known':44} {line}  8 connections {many.rate:,.0f}/s")
        print(f"resident after {megabytes(resident(service.pid))}")
    peer = [sys.executable, "-m", "tests.benchmarks.peer", str(edition / "areas.pmtiles")]
    with running(peer, "/readyz") as service:
        paths = [path.replace(f"{edition.name}/areas/", "") for path in plain]
        rate = press(service.base, paths, connections=8, runs=1).rate
    print(f"{'peer: pmtiles.Reader behind FastAPI, plain':44} 8 connections {rate:,.0f}/s")
    print(f"scored tiles: {rates['scored tiles'] / rate:.0f} times the peer")


if __name__ == "__main__":
    main(sys.argv[1:])
