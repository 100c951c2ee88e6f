"""Read members of zip files, also of nested zips, as streams with a size limit."""

import io
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO, Final

from exclusion_map.errors import SourceError

MEND = "Download the file again. If it still fails, the publisher may have changed it."
DAMAGE: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)
"""What reading a zip raises when bytes of it are wrong."""
_ENCRYPTED = 0x1
_SPOOL_BYTES = 64_000_000
_CHUNK = 1 << 20


class _Limited(io.RawIOBase):
    """A stream that stops at a byte limit, whatever size the zip's directory claims."""

    def __init__(self, stream: IO[bytes], limit: int, label: str) -> None:
        self._stream = stream
        self._left = limit
        self._limit = limit
        self._label = label

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self._stream.read(min(len(view), self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise _too_big(self._label, self._limit)
        view[: len(data)] = data
        return len(data)


@contextmanager
def open_member(path: Path, member: str, *, limit: int, label: str) -> Iterator[IO[bytes]]:
    """Open a member of a zip as a stream of bytes.

    Args:
        path: the zip.
        member: the member's name without folders; ``*`` matches any text, and ``/`` steps into a
            nested zip, as in ``inner.zip/table.csv``.
        limit: maximum bytes to unpack at each step.
        label: name of the zip in errors.

    Raises:
        SourceError: not a zip, damaged, encrypted, over the limit, or not exactly one match.
            A damaged member is detected only once it has been read to its end.
    """
    *outer, last = member.split("/")
    try:
        with ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(path))
            for step in outer:
                inner = stack.enter_context(_spooled(archive, step, limit, label))
                archive = stack.enter_context(zipfile.ZipFile(inner))
            yield stack.enter_context(_opened(archive, last, limit, label))
    except DAMAGE as error:
        raise damaged(label, error) from None
    except OSError as error:
        if error.errno is not None:  # of the system; bytes that are not bzip2 have no number
            raise
        raise damaged(label, error) from None


def verify_members(path: Path, *, limit: int, label: str) -> list[str]:
    """Return the names of a zip's members after verifying the checksum of each.

    Raises:
        SourceError: not a zip, damaged, encrypted, or over the limit in total.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            left = limit
            for info in members:
                with _open_info(archive, info, left, label) as stream:
                    while data := stream.read(_CHUNK):
                        left -= len(data)
            return [info.filename for info in members]
    except DAMAGE as error:
        raise damaged(label, error) from None
    except OSError as error:
        if error.errno is not None:  # of the system; bytes that are not bzip2 have no number
            raise
        raise damaged(label, error) from None


def damaged(label: str, error: Exception) -> SourceError:
    """Return the error for a zip that cannot be read."""
    return SourceError(
        label,
        found=f"a damaged zip ({str(error) or type(error).__name__})",
        expected="a whole zip file",
        mend=MEND,
    )


def _too_big(label: str, limit: int) -> SourceError:
    return SourceError(
        label,
        found=f"a zip that unpacks to more than {limit:,} bytes",
        expected=f"at most {limit:,} bytes",
        mend="If the file is known to be good, raise EXCLUSION_MAP_FETCH_MAX_UNPACKED_BYTES.",
    )


@contextmanager
def _spooled(archive: zipfile.ZipFile, step: str, limit: int, label: str) -> Iterator[IO[bytes]]:
    """Unpack a nested zip to a seekable temporary file: its directory is at its end."""
    with (
        tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool,
        _opened(archive, step, limit, label) as stream,
    ):
        while data := stream.read(_CHUNK):
            spool.write(data)
        spool.seek(0)
        yield spool


def _opened(archive: zipfile.ZipFile, step: str, limit: int, label: str) -> IO[bytes]:
    fitting = [
        info
        for info in archive.infolist()
        if not info.is_dir() and fnmatchcase(PurePosixPath(info.filename).name, step)
    ]
    if len(fitting) != 1:
        names = ", ".join(info.filename for info in archive.infolist()[:8])
        raise SourceError(
            label,
            found=f"{len(fitting)} members named {step} among {names or 'none'}",
            expected=f"one member named {step}",
            mend=MEND,
        )
    return _open_info(archive, fitting[0], limit, label)


def _open_info(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, label: str
) -> IO[bytes]:
    if info.flag_bits & _ENCRYPTED:
        raise SourceError(label, found=f"{info.filename}, encrypted", expected="a plain zip")
    if info.file_size > limit:
        raise _too_big(label, limit)
    return io.BufferedReader(_Limited(archive.open(info), limit, label), _CHUNK)
