"""A million areas: what each part of building and serving them costs: ``make bench-million``.

Each part runs in a process of its own, so that its memory is its own.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import machine, million_service, report
from tests.benchmarks.figures import Section, Table, megabytes
from tests.benchmarks.million_parts import PARTS
from tests.benchmarks.million_service import TEN_MILLION
from tests.benchmarks.processes import run_measured

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "docs" / "benchmarks-million.md"


def measure(areas: int, say: Callable[[str], None]) -> Section:
    """Return what each part takes, and ten million areas by the law of each."""
    rows = []
    for number, (name, part) in enumerate(PARTS.items(), start=1):
        say(f"{number} of {len(PARTS) + 1}: {part.title}")
        module = "tests.benchmarks.million"
        usage = run_measured(
            [sys.executable, "-m", module, "--part", name, "--areas", str(areas)], lambda _: None
        )
        told = json.loads(usage.lines[-1])
        rows.append(
            [
                part.title,
                f"{told['areas']:,}",
                f"{told['cpu_s']:.1f} s",
                megabytes(told["peak"]),
                _duration(told["cpu_s"] * part.law.times(told["areas"], TEN_MILLION)),
                part.law.value,
                told["note"],
            ]
        )
    columns = ("part", "areas", "processor", "peak memory", "10 million", "law", "")
    note = (
        "Processor time of all threads, and what it would be with ten million areas by the law it "
        "grows by, n being areas. Peak memory is that of a process that also made the areas up."
    )
    parts = Table(columns, rows, note)
    say(f"{len(PARTS) + 1} of {len(PARTS) + 1}: a service over all of them")
    return Section("Parts", [parts, million_service.measure(areas, say)])


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


def _run_part(name: str, areas: int) -> None:
    job = PARTS[name].prepare(areas)
    begun = time.process_time()
    note, done = job()
    cpu = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"areas": done, "cpu_s": cpu, "peak": peak, "note": note}))


def main(given: Sequence[str]) -> None:
    """Measure and write, or run one part."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.million", description=__doc__)
    parser.add_argument("--areas", type=int, default=1_000_000)
    parser.add_argument("--part", choices=list(PARTS), help="run this part alone")
    parser.add_argument("--print", action="store_true", help="print the results, write no file")
    arguments = parser.parse_args(given)
    if arguments.part:
        _run_part(arguments.part, arguments.areas)
        return
    facts = machine.describe()
    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {text}", flush=True)

    section = measure(arguments.areas, say)
    say("done")
    command = f"python -m tests.benchmarks.million --areas {arguments.areas}"
    text = report.render([section], facts, f"{arguments.areas:,} invented areas", command)
    if arguments.print:
        print(text)
    else:
        report.write(RESULTS, text)


if __name__ == "__main__":
    main(sys.argv[1:])
