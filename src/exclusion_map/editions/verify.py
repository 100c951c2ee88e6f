"""Check the files of an edition against its manifest, by size or byte for byte."""

import hashlib
from pathlib import Path
from typing import Literal

from exclusion_map.editions.manifest import MANIFEST, FileRecord, Manifest
from exclusion_map.errors import EditionError

Depth = Literal["quick", "full"]

_CHUNK = 1 << 20


def record_file(path: Path) -> FileRecord:
    """Return the size and checksum of a file, read from the disk."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FileRecord(bytes=size, sha256=digest.hexdigest())


def verify_files(folder: Path, manifest: Manifest, depth: Depth = "quick") -> None:
    """Check that every file of the manifest is there: its size, or ("full") every byte of it.

    Raises:
        EditionError: naming the first file that is absent or differs.
    """
    for name, expected in sorted(manifest.files.items()):
        path = folder / name
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise _damaged(path, "no such file", f"a file of {expected.bytes:,} bytes") from None
        if size != expected.bytes:
            raise _damaged(path, f"{size:,} bytes", f"{expected.bytes:,} bytes")
        if depth == "full" and (found := record_file(path)).sha256 != expected.sha256:
            raise _damaged(path, f"sha256 {found.sha256}", f"sha256 {expected.sha256}")
    if depth == "full":
        _no_strangers(folder, manifest)


def _no_strangers(folder: Path, manifest: Manifest) -> None:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    strangers = sorted(found - set(manifest.files) - {MANIFEST})
    if strangers:
        raise _damaged(
            folder / strangers[0], "a file the manifest does not list", "only listed files"
        )


def _damaged(path: Path, found: str, expected: str) -> EditionError:
    return EditionError(
        f"edition file {path}",
        found=found,
        expected=expected,
        mend="The edition is damaged: build it again, or switch to another one.",
    )
