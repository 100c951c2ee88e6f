"""Check the files of an edition against its manifest, by size or byte for byte.

The manifest holds the checksum of every file; ``SHA256SUMS`` also has that of the manifest itself.
So no change of any byte goes unnoticed, and ``sha256sum -c SHA256SUMS`` gives the same result
without this program.
"""

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from exclusion_map.editions.manifest import MANIFEST, FileRecord, Manifest
from exclusion_map.editions.plain_files import plain_size, read_text_file
from exclusion_map.errors import EditionError

Depth = Literal["quick", "full"]
Stamp = tuple[tuple[str, int, int, int], ...]

SUMS = "SHA256SUMS"
_CHUNK = 1 << 20
_AT_ONCE = 2
"""Files hashed in parallel; hashing does not block other threads."""


def record_file(path: Path) -> FileRecord:
    """Return the size and checksum of a file, read from the disk."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FileRecord(bytes=size, sha256=digest.hexdigest())


def sums_text(records: Mapping[str, FileRecord]) -> str:
    """Return checksums in the format of sha256sum."""
    return "".join(f"{records[name].sha256}  {name}\n" for name in sorted(records))


def stamp_of(folder: Path) -> Stamp:
    """Return name, size, modification time and inode of every file, to detect changes cheaply.

    Damage without a write, such as from a failing disk, changes none of these.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            stat = path.stat()
        except OSError:
            continue  # Removed meanwhile: the missing name counts as a change.
        if not path.is_dir():
            name = path.relative_to(folder).as_posix()
            found.append((name, stat.st_size, stat.st_ctime_ns, stat.st_ino))
    return tuple(found)


def verify_files(folder: Path, manifest: Manifest, depth: Depth = "quick") -> None:
    """Check the size of every file in the manifest or, with "full", every byte.

    Raises:
        EditionError: it names the first file that is missing or differs.
    """
    for fault in _faults(folder, manifest, depth):
        raise fault


def find_faults(folder: Path, manifest: Manifest, depth: Depth = "full") -> list[EditionError]:
    """Return all faults in the files of an edition; empty if there are none."""
    return list(_faults(folder, manifest, depth))


def _faults(folder: Path, manifest: Manifest, depth: Depth) -> Iterator[EditionError]:
    whole = []
    for name, expected in sorted(manifest.files.items()):
        fault = _fault_of_size(folder, name, expected)
        if fault is None:
            whole.append(name)
        else:
            yield fault
    if depth == "full":
        yield from _fault_of_manifest(folder, manifest)
        yield from _faults_of_content(folder, manifest, whole)
        yield from _strangers(folder, manifest)


def _fault_of_size(folder: Path, name: str, expected: FileRecord) -> EditionError | None:
    try:
        size = plain_size(folder / name)
    except FileNotFoundError:
        return _damaged(folder, name, "no such file", f"a file of {expected.bytes:,} bytes")
    except OSError as error:
        return _unread(folder, name, error)
    if size != expected.bytes:
        return _damaged(folder, name, f"{size:,} bytes", f"{expected.bytes:,} bytes")
    return None


def _faults_of_content(
    folder: Path, manifest: Manifest, names: list[str]
) -> Iterator[EditionError]:
    def look(name: str) -> EditionError | None:
        try:
            found = record_file(folder / name).sha256
        except OSError as error:
            return _unread(folder, name, error)
        expected = manifest.files[name].sha256
        if found == expected:
            return None
        return _damaged(folder, name, f"sha256 {found}", f"sha256 {expected}")

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from filter(None, pool.map(look, names))


def _fault_of_manifest(folder: Path, manifest: Manifest) -> Iterator[EditionError]:
    """Check the manifest itself against ``SHA256SUMS``, which older editions lack."""
    try:
        found = read_text_file(folder / SUMS)
    except FileNotFoundError:
        if manifest.sealed:
            yield _damaged(folder, SUMS, "no such file", "the checksums of the edition")
        return
    except OSError as error:
        yield _unread(folder, SUMS, error)
        return
    ours = record_file(folder / MANIFEST)
    if found == sums_text({**manifest.files, MANIFEST: ours}).encode():
        return
    told = [line[:-2] for line in found.split(MANIFEST.encode())[0].splitlines()[-1:]]
    sum_told = told[0].decode("ascii", "replace") if told else ""
    if len(sum_told) == len(ours.sha256) and sum_told != ours.sha256:
        yield _damaged(folder, MANIFEST, f"sha256 {ours.sha256}", f"{sum_told}, as {SUMS} says")
    else:
        yield _damaged(folder, SUMS, "other checksums", f"those of {MANIFEST}")


def _strangers(folder: Path, manifest: Manifest) -> Iterator[EditionError]:
    """Find files not in the manifest; hidden files, left by file managers, are ignored."""
    found = {path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()}
    names = {path.as_posix() for path in found if not path.name.startswith(".")}
    for name in sorted(names - set(manifest.files) - {MANIFEST, SUMS}):
        yield _damaged(folder, name, "a file the manifest does not list", "only listed files")


def _damaged(folder: Path, name: str, found: str, expected: str) -> EditionError:
    return EditionError(
        f"edition {folder.name}, file {name}",
        found=found,
        expected=expected,
        mend="The edition is damaged: build it again, or switch to another one.",
    )


def _unread(folder: Path, name: str, error: OSError) -> EditionError:
    return _damaged(folder, name, error.strerror or str(error), "a file that can be read")
