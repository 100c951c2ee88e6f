"""How many rows at a time fit into the memory allowed."""

import re
from pathlib import Path
from typing import Final

import pyarrow as pa

from exclusion_map.errors import InvalidRequestError

LEAST_ROWS: Final = 10_000
MOST_ROWS: Final = 500_000
_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "KI": 2**10, "MI": 2**20, "GI": 2**30}
_EDITION: Final = 180_000_000
"""What an open edition, its grid and compiled code take, beside the rows: measured, rounded up."""
_ROW: Final = 260
"""Bytes of a row that is being placed: coordinates, rows of areas, columns, their encoding."""


def parse_bytes(text: str) -> int:
    """Return a size such as ``1GB``, ``800 MB`` or ``1.5GiB`` in bytes.

    Raises:
        InvalidRequestError: it is none.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMG]I?)?B?\s*", text.upper())
    if match is None or not 0 < float(match[1]) < 1e15:
        raise InvalidRequestError(
            f"memory {text!r}", found="not a size", expected="one such as 1GB or 800MB"
        )
    return int(float(match[1]) * _UNITS[match[2] or ""])


def batch_rows(limit: int, schema: pa.Schema, workers: int) -> int:
    """Return how many rows a worker may have in hand at a time.

    Args:
        limit: bytes that this process may take in all.
        schema: of the columns that are read.
        workers: how many there are in this process.

    Raises:
        InvalidRequestError: not even a small batch fits.
    """
    base = max(resident_bytes(), 150_000_000) + _EDITION
    row = _ROW + sum(_width(field.type) for field in schema) * 3
    rows = int((limit - base) / workers / row)
    if rows < LEAST_ROWS:
        least = base + LEAST_ROWS * row * workers
        raise InvalidRequestError(
            f"memory of {limit / 1e6:,.0f} MB",
            found=f"too little for {workers} at work",
            expected=f"at least {least / 1e6:,.0f} MB",
            mend="Allow more with --memory, or use fewer --workers.",
        )
    return min(rows, MOST_ROWS)


def resident_bytes() -> int:
    """Return how much memory this process has in hand; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * 4096


def _width(kind: pa.DataType) -> int:
    try:
        return max(int(kind.bit_width) // 8, 1)
    except ValueError:
        return 48
