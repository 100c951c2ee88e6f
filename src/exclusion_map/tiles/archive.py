"""Read-only PMTiles archive over a memory map, made for serving.

The reader of the ``pmtiles`` package parses directories at each call, which takes milliseconds.
Here every directory, leaves included, is parsed once when the archive is opened, into one sorted
table; finding a tile is then a binary search and a slice of the map. Format: PMTiles version 3.
"""

import gzip
import json
import mmap
import zlib
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pmtiles.tile import Compression, MagicNumberNotFound, TileType, zxy_to_tileid
from pmtiles.tile import SpecVersionUnsupported as VersionUnsupported
from pmtiles.tile import deserialize_header as read_header

from exclusion_map.errors import EditionError

_HEADER_BYTES = 127
_MAX_DEPTH = 4
_FAULTS = (
    MagicNumberNotFound,
    VersionUnsupported,
    OSError,
    EOFError,
    ValueError,
    IndexError,
    zlib.error,
)
"""What parsing raises over bytes that are no whole archive."""


@dataclass(frozen=True, slots=True)
class ArchiveInfo:
    """What the header of an archive says. Bounds are degrees: west, south, east, north."""

    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    tile_count: int
    gzipped: bool


class TileArchive:
    """One open archive. Safe to share between threads: nothing changes after opening."""

    def __init__(self, path: Path) -> None:
        """Open and parse an archive.

        Raises:
            EditionError: the file is absent, cut short, or not an archive of vector tiles.
        """
        self.path = path
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise _damaged(path, f"unreadable ({error})") from None
        try:
            self._parse()
        except _FAULTS as error:
            raise _damaged(path, str(error) or type(error).__name__) from None

    def _parse(self) -> None:
        header: Any = read_header(self._map[:_HEADER_BYTES])
        if header["tile_type"] is not TileType.MVT:
            raise ValueError(f"tiles of type {header['tile_type'].name}")
        end = header["tile_data_offset"] + header["tile_data_length"]
        if end > len(self._map):
            raise ValueError(f"{len(self._map):,} bytes where the header tells of {end:,}")
        start = header["metadata_offset"]
        raw = gzip.decompress(self._map[start : start + header["metadata_length"]])
        self.metadata: dict[str, Any] = json.loads(raw)
        table = self._directory(
            header, header["root_offset"], header["root_length"], depth=_MAX_DEPTH
        )
        first, runs, offsets, lengths = table[np.argsort(table[:, 0], kind="stable")].T
        if len(table) and (offsets + lengths).max() > header["tile_data_length"]:
            raise ValueError("a tile beyond the end of the file")
        # Plain lists: bisect on Python integers is faster than a search in an array of one.
        self._first, self._runs = first.tolist(), runs.tolist()
        self._offsets = (offsets + header["tile_data_offset"]).tolist()
        self._lengths = lengths.tolist()
        self.info = ArchiveInfo(
            min_zoom=header["min_zoom"],
            max_zoom=header["max_zoom"],
            bounds=(
                header["min_lon_e7"] / 1e7,
                header["min_lat_e7"] / 1e7,
                header["max_lon_e7"] / 1e7,
                header["max_lat_e7"] / 1e7,
            ),
            tile_count=int(runs.sum()),
            gzipped=header["tile_compression"] is Compression.GZIP,
        )

    def _directory(
        self, header: Any, offset: int, length: int, *, depth: int
    ) -> npt.NDArray[np.int64]:
        """Return the tile entries under a directory: first id, run length, offset, length."""
        if depth == 0:
            raise ValueError("directories nested too deeply")
        raw = self._map[offset : offset + length]
        if header["internal_compression"] is Compression.GZIP:
            raw = gzip.decompress(raw)
        entries = parse_directory(raw)
        leaves = entries[:, 1] == 0
        parts = [entries[~leaves]]
        for _, _, leaf, leaf_length in entries[leaves].tolist():
            start = header["leaf_directory_offset"] + leaf
            parts.append(self._directory(header, start, leaf_length, depth=depth - 1))
        return np.concatenate(parts)

    def get(self, z: int, x: int, y: int) -> bytes | None:
        """Return the bytes of a tile as they are stored, or None where the archive has none."""
        found = self.find(z, x, y)
        return None if found is None else self.read(*found)

    def find(self, z: int, x: int, y: int) -> tuple[int, int] | None:
        """Return offset and length of a tile in the file, or None where the archive has none."""
        tile = zxy_to_tileid(z, x, y)
        at = bisect_right(self._first, tile) - 1
        if at < 0 or tile - self._first[at] >= self._runs[at]:
            return None
        return self._offsets[at], self._lengths[at]

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file as they are stored; fewer where it ends before."""
        return self._map[offset : offset + length]

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self._map)

    def holds(self, z: int, x: int, y: int) -> bool:
        """Whether an address lies within the zooms of the archive and on the grid at all."""
        return self.info.min_zoom <= z <= self.info.max_zoom and 0 <= x < 1 << z and 0 <= y < 1 << z

    def __len__(self) -> int:
        return self.info.tile_count


def parse_directory(raw: bytes) -> npt.NDArray[np.int64]:
    """Return a directory's entries, shape (n, 4): first tile id, run length, offset, length.

    A run length of 0 marks a leaf directory. Layout: the number of entries, then four columns of
    variable-length integers; ids as differences, offsets as 0 for "right after the one before",
    else the offset plus one.

    Raises:
        ValueError: the bytes are not such a directory.
    """
    numbers = parse_varints(raw)
    if not len(numbers) or len(numbers) != 1 + 4 * numbers[0]:
        raise ValueError("a damaged directory")
    steps, runs, lengths, codes = numbers[1:].reshape(4, -1)
    # Offsets: where the code is 0, the last stated offset plus the lengths since then.
    ends = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
    stated = np.maximum.accumulate(np.where(codes > 0, np.arange(len(codes)), 0))
    offsets = codes[stated] - 1 + ends - ends[stated]
    return np.column_stack([np.cumsum(steps), runs, offsets, lengths])


def parse_varints(raw: bytes) -> npt.NDArray[np.int64]:
    """Return little-endian base-128 integers: seven bits a byte, the top bit set but on the last.

    Raises:
        ValueError: the last integer is cut short.
    """
    data = np.frombuffer(raw, dtype=np.uint8)
    if not len(data):
        return np.empty(0, dtype=np.int64)
    last = np.flatnonzero(data < 0x80)
    if not len(last) or last[-1] != len(data) - 1:
        raise ValueError("a number cut short")
    first = np.concatenate([[0], last[:-1] + 1])
    place = np.arange(len(data)) - np.repeat(first, last - first + 1)
    parts = (data & 0x7F).astype(np.int64) << (7 * place)
    return np.add.reduceat(parts, first)


def _damaged(path: Path, found: str) -> EditionError:
    return EditionError(
        f"tile archive {path}",
        found=found,
        expected="a whole PMTiles archive of vector tiles",
        mend="Build the edition again.",
    )
