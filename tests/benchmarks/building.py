"""How long an edition takes to build, and how much memory."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.figures import Section, Table, Verdict, megabytes
from tests.benchmarks.processes import Usage, run_measured

STEP = re.compile(r"^\[\d+/\d+\] (?P<says>.+): (?P<taken>[\d.]+ s|already done)$")
WALL_S, PEAK_BYTES = 180, 4e9
AGAIN = 3


def command(raw: Path | None, processed: Path) -> list[str]:
    """Return the command that builds the edition of a raw folder, or else Sampleshire."""
    program = str(Path(sys.executable).parent / "exclusion-map")
    source = ["--raw-dir", str(raw)] if raw else ["--synthetic"]
    return [program, "build", *source, "--processed-dir", str(processed)]


def measure(raw: Path | None, processed: Path, say: Callable[[str], None]) -> Section:
    """Build from nothing, then again with every step done.

    Args:
        raw: the national raw folder; None builds Sampleshire.
        processed: an empty folder; afterwards its current edition is the one built.
        say: tells a person how far it is.
    """
    first = run_measured(command(raw, processed), lambda line: say(f"  {line}"))
    again = [run_measured(command(raw, processed), lambda _: None) for _ in range(AGAIN)]
    again.sort(key=lambda usage: usage.wall_s)
    section = Section("Building an edition")
    section.tables.append(_whole(first, again[AGAIN // 2]))
    section.tables.append(_steps(first))
    if raw:
        section.verdicts += [
            Verdict(
                "National build from the raw folder",
                "180 s",
                f"{first.wall_s:.0f} s",
                first.wall_s <= WALL_S,
            ),
            Verdict(
                "Memory of the national build",
                "4 GB",
                megabytes(first.peak_bytes),
                first.peak_bytes <= PEAK_BYTES,
            ),
        ]
    return section


def _whole(first: Usage, again: Usage) -> Table:
    def row(name: str, usage: Usage) -> list[str]:
        wall, cpu = f"{usage.wall_s:.1f} s", f"{usage.cpu_s:.1f} s"
        return [name, wall, cpu, megabytes(usage.peak_bytes)]

    return Table(
        ("build", "wall", "processor", "peak memory"),
        [row("from nothing, once", first), row(f"all steps done, median of {AGAIN}", again)],
        "The whole command with its start. Memory: resident, the process and its children "
        "together, looked at ten times a second.",
    )


def _steps(usage: Usage) -> Table:
    found = [match for line in usage.lines if (match := STEP.match(line))]
    rows = [[match["says"], match["taken"]] for match in found]
    note = "Steps that do not need each other run side by side: they do not add up."
    return Table(("step of the build from nothing", "wall"), rows, note)
