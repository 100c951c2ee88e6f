"""Take over an edition that was published elsewhere: byte for byte, wholly or not at all.

Nothing of it is seen before every byte has been held against its checksums; then the folder gets
its name, and ``current`` is switched last, as for an edition that is built here.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from exclusion_map.editions.manifest import (
    EDITION_ID,
    MANIFEST,
    FileRecord,
    Manifest,
    read_manifest,
)
from exclusion_map.editions.publish import set_current
from exclusion_map.editions.remote import Remote
from exclusion_map.editions.store import current_id, list_editions
from exclusion_map.editions.verify import SUMS, record_file, verify_files
from exclusion_map.editions.workshop import CURRENT, EDITIONS, locked, new_edition, sync_folder
from exclusion_map.errors import EditionError

_MOST_OF_POINTER, _MOST_OF_MANIFEST, _MOST_OF_SUMS = 1_000, 50_000_000, 1_000_000
_ID = re.compile(EDITION_ID)

OnFile = Callable[[str, FileRecord, bool], None]
"""Told the name of a file that is here now, its record, and whether it had to be fetched."""


@dataclass(frozen=True)
class Received:
    """What became of a look at another folder of editions.

    Attributes:
        folder: of the edition that is current there, and now here.
        changed: whether it was not current here before.
        fetched_bytes: that came over the line.
    """

    folder: Path
    changed: bool
    fetched_bytes: int = 0


def receive(remote: Remote, processed_dir: Path, on_file: OnFile) -> Received:
    """Make the edition that is current elsewhere the current one here.

    Files that another edition here has with the same checksum are copied from it.

    Raises:
        FetchError: something cannot be had.
        EditionError: what is there is no whole edition; the current one here stays.
        OSError: there is no room.
    """
    edition_id = _pointed_at(remote)
    processed_dir.mkdir(parents=True, exist_ok=True)
    target = processed_dir / EDITIONS / edition_id
    if (target / MANIFEST).is_file():
        if _current(processed_dir) == edition_id:
            return Received(target, changed=False)
        verify_files(target, read_manifest(target), "full")
        with locked(processed_dir, wait=True):
            set_current(processed_dir, edition_id)
        return Received(target, changed=True)
    with new_edition(processed_dir, edition_id) as folder:
        manifest = _manifest(remote, edition_id, folder)
        fetched = _fill(remote, manifest, folder, processed_dir, on_file)
        _sync(folder)
        verify_files(folder, manifest, "full")
        with locked(processed_dir, wait=True):
            target.parent.mkdir(exist_ok=True)
            folder.rename(target)
            sync_folder(target.parent)
            set_current(processed_dir, edition_id)
    return Received(target, changed=True, fetched_bytes=fetched)


def _pointed_at(remote: Remote) -> str:
    found = remote.read(CURRENT, _MOST_OF_POINTER).decode("utf-8", "replace").strip()
    if not _ID.match(found):
        raise EditionError(
            f"file {CURRENT}", found=repr(found[:40]), expected="the id of an edition"
        )
    return found


def _current(processed_dir: Path) -> str | None:
    try:
        return current_id(processed_dir)
    except EditionError:
        return None


def _manifest(remote: Remote, edition_id: str, folder: Path) -> Manifest:
    """Write the manifest and the checksums into a folder, and return the manifest."""
    for name, most in ((MANIFEST, _MOST_OF_MANIFEST), (SUMS, _MOST_OF_SUMS)):
        (folder / name).write_bytes(remote.read(f"{EDITIONS}/{edition_id}/{name}", most))
    manifest = read_manifest(folder)
    if manifest.edition != edition_id:
        raise EditionError(
            f"edition {edition_id}",
            found=f"a manifest of edition {manifest.edition!r}",
            expected="an edition in a folder of its own name",
        )
    for name in manifest.files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or path.as_posix() != name:
            raise EditionError(
                f"manifest of {edition_id}", found=f"file {name!r}", expected="names inside it"
            )
    return manifest


def _fill(
    remote: Remote, manifest: Manifest, folder: Path, processed_dir: Path, on_file: OnFile
) -> int:
    """Bring every file of a manifest into a folder; return how many bytes were fetched."""
    here = dict(_files_here(processed_dir))
    fetched = 0
    for name, record in sorted(manifest.files.items()):
        to = folder / name
        to.parent.mkdir(parents=True, exist_ok=True)
        twin = here.get(record.sha256)
        if twin is not None and _copied(twin, to, record):
            on_file(name, record, False)
            continue
        address = f"{EDITIONS}/{manifest.edition}/{name}"
        remote.fetch(address, to, record.bytes, lambda _have, _total: None)
        fetched += record.bytes
        on_file(name, record, True)
    return fetched


def _files_here(processed_dir: Path) -> Iterator[tuple[str, Path]]:
    """Yield checksum and path of every file of the editions here."""
    for name in list_editions(processed_dir):
        folder = processed_dir / EDITIONS / name
        try:
            records: Mapping[str, FileRecord] = read_manifest(folder).files
        except EditionError:
            continue
        yield from ((record.sha256, folder / file) for file, record in records.items())


def _copied(twin: Path, to: Path, record: FileRecord) -> bool:
    """Copy a file that should be the same; say whether it was."""
    try:
        shutil.copyfile(twin, to)
    except FileNotFoundError:
        return False
    return record_file(to) == record


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(folder)
