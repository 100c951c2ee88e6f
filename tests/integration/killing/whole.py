"""Kill builds of a whole edition, one after another, each going on where the last one died.

    python -m tests.integration.killing.whole PROCESSED EDITION RAW [--kills 200]

Prints a line of JSON for each: how it ended, and which edition was then current and whole.
"""

import argparse
import io
import json
import random
import shutil
from pathlib import Path

import pandera.strategies
import pyarrow.dataset
import pyogrio
from rich.console import Console

from exclusion_map.editions import (
    current_path,
    edition_path,
    list_editions,
    read_manifest,
    set_current,
)
from exclusion_map.editions.verify import verify_files
from pipelines.build import build
from tests.integration.killing.run import forked
from tests.integration.killing.traps import Trap, end_in

# What a build imports only when needed: here, each child would import it again.
WARM = (pandera.strategies, pyarrow.dataset, pyogrio)
SOON = 30
"""Operations within which a build is killed: a few of a step's, or those of two or three steps."""
SOON_S = 0.6


def serving(processed: Path) -> str:
    """Return the current edition; fails where any edition that can be seen is not whole."""
    for name in list_editions(processed):
        folder = edition_path(processed, name)
        verify_files(folder, read_manifest(folder), "full")
    return current_path(processed).name


def made(raw: Path, processed: Path) -> None:
    """Build, and say nothing of it."""
    build(raw, processed, Console(file=io.StringIO()))


def main() -> None:
    """Kill, look, and at last let a build end."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("processed", "edition", "raw"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    shutil.copytree(asked.edition, asked.processed / "editions" / asked.edition.name)
    set_current(asked.processed, asked.edition.name)
    dice = random.Random(asked.seed)
    for number in range(asked.kills + 1):
        point, seconds = dice.randrange(1, SOON), dice.uniform(0.0, SOON_S)

        def work(number: int = number, point: int = point, seconds: float = seconds) -> None:
            if number == asked.kills:
                pass  # The last one is let be.
            elif number % 2:
                end_in(seconds)
            else:
                Trap(asked.processed, point, reads=False).arm()
            made(asked.raw, asked.processed)

        code = forked(work)
        print(json.dumps({"ended": code, "serving": serving(asked.processed)}), flush=True)


if __name__ == "__main__":
    main()
