"""Files of an edition are ordinary files of a size that can be told before they are read."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

MOST_TEXT_BYTES: Final = 64 << 20
"""Of a manifest or a list of checksums; that of a country has 0.2 million."""


def plain_size(path: Path) -> int:
    """Return the size of an ordinary file; links are followed.

    A pipe would be waited for, and a device read, without an end.

    Raises:
        OSError: it is not there, or is anything else.
    """
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "no ordinary file", str(path))
    return found.st_size


def read_text_file(path: Path) -> bytes:
    """Return the bytes of a small file of an edition.

    Raises:
        OSError: it is not there, is no ordinary file, or is far too large.
    """
    size = plain_size(path)
    if size > MOST_TEXT_BYTES:
        raise OSError(errno.EFBIG, f"{size:,} bytes", str(path))
    return path.read_bytes()
