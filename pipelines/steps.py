"""Build steps: each runs once for given inputs and code, and its result is reused.

A step's folder is named after a digest of everything it depends on: the raw files it reads, the
release, the code and catalogue it uses, and the steps before it. It is written to a temporary
folder and renamed when complete (``pipelines.keeping``), so a build that was killed continues where
it stopped.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import exclusion_map
from pipelines.keeping import is_whole, made_aside, sweep, write_synced
from pipelines.progress import DONE, Progress

PACKAGE = Path(exclusion_map.__file__).parent
AT_ONCE = 2
"""Steps run in parallel; the limit is memory rather than cores."""
KEPT = 2
"""Results kept per step: the newest, and one more for switching back and forth."""


@dataclass(frozen=True)
class Workplace:
    """Inputs of a step.

    Attributes:
        raw_dir: the raw folder.
        folder: empty folder to write results into.
        made: folders of the steps it needs, by name.
        note: progress callback.
    """

    raw_dir: Path
    folder: Path
    made: Mapping[str, Path]
    note: Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One step of a build.

    Attributes:
        name: short unique name.
        says: description for the progress display.
        make: function that runs the step.
        needs: names of the steps whose results it reads.
        sources: ids of the sources whose raw files it reads.
        code: parts of the package that affect the result, such as ``geography``.
        pipeline: modules of ``pipelines`` that affect the result.
    """

    name: str
    says: str
    make: Callable[[Workplace], None]
    needs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ("plan", "evidence")


@dataclass
class RawChecksums:
    """Cached SHA-256 of raw files; files with the same size and time are assumed unchanged."""

    raw_dir: Path
    memory: Path
    _known: dict[str, list[object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.memory.is_file():
            # A damaged cache is ignored: all files are then read again.
            with suppress(ValueError, AttributeError, TypeError):
                told = json.loads(self.memory.read_bytes())
                self._known = {name: seen for name, seen in told.items() if len(seen) == 3}

    def of(self, source: str) -> list[dict[str, object]]:
        """Return path, bytes and sha256 of each raw file of a source, sorted by path."""
        folder = self.raw_dir / source
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return [
            {
                "path": path.relative_to(folder).as_posix(),
                "bytes": path.stat().st_size,
                "sha256": self._sha256(path),
            }
            for path in files
            if not path.name.startswith(".")
        ]

    def save(self) -> None:
        """Store the checksums for the next build."""
        write_synced(self.memory, json.dumps(self._known, indent=1, sort_keys=True))

    def _sha256(self, path: Path) -> str:
        stat = path.stat()
        seal: list[object] = [stat.st_size, stat.st_mtime_ns]
        name = str(path.resolve())
        if self._known.get(name, [])[:2] != seal:
            with path.open("rb") as file:
                self._known[name] = [*seal, hashlib.file_digest(file, "sha256").hexdigest()]
        return str(self._known[name][2])


def run_steps(
    steps: Sequence[Step], checksums: RawChecksums, steps_dir: Path, progress: Progress
) -> tuple[dict[str, Path], str]:
    """Run every step without a result, two at a time, each after the steps it needs.

    Args:
        steps: the steps, each after those it needs; a long step with few needs should come early,
            so that it runs in parallel with others.
        checksums: checksums of the raw files.
        steps_dir: folder for the results.
        progress: progress display.

    Returns:
        The folder of each step by name, and a digest of all steps.
    """
    steps_dir.mkdir(parents=True, exist_ok=True)
    sweep(steps_dir)
    made: dict[str, Path] = {}
    for step in steps:
        made[step.name] = steps_dir / f"{step.name}-{_digest(step, checksums, made)}"
    checksums.save()
    running: dict[str, Future[None]] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for step in steps:
                needed = [running[name] for name in step.needs]
                running[step.name] = pool.submit(
                    _run, step, needed, checksums.raw_dir, made, progress
                )
            for future in as_completed(running.values()):
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    _tidy(steps_dir, {step.name for step in steps})
    return made, _sha("\n".join(folder.name for folder in made.values()))[:12]


def _run(
    step: Step,
    needed: Sequence[Future[None]],
    raw_dir: Path,
    made: Mapping[str, Path],
    progress: Progress,
) -> None:
    # No deadlock: a step is submitted, and so started, after those it waits for.
    for future in needed:
        future.result()
    folder = made[step.name]
    with progress.step(step.says) as note:
        if is_whole(folder):
            note(DONE)
            os.utime(folder)
        else:
            with made_aside(folder) as making:
                needed_folders = {name: made[name] for name in step.needs}
                step.make(Workplace(raw_dir, making, needed_folders, note))


def _digest(step: Step, checksums: RawChecksums, made: Mapping[str, Path]) -> str:
    told = {
        # What a step does not list may change with a release too, such as a library it uses.
        "version": exclusion_map.__version__,
        "code": _code(step),
        "raw": {source: checksums.of(source) for source in step.sources},
        "needs": [made[name].name for name in step.needs],
    }
    return _sha(json.dumps(told, sort_keys=True))[:16]


def _code(step: Step) -> str:
    """Return a digest of the source code that affects a step."""
    digest = hashlib.sha256()
    pipeline = [Path(__file__).with_name(f"{name}.py") for name in step.pipeline]
    roots = [PACKAGE / part for part in step.code] + pipeline
    for root in roots:
        files = [root] if root.is_file() else sorted(root.rglob("*"))
        for path in files:
            if path.suffix in {".py", ".toml"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _tidy(steps_dir: Path, names: set[str]) -> None:
    """Remove all but the newest results of each step."""
    for name in names:
        folders = [path for path in steps_dir.glob(f"{name}-*") if path.name[:-17] == name]
        for old in sorted(folders, key=lambda path: path.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def write_json(path: Path, data: object) -> None:
    """Write data as readable JSON."""
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
