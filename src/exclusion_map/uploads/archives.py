"""What is in a zip file, taken out in memory and never further than the limits."""

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.refusals import refused, too_large

_ENTRY: Final = b"PK\x01\x02"
_RATIO: Final = 250
_RATIO_FROM: Final = 5_000_000
"""Small files may well pack tightly: the ratio counts from so many bytes."""
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

Contents = Mapping[str, bytes]
"""Content by name."""


def unpack(data: bytes, name: str, endings: tuple[str, ...], limits: Limits) -> Contents:
    """Return the files of an archive whose names end in one of ``endings``.

    Nothing is written anywhere: a name is a key, not a path. Even so an archive whose names lead
    out of it is refused, for nobody makes one by accident.

    Raises:
        InvalidRequestError: it is damaged or locked, or a name or a link leads out of it.
        TooLargeError: it holds too many files, or unpacks to too many bytes.
    """
    # Counted before the list is read: each entry takes some hundred bytes of memory.
    if data.count(_ENTRY) > limits.max_entries:
        raise too_large(
            name,
            "an archive of too many files",
            f"at most {limits.max_entries:,}",
            "Pack only the files of the layer.",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            for entry in entries:
                _check_entry(entry, name)
            return _read(archive, entries, name, endings, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise refused(name, f"a damaged archive ({str(error)[:100]})") from None


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    path = entry.filename.replace("\\", "/")
    if path.startswith("/") or ".." in path.split("/") or path[1:2] == ":" or "\x00" in path:
        raise refused(
            name, f"a path that leads out of the archive ({path[:60]!r})", "plain names of files"
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise refused(name, f"a link ({path[:60]!r}) instead of a file", "plain files")
    if entry.flag_bits & 1:
        raise refused(
            name, "an archive with a password", "one without", mend="Compress it again without one."
        )


def _read(
    archive: zipfile.ZipFile,
    entries: list[zipfile.ZipInfo],
    name: str,
    endings: tuple[str, ...],
    limits: Limits,
) -> Contents:
    left = limits.max_unpacked_bytes
    found: dict[str, bytes] = {}
    for entry in entries:
        path = entry.filename.replace("\\", "/")
        if entry.is_dir() or _hidden(path) or not path.lower().endswith(endings):
            continue
        if entry.compress_type not in _METHODS:
            raise refused(name, "an uncommon way of packing", "a usual zip file")
        tight = entry.file_size > _RATIO * max(entry.compress_size, 1)
        if entry.file_size > left or (tight and entry.file_size > _RATIO_FROM):
            raise _bomb(name, limits)
        with archive.open(entry) as stream:
            # What the list of the archive says of sizes need not be so.
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _bomb(name, limits)
        found.setdefault(path, content)
    return found


def names_in(data: bytes) -> list[str]:
    """Return the names in an archive; none where it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return []


def _hidden(path: str) -> bool:
    """Whether a name is what macOS adds, or hidden."""
    return path.startswith("__MACOSX/") or path.rpartition("/")[2].startswith(".")


def _bomb(name: str, limits: Limits) -> Exception:
    return too_large(
        name,
        "an archive that unpacks to far more than it says or than is taken",
        f"at most {limits.max_unpacked_bytes:,} bytes when unpacked",
        "Simplify the layer, or send only the shapes you need.",
    )
