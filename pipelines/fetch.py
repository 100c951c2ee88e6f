"""The command ``fetch``: download the files an edition needs into the raw folder."""

import fcntl
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from exclusion_map import catalogue
from exclusion_map.catalogue import Delivery, Source
from exclusion_map.editions.workshop import sync_folder
from exclusion_map.errors import CatalogueError, ExclusionMapError, FetchError
from exclusion_map.settings import FetchSettings
from exclusion_map.sources.fetching import Outcome, Status, Wanted, fetch_file
from exclusion_map.sources.files import located, served
from exclusion_map.sources.provenance import LOCK_NAME, Lock, read_lock, write_lock
from exclusion_map.sources.web import UnreachableError, Web
from pipelines.downloads import Display, display, say


@dataclass(frozen=True)
class FetchSummary:
    """Outcome of every requested file, in order."""

    raw_dir: Path
    outcomes: tuple[Outcome, ...]

    def of(self, status: Status) -> tuple[Outcome, ...]:
        """Return the outcomes with a status."""
        return tuple(outcome for outcome in self.outcomes if outcome.status is status)

    @property
    def complete(self) -> bool:
        """Whether nothing failed and no required file is left to get by hand."""
        left = (outcome.wanted.file.required for outcome in self.of(Status.BY_HAND))
        bad = self.of(Status.FAILED) + self.of(Status.UNREACHABLE)
        return not bad and not any(left)


def fetch(
    raw_dir: Path,
    *,
    wanted: Collection[str] | None = None,
    force: bool = False,
    console: Console,
    settings: FetchSettings | None = None,
    sources: Mapping[str, Source] | None = None,
) -> FetchSummary:
    """Download files to the raw folder, and report the outcome of each.

    A failure does not stop the other downloads and leaves existing files untouched.

    Args:
        raw_dir: the raw folder; created if missing.
        wanted: source ids, to fetch all their files; None for the files an edition needs.
        force: download files again even if they exist.
        console: for progress and the summary.
        settings: limits; from the environment if None.
        sources: the catalogue; the shipped one if None.

    Raises:
        CatalogueError: there is no source with that id.
        FetchError: the folder cannot be created, or is in use by another fetch.
        SourceError: the provenance lock is damaged.
    """
    files = choose(sources if sources is not None else catalogue.sources(), wanted)
    with (
        _alone(raw_dir),
        Web(settings or FetchSettings()) as web,
        display(console, len(files)) as shown,
    ):
        _probe(web, raw_dir, files, force, console)
        outcomes = list(_each(web, raw_dir, files, force, shown))
    summary = FetchSummary(raw_dir, tuple(_spared(outcome, raw_dir) for outcome in outcomes))
    _tell(summary, console)
    return summary


def choose(sources: Mapping[str, Source], wanted: Collection[str] | None) -> list[Wanted]:
    """Return the files to fetch: all of the named sources, or those an edition needs.

    Raises:
        CatalogueError: there is no source with that id.
    """
    unknown = set(wanted or ()) - set(sources)
    if unknown:
        raise CatalogueError(
            f"source {', '.join(sorted(unknown))}",
            found="no such id",
            expected=f"some of {', '.join(sources)}",
        )
    return [
        Wanted(source, file)
        for source in sources.values()
        for file in source.files
        if (source.id in wanted if wanted is not None else file.required or file.recommended)
    ]


@contextmanager
def _alone(raw_dir: Path) -> Iterator[None]:
    """Ensure that only one fetch at a time works in a folder.

    The folder itself is locked, so no lock file has to be written; the kernel releases the lock
    when its holder ends.
    """
    try:
        raw_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(raw_dir, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FetchError(
            str(raw_dir),
            found=error.strerror or str(error),
            expected="a folder, or space to create one",
            mend="Set EXCLUSION_MAP_RAW_DIR to a writable folder.",
        ) from None
    try:
        _take(handle, raw_dir)
        _sweep(raw_dir)
        yield
    finally:
        os.close(handle)


def _take(handle: int, raw_dir: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FetchError(
            str(raw_dir),
            found="another fetch at work in it",
            expected="one at a time",
            mend="Wait until it has finished.",
        ) from None


def _sweep(raw_dir: Path) -> None:
    """Remove drafts left by a fetch that was killed; partial downloads are resumed."""
    for pattern in (f".{LOCK_NAME}.*.tmp", "*/.*.part.json.*.tmp"):
        for left in raw_dir.glob(pattern):
            left.unlink(missing_ok=True)


def _probe(web: Web, raw_dir: Path, files: Iterable[Wanted], force: bool, console: Console) -> None:
    """Check in parallel which of the publishers needed cannot be reached."""
    addresses = [
        wanted.file.address
        for wanted in files
        if wanted.file.delivery is not Delivery.BY_HAND
        and (force or located(raw_dir, wanted.source.id, wanted.file) is None)
    ]
    for host, why in web.probe(addresses).items():
        say(console, f"{host} cannot be reached: {why}")


def _each(
    web: Web, raw_dir: Path, files: Iterable[Wanted], force: bool, shown: Display
) -> Iterator[Outcome]:
    lock = read_lock(raw_dir)
    for wanted in files:
        report = shown.begin(wanted)
        known = lock.files.get(wanted.name)
        try:
            outcome = fetch_file(web, raw_dir, wanted, known=known, force=force, report=report)
        except ExclusionMapError as error:
            outcome = _failed(raw_dir, wanted, error, force)
        lock = _recorded(raw_dir, lock, outcome)
        shown.end(outcome)
        yield outcome


def _failed(raw_dir: Path, wanted: Wanted, error: ExclusionMapError, force: bool) -> Outcome:
    there = located(raw_dir, wanted.source.id, wanted.file) is not None
    if isinstance(error, UnreachableError):
        if there and not force:
            return Outcome(wanted, Status.KEPT, "there already; its publisher cannot be asked")
        return Outcome(wanted, Status.UNREACHABLE, error.message, error=error)
    kept = " What was there is untouched." if there else ""
    return Outcome(wanted, Status.FAILED, error.message + kept, error=error)


def _recorded(raw_dir: Path, lock: Lock, outcome: Outcome) -> Lock:
    """Write the lock after each file, so that a fetch that is killed loses no records.

    The file is flushed to disk first, so that a power cut cannot leave a record of a torn file.
    """
    if outcome.record is None:
        return lock
    path = raw_dir / outcome.wanted.source.id / outcome.wanted.file.path
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)
    lock = lock.with_record(outcome.wanted.name, outcome.record)
    write_lock(raw_dir, lock)
    return lock


def _spared(outcome: Outcome, raw_dir: Path) -> Outcome:
    """Mark a file to get by hand as not needed if an alternative was fetched."""
    wanted = outcome.wanted
    if outcome.status is Status.BY_HAND and served(raw_dir, wanted.source, wanted.file):
        return Outcome(wanted, Status.KEPT, f"{', '.join(wanted.file.instead)} serves instead")
    return outcome


def _tell(summary: FetchSummary, console: Console) -> None:
    counts = ", ".join(
        f"{len(summary.of(status))} {status}" for status in Status if summary.of(status)
    )
    say(console, f"{summary.raw_dir}: {counts or 'nothing was asked for'}.")
    for outcome in summary.of(Status.BY_HAND):
        need = "needed" if outcome.wanted.file.required else "optional"
        say(console, f"To get by hand ({need}): {outcome.wanted.name}: {outcome.detail}")
    if summary.of(Status.UNREACHABLE):
        say(
            console,
            "Publishers that could not be reached: try again with a network, or set "
            "EXCLUSION_MAP_RAW_DIR to a folder with the raw files.",
        )
