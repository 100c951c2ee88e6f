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
from tests.benchmarks.processes import run_measured

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "docs" / "benchmarks-million.md"
TEN_MILLION = 10_000_000


def measure(areas: int, say: Callable[[str], None]) -> Section:
    """Return what each part takes, and ten million areas by rule of three."""
    rows = []
    for name, part in PARTS.items():
        say(part.title)
        module = "tests.benchmarks.million"
        usage = run_measured(
            [sys.executable, "-m", module, "--part", name, "--areas", str(areas)], lambda _: None
        )
        told = json.loads(usage.lines[-1])
        scale = TEN_MILLION / told["areas"]
        rows.append(
            [
                part.title,
                f"{told['areas']:,}",
                f"{told['cpu_s']:.1f} s",
                megabytes(told["peak"]),
                f"{told['cpu_s'] * scale / 60:.1f} min" if part.grows else "the same",
                told["note"],
            ]
        )
    columns = ("part", "areas", "processor", "peak memory", "10 million", "")
    note = "Processor time of all threads; ten million by rule of three where it grows with areas."
    parts = Table(columns, rows, note)
    say("a service")
    return Section("Parts", [parts, million_service.measure(areas)])


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
    section = measure(arguments.areas, lambda text: print(text, flush=True))
    command = f"python -m tests.benchmarks.million --areas {arguments.areas}"
    text = report.render([section], facts, f"{arguments.areas:,} invented areas", command)
    if arguments.print:
        print(text)
    else:
        report.write(RESULTS, text)


if __name__ == "__main__":
    main(sys.argv[1:])
