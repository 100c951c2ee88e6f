"""Publish a built folder as the current edition, atomically.

The order matters, because a process can be killed or power lost between any two steps. All files
are flushed to disk before the manifest is written, the manifest before the folder gets its name,
and the name before ``current`` points to it. Until the last step, the old edition stays current.
``previous`` names the edition before, for rollback and as a fallback.
"""

import os
from pathlib import Path

from exclusion_map.editions.manifest import (
    EDITION_ID,
    MANIFEST,
    FileRecord,
    Manifest,
    read_manifest,
)
from exclusion_map.editions.verify import SUMS, record_file, sums_text, verify_files
from exclusion_map.editions.workshop import (
    BUILDING,
    CURRENT,
    CURRENT_DRAFT,
    EDITIONS,
    PREVIOUS,
    locked,
    sync_folder,
)
from exclusion_map.errors import EditionError

__all__ = ["EDITION_ID", "publish", "set_current"]

_MARKS = (MANIFEST, SUMS)


def publish(folder: Path, manifest: Manifest) -> Path:
    """Publish a folder that ``new_edition`` gave, and make it the current edition.

    Args:
        folder: the folder, with every file of the edition but the manifest.
        manifest: the manifest without its ``files``; they are counted here.

    Returns:
        The folder of the edition. An existing edition with the same id and content is kept and
        becomes current. If one has the same id but other content, the new one gets a suffix
        (``-2``, ``-3``, ...), because addresses with an edition's id are cached indefinitely.

    Raises:
        EditionError: the folder is empty or not from ``new_edition``, or what was written cannot
            be read back.
    """
    _check_folder(folder, manifest)
    processed_dir = folder.parent
    records = _sync_files(folder)
    with locked(processed_dir, wait=True):
        target, kept = _place(processed_dir / EDITIONS, manifest, records)
        if not kept:
            _seal(folder, manifest, target.name, records)
            sync_folder(folder)
            verify_files(folder, read_manifest(folder), "full")
            target.parent.mkdir(exist_ok=True)
            folder.rename(target)
            sync_folder(target.parent)
            sync_folder(processed_dir)
        set_current(processed_dir, target.name)
    return target


def set_current(processed_dir: Path, edition_id: str) -> None:
    """Point ``current`` at an edition atomically: readers see the old name or the new one.

    Raises:
        EditionError: there is no such edition.
    """
    if not (processed_dir / EDITIONS / edition_id / MANIFEST).is_file():
        raise EditionError(
            f"edition {edition_id!r}",
            found=f"no such edition in {processed_dir / EDITIONS}",
            expected="an edition that was published",
        )
    pointer = processed_dir / CURRENT
    before = pointer.read_bytes() if pointer.is_file() else b""
    if before.strip() not in {b"", edition_id.encode()}:
        _point(processed_dir / PREVIOUS, before)
    _point(pointer, f"{edition_id}\n".encode())


def _point(pointer: Path, content: bytes) -> None:
    draft = pointer.with_name(f"{CURRENT_DRAFT}{os.getpid()}")
    _write_synced(draft, content)
    draft.replace(pointer)
    sync_folder(pointer.parent)


def _seal(folder: Path, manifest: Manifest, name: str, records: dict[str, FileRecord]) -> None:
    """Write the manifest, and the checksums of all files with the manifest's own."""
    complete = manifest.model_copy(update={"edition": name, "files": records, "sealed": True})
    _write_synced(folder / MANIFEST, complete.model_dump_json(indent=1).encode())
    sums = sums_text({**records, MANIFEST: record_file(folder / MANIFEST)})
    _write_synced(folder / SUMS, sums.encode())


def _check_folder(folder: Path, manifest: Manifest) -> None:
    if not folder.name.startswith(BUILDING) or not folder.is_dir():
        raise EditionError(
            str(folder), found="not a folder of new_edition()", expected="the folder it yielded"
        )
    if manifest.files:
        raise EditionError(
            f"manifest of {manifest.edition}",
            found=f"{len(manifest.files)} files listed already",
            expected="no files: publish() counts them",
        )


def _sync_files(folder: Path) -> dict[str, FileRecord]:
    """Flush every file to disk and return size and checksum by name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in _MARKS)
    if not paths:
        raise EditionError(str(folder), found="no files", expected="the files of an edition")
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for inner in (path for path in folder.rglob("*") if path.is_dir()):
        sync_folder(inner)
    return {path.relative_to(folder).as_posix(): record_file(path) for path in paths}


def _place(editions: Path, manifest: Manifest, records: dict[str, FileRecord]) -> tuple[Path, bool]:
    """Return the target folder, and whether the identical edition already exists there."""
    attempt = 1
    while True:
        name = manifest.edition if attempt == 1 else f"{manifest.edition}-{attempt}"
        target = editions / name
        if not target.exists():
            return target, False
        if _same(target, manifest, records):
            return target, True
        attempt += 1


def _same(target: Path, manifest: Manifest, records: dict[str, FileRecord]) -> bool:
    """Return whether an undamaged edition exists that differs only in its build time."""
    try:
        standing = read_manifest(target)
        verify_files(target, standing, "full")
    except EditionError:
        return False
    kept = {"edition": standing.edition, "built": standing.built, "sealed": standing.sealed}
    ours = manifest.model_copy(update={**kept, "files": records})
    return ours.model_dump_json() == standing.model_dump_json()


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
