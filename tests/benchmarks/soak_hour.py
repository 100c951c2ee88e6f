"""An hour at a set rate: is memory flat, what is p99? Then ten times more than can be answered.

``make bench-soak DURATION=3600 RATE=100`` writes docs/benchmarks-soak.md. Ends with 1 where an
answer failed, memory grew, or too much made the service slow instead of brief.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from exclusion_map.editions import current_path, read_manifest
from tests.benchmarks import machine, report
from tests.benchmarks.figures import Section, Table, Verdict, megabytes, percentile
from tests.benchmarks.overload import overload
from tests.benchmarks.service import serving
from tests.benchmarks.soak import Soaked, section, soak
from tests.conftest import CACHE

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks-soak.md"
CONNECTIONS = 40
SWITCH, SETTLED = 0.1, 0.4
"""Shares of the time: when a new edition is published; from when on memory must be flat."""
MOST_SLOPE = 0.05
"""Of its level memory may grow so much over the time that is looked at, by the fitted line."""
SHORT_S = 600.0
"""A shorter soak tells nothing about slow growth: caches still fill."""


def slope_of(soaked: Soaked) -> tuple[float, float]:
    """Return the level of memory in bytes, and its growth in bytes an hour, once it settled.

    Least squares over all samples after ``SETTLED`` of the time, memory that no file backs.
    """
    last = soaked.samples[-1].at_s
    kept = [one for one in soaked.samples if one.at_s >= SETTLED * last]
    at = np.array([one.at_s for one in kept])
    own = np.array([one.own for one in kept], dtype=float)
    growth = float(np.polyfit(at, own, 1)[0]) if len(kept) > 1 else float("nan")
    return float(own.mean()), growth * 3600


def verdicts(soaked: Soaked, rate: float) -> list[Verdict]:
    """Return what is promised of a long load, beside what was measured."""
    level, growth = slope_of(soaked)
    looked_h = soaked.samples[-1].at_s * (1 - SETTLED) / 3600
    share = growth * looked_h / level
    every = [one for taken in soaked.tally.taken.values() for one in taken]
    done = len(every) / soaked.samples[-1].at_s
    found = [
        Verdict("failed or mixed-up answers", "0", f"{soaked.tally.failed:,}",
                soaked.tally.failed == 0),
        Verdict("answers a second", f"{rate:g}", f"{done:.1f}", done >= 0.97 * rate),
        Verdict("p99 of all answers, from when each was due", "250 ms",
                f"{percentile(every, 0.99) * 1e3:,.0f} ms", percentile(every, 0.99) <= 0.25),
    ]  # fmt: skip
    if soaked.seconds >= SHORT_S:
        found.append(
            Verdict("growth of memory once settled, of its level", f"{MOST_SLOPE:.0%}",
                    f"{share:+.1%} ({megabytes(growth)} an hour)", share <= MOST_SLOPE)
        )  # fmt: skip
    return found


def main(given: Sequence[str], say: Callable[[str], None] = print) -> int:
    """Load, then overload, and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak_hour")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--workers", type=int, default=1, help="processes of the service")
    parser.add_argument("--processed", type=Path, default=CACHE / "national")
    parser.add_argument("--print", action="store_true", help="print the results, write no file")
    arguments = parser.parse_args(given)
    facts, edition = machine.describe(), current_path(arguments.processed)
    say(f"{arguments.seconds:.0f} s at {arguments.rate:g} requests a second")
    soaked = soak(
        edition,
        seconds=arguments.seconds,
        connections=CONNECTIONS,
        rate=arguments.rate,
        switch=SWITCH,
        workers=arguments.workers,
    )
    part = section(soaked)
    part.verdicts += verdicts(soaked, arguments.rate)
    say("Ten times more than can be answered")
    with serving(arguments.processed, arguments.workers) as service:
        pressed = asyncio.run(overload(service.base))
    too_much = Section("Ten times too much")
    too_much.tables.append(Table(*pressed.table()))
    too_much.verdicts += pressed.verdicts()
    command = (
        f"make bench-soak DURATION={arguments.seconds:.0f} RATE={arguments.rate:g} "
        f"WORKERS={arguments.workers}"
    )
    about = f"{read_manifest(edition).title} (`{edition.name}`)"
    text = report.render([part, too_much], facts, about, command)
    if arguments.print:
        say(text)
    else:
        report.write(RESULTS, text)
    return 0 if all(one.met for one in (*part.verdicts, *too_much.verdicts)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
