"""Measure what this project promises, and write it into docs/benchmarks.md: ``make bench``."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import (
    answering,
    archive,
    building,
    composing,
    footprints,
    loading,
    machine,
    reaching,
    repainting,
    report,
    reporting,
    reweighing,
    scored,
    viewing,
)
from tests.benchmarks.figures import Section
from tests.conftest import national_raw_dir

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "docs" / "benchmarks.md"


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--processed", type=Path, help="measure the edition of this folder; build none"
    )
    parser.add_argument("--print", action="store_true", help="print the results, write no file")
    return parser.parse_args(given)


class _Clock:
    """Tells a person what is being measured, and how long it has been."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    def say(self, text: str) -> None:
        print(f"{time.perf_counter() - self._begun:6.1f} s  {text}", flush=True)


def _measure(processed: Path, say: Callable[[str], None], sections: list[Section]) -> str:
    """Measure everything about the current edition of a folder; return what the edition is."""
    edition = answering.processed_edition(processed)
    manifest = json.loads((edition / "manifest.json").read_text(encoding="utf-8"))
    say("Start and memory of the service")
    sections.append(answering.start_up(processed))
    say("Answers of the service")
    sections.append(answering.answers(processed, say))
    say("Tiles with scores")
    sections.append(scored.measure(processed, say))
    say("First view of the map")
    national = not manifest["synthetic"]
    sections.append(viewing.measure(processed, say, national=national))
    say("First view on a slow line")
    sections.append(loading.measure(processed, say, national=national))
    say("New weights")
    sections.append(reweighing.measure(processed, say, national=national))
    say("From slider to repainted map")
    sections.append(repainting.measure(processed, say, national=national))
    say("The index")
    sections.append(composing.measure(edition))
    sections.append(archive.measure(edition))
    say("Access and siting")
    sections.append(reaching.measure(edition))
    say("Footprint of a long list")
    sections.append(footprints.measure(processed, edition))
    say("Reports")
    sections.append(reporting.measure(processed, edition))
    about = f"{manifest['title']} (`{manifest['edition']}`)"
    return f"{about}, an invented county: nothing national" if manifest["synthetic"] else about


def main(given: Sequence[str]) -> None:
    """Measure and write."""
    arguments, clock = _arguments(given), _Clock()
    facts = machine.describe()
    sections: list[Section] = []
    with tempfile.TemporaryDirectory(prefix="exclusion-map-bench-") as folder:
        processed = arguments.processed or Path(folder)
        if not arguments.processed:
            raw = national_raw_dir()
            clock.say(f"Building from {'the national raw folder' if raw else 'Sampleshire'}")
            sections.append(building.measure(raw, processed, clock.say))
        edition = _measure(processed, clock.say, sections)
    command = (
        "python -m tests.benchmarks --processed FOLDER" if arguments.processed else "make bench"
    )
    text = report.render(sections, facts, edition, command)
    if arguments.print:
        print(text)
    else:
        report.write(RESULTS, text)
        report.draw(RESULTS.with_suffix(""), sections)
        clock.say(f"Written to {RESULTS.relative_to(REPOSITORY)}")


if __name__ == "__main__":
    main(sys.argv[1:])
