"""Kill work at many points, cheaply: a warm process forks a child for each.

    python -m tests.integration.killing.run --edition FOLDER [--points 5000] [--scene fetch]
        [--database postgresql]

Modes: "killed" at the n-th operation on files or statement of SQL, "ended" at a random time, "full"
(operations that need room fail from the n-th on), "small" (no file grows beyond a size, in C++
too), and "room" (a real small file system with a random rest of room, on which PostgreSQL has its
tables; only as root, and with EXCLUSION_MAP_UNSHARED=1 before ``unshare --mount``).
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from exclusion_map.errors import ExclusionMapError
from tests.integration.killing.database_scenes import (
    BackingUp,
    Importing,
    Migrating,
    OfDatabase,
    Restoring,
)
from tests.integration.killing.databases import Files, Kind, Served
from tests.integration.killing.scenes import NEW, OLD, Building, Fetching, Publishing, Scene
from tests.integration.killing.traps import Ballast, Trap, end_in, no_file_above

MODES = ("killed", "ended", "full", "small", "room")
TOLD_APART = (ExclusionMapError, OSError, SQLAlchemyError)
"""How work may end on a full disk; anything else is a fault of ours."""
ROOM = {"sqlite": 8 << 20, "postgresql": 96 << 20}
"""Bytes of the small file system; an empty database of PostgreSQL takes eight million."""
OF_FILES = ("publish", "build", "fetch")
OF_DATABASES = ("import", "migrate", "backup", "restore")
MOST_GROWN = 8 << 20
AT_SERVERS = ("killed", "ended", "room")
"""Modes for what has its data at a server: its own files are not ours to fill."""


@dataclass
class Tally:
    """What became of the points of a scene in a mode."""

    scene: str
    mode: str
    database: str = ""
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
        tally = Tally(type(self.scene).__name__, mode, _kind_of(self.scene))
        began = time.monotonic()
        for number, point in enumerate(self._points(mode, points)):
            folder = self.base / f"{mode}-{number}"
            self.scene.copy(self.template, folder)
            try:
                self._one(folder, mode, point, tally)
            except AssertionError as error:
                tally.faults.append(f"{mode} at {point}: {error}")
            except Exception as error:
                tally.faults.append(f"{mode} at {point}: {type(error).__name__}: {error}")
            finally:
                self.ballast.drop()
                self.scene.drop(folder)
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
        self.scene.copy(self.template, folder)
        free = shutil.disk_usage(self.base).free

        def counted() -> None:
            trap = Trap(folder, sys.maxsize)
            trap.arm()
            began = time.monotonic()
            self.scene.work(folder)
            told.write_text(json.dumps([trap.done, time.monotonic() - began]))

        assert forked(counted) == 0, "the work fails even when nobody disturbs it"
        assert self.scene.state(folder) == NEW
        steps, span_s = json.loads(told.read_text())
        sizes, before = _sizes(folder), _sizes(self.template)
        largest = max([0, *(size for (_, size) in sizes - before)])
        grown = sum(size for _, size in sizes) - sum(size for _, size in before)
        taken = free - shutil.disk_usage(self.base).free
        self.scene.drop(folder)
        return steps, span_s, largest, max(grown, largest, min(taken, MOST_GROWN))


def _sizes(folder: Path) -> set[tuple[str, int]]:
    """Return the files of a folder with their sizes."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {(str(path.relative_to(folder)), path.stat().st_size) for path in paths}


def _kind_of(scene: Scene) -> str:
    if not isinstance(scene, OfDatabase):
        return ""
    return "postgresql" if isinstance(scene.kind, Served) else "sqlite"


def modes_of(scene: Scene) -> tuple[str, ...]:
    """Return the modes in which a scene is played."""
    served = _kind_of(scene) == "postgresql" and not isinstance(scene, BackingUp)
    return AT_SERVERS if served else MODES


def scene_of(name: str, edition: Path, kind: Kind) -> Scene:
    """Return a scene by its name."""
    if name == "fetch":
        fetching = Fetching()
        fetching.serve()
        return fetching
    if name == "import":
        return Importing(kind, edition)
    plain: dict[str, Callable[[], Scene]] = {
        "publish": Publishing,
        "build": Building,
        "migrate": lambda: Migrating(kind),
        "backup": lambda: BackingUp(kind),
        "restore": lambda: Restoring(kind),
    }
    return plain[name]()


def main() -> None:
    """Play scenes and print a line of JSON for each scene and mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    every = [*OF_FILES, *OF_DATABASES]
    parser.add_argument("--edition", type=Path, required=True, help="an edition with postcodes")
    parser.add_argument("--scene", action="append", choices=every)
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--database", choices=tuple(ROOM), default="sqlite")
    parser.add_argument("--points", type=int, default=20, help="for each scene and mode")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    faults = 0
    with _stage(asked.database) as (base, mounted, kind):
        for number, name in enumerate(asked.scene or every):
            scene, played = scene_of(name, asked.edition, kind), base / str(number)
            played.mkdir()
            modes = [mode for mode in asked.mode or MODES if mode in modes_of(scene)]
            bench = Bench(scene, played, asked.seed)
            for mode in modes if mounted else [one for one in modes if one != "room"]:
                tally = bench.play(mode, asked.points)
                print(json.dumps(asdict(tally)), flush=True)
                faults += len(tally.faults)
            scene.drop(bench.template)
            shutil.rmtree(played)
    sys.exit(1 if faults else 0)


@contextmanager
def _stage(database: str) -> Iterator[tuple[Path, bool, Kind]]:
    """Yield a folder to play in, whether it is on a small file system, and the databases."""
    prefix = "em-kill-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        # The user of PostgreSQL has to reach its tables.
        Path(folder).chmod(0o755)
        with (
            _small_file_system(Path(folder) / "small", ROOM[database]) as small,
            _databases(database, small) as kind,
        ):
            yield small or Path(folder), small is not None, kind


@contextmanager
def _databases(database: str, small: Path | None) -> Iterator[Kind]:
    if database == "sqlite":
        yield Files()
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    tables = None
    if small is not None:
        tables = small / "tables"
        tables.mkdir()
    served = Served(programs[-1].parent, tables)
    try:
        yield served
    finally:
        served.end()


@contextmanager
def _small_file_system(folder: Path, room: int) -> Iterator[Path | None]:
    """Yield a new small file system in memory; None where this process may not mount one.

    ``unshare --mount`` around this program keeps it from others and ends it with it.
    """
    folder.mkdir()
    mounted = False
    with suppress(OSError, subprocess.SubprocessError):
        order = ["mount", "-t", "tmpfs", "-o", f"size={room}", "none", str(folder)]
        if os.geteuid() == 0 and "EXCLUSION_MAP_UNSHARED" in os.environ:
            subprocess.run(order, check=True, capture_output=True)
            mounted = True
    try:
        yield folder if mounted else None
    finally:
        # Else the folder under it could not be removed, and would stay for ever.
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


if __name__ == "__main__":
    main()
