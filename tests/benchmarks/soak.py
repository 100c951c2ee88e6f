"""Many visitors for a minute, and a new edition published in the middle.

``python -m tests.benchmarks.soak --seconds 60 --connections 200 --processed FOLDER``

Ends with 1 where an answer failed, or was not what its edition answers.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from exclusion_map.editions import current_path, read_manifest, set_current
from tests.benchmarks.figures import Section, Table, megabytes, percentile
from tests.benchmarks.processes import family, own, resident
from tests.benchmarks.service import serving
from tests.benchmarks.soak_client import Soak, Tally, expect
from tests.benchmarks.soak_editions import addresses, stage
from tests.conftest import CACHE

BETWEEN_S = 0.5
AFTER_S, WAIT_S = 2.0, 40.0
"""Go on for so long after the switch; wait for it so long at most."""
SHARES = (0.5, 0.95, 0.99)
"""Of all answers, the shares that were quicker than what a table tells."""
FLAT = 1.05
"""Memory is flat when its level in the last sixth is at most this times that a third before."""


@dataclass(frozen=True)
class Sample:
    """Memory of all processes of the service at a moment, seconds from the start."""

    at_s: float
    resident: int
    own: int


@dataclass(frozen=True)
class Soaked:
    """A load and what came of it."""

    tally: Tally
    samples: Sequence[Sample]
    seconds: float
    connections: int

    def level(self, begin: float, end: float) -> float:
        """Return the average memory not backed by files between two shares of the time."""
        last = self.samples[-1].at_s
        within = [one.own for one in self.samples if begin * last <= one.at_s <= end * last]
        return sum(within) / max(1, len(within))

    @property
    def growth(self) -> float:
        """How many times the memory of the fourth sixth is that of the last."""
        return self.level(5 / 6, 1) / max(1.0, self.level(4 / 6, 5 / 6))


def soak(
    edition: Path,
    *,
    seconds: float,
    connections: int,
    rate: float = 0,
    switch: float = 0.5,
    workers: int = 1,
) -> Soaked:
    """Serve a copy of an edition, load it, publish its twin meanwhile, judge every answer.

    Args:
        edition: to serve.
        seconds: of load.
        connections: at once.
        rate: requests a second; as fast as answers come if 0.
        switch: share of the time after which the twin is published.
        workers: processes of the service.
    """
    index = read_manifest(edition).default_index
    asks = addresses(edition, index)
    with tempfile.TemporaryDirectory(prefix="exclusion-map-soak-") as name:
        processed = Path(name)
        old, new = stage(edition, processed)
        set_current(processed, new)
        with serving(processed) as service:
            expected = asyncio.run(expect(service.base, asks, new))
        set_current(processed, old)
        with serving(processed, workers) as service:
            expected |= asyncio.run(expect(service.base, asks, old))
            load = Soak(service.base, asks, (old, new), expected, rate)
            work = _run(load, service.pid, processed, (seconds, seconds * switch), connections)
            samples = asyncio.run(work)
    return Soaked(load.tally, samples, seconds, connections)


async def _run(
    load: Soak, pid: int, processed: Path, times: tuple[float, float], connections: int
) -> list[Sample]:
    """Load for some seconds, and publish after some; return what memory the service took."""
    seconds, publish_s = times
    samples: list[Sample] = []
    watching = asyncio.create_task(_watch(pid, samples))
    publishing = asyncio.create_task(_publish(load, processed, publish_s))
    try:
        await load.run(connections, seconds)
        await publishing
    finally:
        watching.cancel()
        publishing.cancel()
    return samples


async def _watch(pid: int, samples: list[Sample]) -> None:
    begun = time.perf_counter()
    while True:
        every = family(pid)
        size, mine = sum(map(resident, every)), sum(map(own, every))
        samples.append(Sample(time.perf_counter() - begun, size, mine))
        await asyncio.sleep(BETWEEN_S)


async def _publish(load: Soak, processed: Path, after_s: float) -> None:
    """Point to the new edition in the middle; keep the load up until it was met and a bit more."""
    await asyncio.sleep(after_s)
    set_current(processed, load.editions[1])
    load.go_on(after_s + WAIT_S)
    for _ in range(int(WAIT_S / 0.1)):
        if load.tally.switched_s is not None:
            load.go_on(load.tally.switched_s + AFTER_S)
            return
        await asyncio.sleep(0.1)


def section(soaked: Soaked) -> Section:
    """Return what came of it as a part of a report."""
    tally = soaked.tally
    every = [one for taken in tally.taken.values() for one in taken]
    rows = [_row(kind, taken) for kind, taken in sorted(tally.taken.items())]
    rows.append(_row("all", every))
    editions = ", ".join(f"{count:,} of `{name}`" for name, count in tally.by_edition.items())
    switched = "never" if tally.switched_s is None else f"after {tally.switched_s:.1f} s"
    note = (
        f"{soaked.connections} connections for {soaked.seconds:.0f} s, client and service on the "
        f"same machine, the client in Python. The next edition, met {switched}, differs from the "
        f"first in every tile, tenth and name. Answers: {editions}; "
        f"{tally.old_after_switch:,} of the first edition after the switch, by its own addresses. "
        "Each body was held against what an idle service answers from the edition its headers name."
    )
    first, last = soaked.samples[0], soaked.samples[-1]
    levels = [soaked.level(begin / 6, (begin + 1) / 6) for begin in range(6)]
    memory = Table(
        ("memory", *(f"{begin + 1}/6" for begin in range(6))),
        [["not backed by files, average of each sixth", *map(megabytes, levels)]],
        f"Resident {megabytes(first.resident)} at the start, {megabytes(last.resident)} at the "
        "end. From the switch on two editions are open.",
    )
    found = Section("Load, with a new edition in the middle")
    columns = ("answers", "count", *(f"p{share:.0%}"[:-1] for share in SHARES), "worst")
    found.tables += [Table(columns, rows, note), memory]
    found.notes += [f"{tally.failed} answers failed or were mixed up.", *tally.faults]
    return found


def _row(kind: str, taken: Sequence[float]) -> list[str]:
    at = (percentile(taken, share) * 1e3 for share in (*SHARES, 1))
    return [kind, f"{len(taken):,}", *(f"{one:,.0f} ms" for one in at)]


def main(given: Sequence[str], say: Callable[[str], None] = print) -> int:
    """Load, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--processed", type=Path, default=CACHE / "national")
    arguments = parser.parse_args(given)
    edition = current_path(arguments.processed)
    found = soak(edition, seconds=arguments.seconds, connections=arguments.connections)
    part = section(found)
    for table in part.tables:
        for cells in (table.columns, *table.rows):
            say("  ".join(f"{cell:24}" for cell in cells))
        say(f"{table.note}\n")
    for note in part.notes:
        say(note)
    return 1 if found.tally.failed or found.tally.switched_s is None else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
