"""Look up any of 2.7 million postcodes by binary search in a memory-mapped Arrow file.

Needs neither pandas nor geopandas, so the web service opens the index within milliseconds.
"""

import math
import mmap
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from exclusion_map.errors import EditionError, InvalidRequestError

WIDTH = 7
"""Bytes per stored postcode: without its space, padded with spaces on the right."""

SCHEMA = pa.schema(
    [
        pa.field("postcode", pa.binary(WIDTH), nullable=False),
        pa.field("area", pa.int32(), nullable=False),
        pa.field("latitude", pa.float32(), nullable=False),
        pa.field("longitude", pa.float32(), nullable=False),
        pa.field("live", pa.bool_(), nullable=False),
    ]
)

# GIR 0AA and the terminated NPT codes do not follow the rule of one or two letters.
_FULL = re.compile(r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT)[0-9][A-Z]{2}")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT")
_MIXED = re.compile(r"[^A-Za-z0-9]+")

_PART = 200_000
"""Postcodes processed at a time, which keeps temporary arrays small."""
_MANY = 10_000
"""Look-ups from which most of the file is read, so that its pages are released afterwards."""


def normalise(text: str) -> str:
    """Return a full postcode in capitals without its space: ``"ch41 2AB"`` gives ``"CH412AB"``.

    Raises:
        InvalidRequestError: the text is not in the format of a UK postcode.
    """
    bare = _MIXED.sub("", text).upper()
    if not _FULL.fullmatch(bare):
        raise InvalidRequestError(
            f"postcode {text.strip()[:20]!r}",
            found="text that is not in the format of a UK postcode",
            expected="a postcode such as CH41 2AB",
            mend="Check the letters and numbers, or search for a place name instead.",
        )
    return bare


def pretty(postcode: str) -> str:
    """Return a normalised postcode as people write it: ``"CH412AB"`` gives ``"CH41 2AB"``."""
    return f"{postcode[:-3]} {postcode[-3:]}"


Column = TypeVar("Column", npt.NDArray[np.int32], npt.NDArray[np.float32])


@dataclass(frozen=True, slots=True)
class PostcodePlace:
    """Where a postcode is.

    ``area`` is the row of its small area, or -1 outside the map. Coordinates are in degrees
    (WGS 84), or None where the publisher gives none (Crown dependencies, some old postcodes).
    """

    postcode: str
    area: int
    latitude: float | None
    longitude: float | None
    live: bool

    @property
    def pretty(self) -> str:
        """The postcode as people write it."""
        return pretty(self.postcode)


@dataclass(frozen=True, slots=True)
class PostcodeGroup:
    """The postcodes of an outward code ("CH41") or of a sector ("CH41 2").

    ``count`` is the number of postcodes and ``live`` the number in use. The centre is the median of
    the located postcodes in use (or of all located ones, if none is in use).
    """

    label: str
    count: int
    live: int
    latitude: float | None
    longitude: float | None
    area: int


class PostcodeIndex:
    """Sorted postcodes with their small areas and coordinates; opened without reading the file."""

    def __init__(self, table: pa.Table, mapped: mmap.mmap | None = None) -> None:
        """Wrap a table; ``mapped`` is the memory map behind it, if there is one."""
        if not table.schema.equals(SCHEMA):
            raise EditionError(
                "postcode index",
                found=f"columns {', '.join(table.schema.names)}",
                expected=", ".join(f"{field.name} {field.type}" for field in SCHEMA),
                mend="Build the edition again.",
            )
        whole = table.combine_chunks()
        self._mapped = mapped
        self._codes: npt.NDArray[np.bytes_] = _array(whole.column("postcode"), f"S{WIDTH}")
        self._area: npt.NDArray[np.int32] = _array(whole.column("area"), "<i4")
        self._latitude: npt.NDArray[np.float32] = _array(whole.column("latitude"), "<f4")
        self._longitude: npt.NDArray[np.float32] = _array(whole.column("longitude"), "<f4")
        self._live = whole.column("live")

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the index in an Arrow file, memory-mapped.

        Raises:
            EditionError: the file is missing, is not Arrow, or holds other columns.
        """
        try:
            # Mapped here rather than by Arrow, which offers no way to release pages already read.
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return cls(pa.ipc.open_file(pa.py_buffer(mapped)).read_all(), mapped)
        except (OSError, ValueError, pa.ArrowInvalid) as error:
            raise EditionError(
                f"postcode index {path.name}",
                found=str(error),
                expected="an Arrow file",
                mend="Build the edition again.",
            ) from None

    def __len__(self) -> int:
        return len(self._codes)

    def find(self, text: str) -> PostcodePlace | None:
        """Return where a full postcode is, live or terminated; None if there is no such postcode.

        Raises:
            InvalidRequestError: the text is not in the format of a postcode.
        """
        postcode = normalise(text)
        key = np.array([postcode.ljust(WIDTH).encode()], dtype=self._codes.dtype)
        row = int(np.searchsorted(self._codes, key)[0])
        if row == len(self._codes) or self._codes[row] != key[0]:
            return None
        return PostcodePlace(
            postcode=postcode,
            area=int(self._area[row]),
            latitude=_known(self._latitude[row]),
            longitude=_known(self._longitude[row]),
            live=bool(self._live[row].as_py()),
        )

    def find_many(self, postcodes: Sequence[str] | npt.NDArray[np.bytes_]) -> npt.NDArray[np.int64]:
        """Return rows (k,) of k normalised postcodes in this index; -1 for unknown ones.

        They are sorted before the search, so that each part of the file is read only once.
        """
        keys = np.array(postcodes, dtype=f"S{WIDTH}")
        signs = keys.view(np.uint8)
        signs[signs == 0] = ord(" ")  # stored postcodes are padded with spaces
        if not len(keys) or not len(self._codes):
            return np.full(len(keys), -1, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        rows = np.empty(len(keys), dtype=np.int64)
        for start in range(0, len(keys), _MANY):
            at = order[start : start + _MANY]
            found = np.searchsorted(self._codes, keys[at])
            found[found == len(self._codes)] = 0
            rows[at] = np.where(self._codes[found] == keys[at], found, -1)
            if len(keys) > _MANY:
                self._let_go()
        return rows

    def places_at(
        self, rows: npt.NDArray[np.int64]
    ) -> tuple[
        npt.NDArray[np.int32],
        npt.NDArray[np.float32],
        npt.NDArray[np.float32],
        npt.NDArray[np.bool_],
    ]:
        """Return, for rows (k,): small area (-1: outside), longitude, latitude, whether in use."""
        live = self._flags(0, len(self))[rows].astype(np.bool_)
        area = self._at(self._area, rows)
        return area, self._at(self._longitude, rows), self._at(self._latitude, rows), live

    def _at(self, column: Column, rows: npt.NDArray[np.int64]) -> Column:
        """Return the values of some rows; after reading many, release the pages read."""
        found = column[rows]
        if len(rows) > _MANY:
            self._let_go()
        return found

    def inside(self, area: int) -> list[PostcodePlace]:
        """Return the located postcodes in use of a small area, in index order."""
        flags = self._flags(0, len(self))
        rows = np.flatnonzero((self._area == area) & (flags == 1)).tolist()
        self._let_go()
        places = [
            PostcodePlace(
                postcode=self._codes[row].decode().strip(),
                area=area,
                latitude=_known(self._latitude[row]),
                longitude=_known(self._longitude[row]),
                live=True,
            )
            for row in rows
        ]
        return [place for place in places if place.latitude is not None]

    def in_use(
        self,
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.int32]]:
        """Return longitude, latitude and small-area row of each postcode in use."""
        return self._in_use(self._longitude), self._in_use(self._latitude), self._in_use(self._area)

    def _in_use(self, column: Column) -> Column:
        """Return a column for the postcodes in use, reading the file in parts."""
        parts = range(0, len(self), _PART)
        counts = [int(np.count_nonzero(self._flags(at, at + _PART))) for at in parts]
        found, done = np.empty(sum(counts), dtype=column.dtype), 0
        for start, count in zip(parts, counts, strict=True):
            rows = start + np.flatnonzero(self._flags(start, start + _PART))
            found[done : done + count] = column[rows]
            done += count
        self._let_go()
        return found

    def _flags(self, start: int, stop: int) -> npt.NDArray[np.uint8]:
        """Return 1 for each postcode from ``start`` to ``stop`` that is in use, else 0."""
        wanted = self._live.slice(start, stop - start)
        live = [np.empty(0, dtype=np.uint8)]
        for chunk in wanted.chunks:
            first, last = chunk.offset // 8, -(-(chunk.offset + len(chunk)) // 8)
            bits = np.frombuffer(chunk.buffers()[1], dtype=np.uint8)[first:last]
            skipped = chunk.offset - 8 * first
            live.append(np.unpackbits(bits, bitorder="little")[skipped : skipped + len(chunk)])
        return np.concatenate(live)

    def _let_go(self) -> None:
        """Release the memory of pages read; later reads come from the operating system's cache."""
        if self._mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def prefix(self, text: str, limit: int = 10) -> list[PostcodeGroup]:
        """Return the outward codes or the sector that part of a postcode may stand for.

        ``"CH41 2"`` is a sector. ``"CH4"`` is the outward code CH4 and also begins CH41 to CH49:
        the exact match comes first. Letters alone, or anything that cannot begin a postcode, give
        an empty list.
        """
        parts = text.upper().split()
        bare = "".join(parts)
        if not bare.isascii() or not bare.isalnum() or not any(c.isdigit() for c in bare):
            return []
        start, stop = self._range(bare)
        codes = self._codes[start:stop]
        if not len(codes):
            return []
        lengths = np.char.str_len(np.char.rstrip(codes))
        groups = [] if len(parts) > 1 else self._outward(bare, codes, lengths)
        wanted = groups + self._sector(parts, lengths)
        return [self._group(label, start + rows) for label, rows in wanted[: max(limit, 0)]]

    def _range(self, bare: str) -> tuple[int, int]:
        low = np.array([bare[:WIDTH].encode()], dtype=self._codes.dtype)
        high = np.array([(bare + "\x7f")[:WIDTH].encode()], dtype=self._codes.dtype)
        if len(bare) >= WIDTH:
            return 0, 0
        found = np.searchsorted(self._codes, np.concatenate([low, high]))
        return int(found[0]), int(found[1])

    @staticmethod
    def _outward(
        bare: str, codes: npt.NDArray[np.bytes_], lengths: npt.NDArray[np.int_]
    ) -> list[tuple[str, npt.NDArray[np.int_]]]:
        found: list[tuple[str, npt.NDArray[np.int_]]] = []
        for length in range(max(len(bare), 2), 5):
            rows = np.flatnonzero(lengths == length + 3)
            outward = codes[rows].astype(f"S{length}")
            names = np.unique(outward)
            found.extend((name.decode(), rows[outward == name]) for name in names)
        return found

    @staticmethod
    def _sector(
        parts: list[str], lengths: npt.NDArray[np.int_]
    ) -> list[tuple[str, npt.NDArray[np.int_]]]:
        """Return the sector meant, if the text ends in the beginning of an inward code."""
        bare = "".join(parts)
        outward = parts[0] if len(parts) > 1 else bare[:-1]
        inward = bare[len(outward) :]
        if not _OUTWARD.fullmatch(outward) or not inward[:1].isdigit() or len(inward) > 2:
            return []
        rows = np.flatnonzero(lengths == len(outward) + 3)
        return [(f"{outward} {inward}", rows)] if len(rows) else []

    def _group(self, label: str, rows: npt.NDArray[np.int_]) -> PostcodeGroup:
        first, last = int(rows[0]), int(rows[-1]) + 1
        live = np.array(self._live.slice(first, last - first).to_pylist(), dtype=bool)
        in_use = rows[live[rows - first]]
        of = in_use if len(in_use) else rows
        of = of[~np.isnan(self._latitude[of])]
        areas = self._area[of]
        return PostcodeGroup(
            label=label,
            count=len(rows),
            live=len(in_use),
            latitude=_median(self._latitude[of]),
            longitude=_median(self._longitude[of]),
            area=_commonest(areas[areas >= 0]),
        )


def _commonest(areas: npt.NDArray[np.int32]) -> int:
    if not len(areas):
        return -1
    values, counts = np.unique(areas, return_counts=True)
    return int(values[counts.argmax()])


def _median(degrees: npt.NDArray[np.float32]) -> float | None:
    return round(float(np.median(degrees)), 5) if len(degrees) else None


def _known(degrees: np.float32) -> float | None:
    # The publisher gives about five decimals (a metre), which is also what 32 bits can hold.
    return None if math.isnan(degrees) else round(float(degrees), 5)


def _array(column: pa.ChunkedArray, dtype: str) -> npt.NDArray[Any]:
    """Return a column as a numpy array without copying (Arrow's to_numpy would import pandas)."""
    if not column.num_chunks or not len(column):
        return np.empty(0, dtype=dtype)
    array = column.chunk(0)
    whole = np.frombuffer(array.buffers()[1], dtype=dtype)
    return whole[array.offset : array.offset + len(array)]
