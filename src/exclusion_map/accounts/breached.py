"""Whether a password is in a list of breached ones, looked up in a file of digests in order.

The file is the one Have I Been Pwned gives out "ordered by hash": lines of 40 hexadecimal digits of
SHA-1, a colon and a count, or any part of it that is in order. It is searched by halves, some 35
reads for 900 million passwords; nothing is loaded and nobody is asked.
"""

import hashlib
import logging
from pathlib import Path
from typing import BinaryIO

DIGITS = 40
LONGEST_LINE = 200
logger = logging.getLogger(__name__)


def is_breached(password: str, path: Path) -> bool:
    """Whether the digest of a password is in a file; False, and logged, where it cannot be read."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with path.open("rb") as file:
            return _find(file, digest, path.stat().st_size)
    except OSError:
        logger.exception("the list of breached passwords could not be read")
        return False


def _find(file: BinaryIO, digest: bytes, size: int) -> bool:
    """Search the lines by halves; ``low`` is always the start of a line, or 0."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        file.seek(middle)
        if middle:
            file.seek(middle - 1)
            file.readline(LONGEST_LINE)  # To the start of the next line, or this one.
        start = file.tell()
        line = file.readline(LONGEST_LINE)
        if start >= high or not line:
            high = middle
            continue
        found = line[:DIGITS].upper()
        if found == digest:
            return True
        if found < digest:
            low = start + len(line)
        else:
            high = middle
    return False
