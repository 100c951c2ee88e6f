"""Kill work at many points, cheaply: a warm process forks a child for each.

    python -m tests.integration.killing.run --edition FOLDER [--points 5000] [--scene fetch]

Modes: "killed" at the n-th operation on files, "ended" at a random time, "full" (operations that
need room fail from the n-th on), "small" (no file grows beyond a size, in C++ too), and "room" (a
real small file system with a random rest of room; only as root).
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from exclusion_map.errors import ExclusionMapError
from tests.integration.killing.scenes import (
    NEW,
    OLD,
    Building,
    Fetching,
    Importing,
    Publishing,
    Scene,
)
from tests.integration.killing.traps import Ballast, Trap, end_in, no_file_above

MODES = ("killed", "ended", "full", "small", "room")
TOLD_APART = (ExclusionMapError, OSError, SQLAlchemyError)
"""How work may end on a full disk; anything else is a fault of ours."""
ROOM = 8 << 20


@dataclass
class Tally:
    """What became of the points of a scene in a mode."""

    scene: str
    mode: str
    points: int = 0
    killed: int = 0
    refused: int = 0
    finished: int = 0
    old_seen: int = 0
    new_seen: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def forked(work: Callable[[], None]) -> int:
    """Do work in a child.

    Returns:
        0, 3 where it failed as it may, 4 where not; below 0 the signal that ended it.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 4
    try:
        work()
        code = 0
    except TOLD_APART:
        code = 3
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(code)


@dataclass
class Bench:
    """Where a scene is played again and again."""

    scene: Scene
    base: Path
    seed: int

    def __post_init__(self) -> None:
        self.template = self.base / "template"
        # In this process: what is imported only when needed need not be imported by each child.
        self.scene.prepare(self.template)
        self.ballast = Ballast(self.base)
        self.random = random.Random(self.seed)
        self.steps, self.span_s, self.largest, self.grown = self._clean_run()

    def play(self, mode: str, points: int) -> Tally:
        """Kill the work at so many points; returns what became of them."""
        tally = Tally(type(self.scene).__name__, mode)
        began = time.monotonic()
        for number, point in enumerate(self._points(mode, points)):
            folder = self.base / f"{mode}-{number}"
            shutil.copytree(self.template, folder)
            try:
                self._one(folder, mode, point, tally)
            except AssertionError as error:
                tally.faults.append(f"{mode} at {point}: {error}")
            except Exception as error:
                tally.faults.append(f"{mode} at {point}: {type(error).__name__}: {error}")
            finally:
                self.ballast.drop()
                shutil.rmtree(folder, ignore_errors=True)
            tally.points += 1
        tally.seconds = round(time.monotonic() - began, 1)
        return tally

    def _points(self, mode: str, count: int) -> list[float]:
        if mode in {"killed", "full"}:
            every = range(1, self.steps + 1)
            few = count < len(every)
            return [float(one) for one in (self.random.sample(every, count) if few else every)]
        most = {"ended": self.span_s, "small": self.largest, "room": 1.5 * self.grown}[mode]
        return [self.random.uniform(0, most) for _ in range(count)]

    def _one(self, folder: Path, mode: str, point: float, tally: Tally) -> None:
        if mode == "room":
            self.ballast.leave(int(point))
        code = forked(lambda: self._work(folder, mode, point))
        self.ballast.drop()
        tally.killed += code < 0
        tally.refused += code == 3
        tally.finished += code == 0
        assert code in {0, 3} or (code < 0 and mode in {"killed", "ended"}), f"ended with {code}"
        state = self.scene.state(folder)
        tally.old_seen += state == OLD
        tally.new_seen += state == NEW
        assert code != 0 or state == NEW, "it said that it was done, and was not"
        self.scene.work(folder)
        assert self.scene.state(folder) == NEW, "the next run did not recover"
        left = self.scene.leftovers(folder)
        assert not left, f"left over: {left}"

    def _work(self, folder: Path, mode: str, point: float) -> None:
        if mode in {"killed", "full"}:
            Trap(folder, int(point), full=mode == "full").arm()
        elif mode == "ended":
            end_in(point)
        elif mode == "small":
            no_file_above(int(point))
        self.scene.work(folder)

    def _clean_run(self) -> tuple[int, float, int, int]:
        """Return how many operations the work takes, how long, its largest file, what it adds."""
        folder, told = self.base / "clean", self.base / "count"
        shutil.copytree(self.template, folder)

        def counted() -> None:
            trap = Trap(folder, sys.maxsize)
            trap.arm()
            began = time.monotonic()
            self.scene.work(folder)
            told.write_text(json.dumps([trap.done, time.monotonic() - began]))

        assert forked(counted) == 0, "the work fails even when nobody disturbs it"
        assert self.scene.state(folder) == NEW
        steps, span_s = json.loads(told.read_text())
        sizes = _sizes(folder)
        shutil.rmtree(folder)
        grown = max(sum(sizes) - sum(_sizes(self.template)), max(sizes))
        return steps, span_s, max(sizes), grown


def _sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.rglob("*") if path.is_file()]


def scenes(names: list[str], edition: Path) -> list[Scene]:
    """Return the scenes that are asked for."""
    made: list[Scene] = []
    for name in names:
        if name == "fetch":
            fetching = Fetching()
            fetching.serve()
            made.append(fetching)
        elif name == "import":
            made.append(Importing(edition))
        else:
            made.append(Publishing() if name == "publish" else Building())
    return made


def main() -> None:
    """Play scenes and print a line of JSON for each scene and mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    every = ["publish", "build", "fetch", "import"]
    parser.add_argument("--edition", type=Path, required=True, help="an edition with postcodes")
    parser.add_argument("--scene", action="append", choices=every)
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--points", type=int, default=20, help="for each scene and mode")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    bad = False
    with tempfile.TemporaryDirectory(prefix="em-kill-", ignore_cleanup_errors=True) as folder:
        small = _small_file_system(Path(folder) / "small")
        for number, scene in enumerate(scenes(asked.scene or every, asked.edition)):
            base = (small or Path(folder)) / str(number)
            base.mkdir()
            bench = Bench(scene, base, asked.seed)
            for mode in asked.mode or MODES:
                if mode == "room" and small is None:
                    continue
                tally = bench.play(mode, asked.points)
                print(json.dumps(asdict(tally)), flush=True)
                bad = bad or bool(tally.faults)
            shutil.rmtree(base)
    sys.exit(1 if bad else 0)


def _small_file_system(folder: Path) -> Path | None:
    """Return a new small file system in memory; None where this process may not mount one.

    ``unshare --mount`` around this program keeps it from others and ends it with it.
    """
    folder.mkdir()
    with suppress(OSError, subprocess.SubprocessError):
        order = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(folder)]
        if os.geteuid() == 0 and "EXCLUSION_MAP_UNSHARED" in os.environ:
            subprocess.run(order, check=True, capture_output=True)
            return folder
    return None


if __name__ == "__main__":
    main()
