"""Queen contiguity: which small areas share a vertex, and the file that stores it.

The repaired boundaries are a coverage: where two areas meet, along a border or at a corner, both
have an identical vertex. So areas that share a vertex are neighbours, and no geometries need to be
intersected. Areas on opposite banks of an estuary are not neighbours.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import EditionError, GeographyError

Rows = npt.NDArray[np.int32]
Polygons = npt.NDArray[np.object_]

CONTIGUITY = "contiguity.arrow"
_CELLS = 2**31 - 1
MEND = "Build the edition again."


@dataclass(frozen=True, eq=False)
class Contiguity:
    """The neighbours of n areas: a sparse, symmetric 0/1 matrix in compressed row (CSR) form.

    Attributes:
        indptr: (n + 1,) position in ``indices`` at which each area's neighbours begin.
        indices: rows of the neighbours, ascending for each area; never the area itself.
    """

    indptr: Rows
    indices: Rows

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @cached_property
    def counts(self) -> Rows:
        """(n,) number of neighbours of each area."""
        return np.diff(self.indptr)

    @cached_property
    def islands(self) -> Rows:
        """Rows of the areas without a neighbour."""
        return np.flatnonzero(self.counts == 0).astype(np.int32)

    @cached_property
    def owners(self) -> Rows:
        """For each entry of ``indices``, the row of the area it is a neighbour of."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.counts)

    def neighbours(self, row: int) -> Rows:
        """Return the rows of an area's neighbours, ascending."""
        return self.indices[self.indptr[row] : self.indptr[row + 1]]

    def among(self, keep: npt.NDArray[np.bool_]) -> "Contiguity":
        """Return the contiguity of the areas where ``keep`` (n,) is true, renumbered in order."""
        number = np.cumsum(keep, dtype=np.int32) - np.int32(1)
        both = keep[self.owners] & keep[self.indices]
        sizes = np.bincount(self.owners[both], minlength=len(self))[keep]
        return Contiguity(_starts(sizes), number[self.indices[both]])

    def sums(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return (n,) the sum of ``values`` (n,) over each area's neighbours; 0 for an island."""
        found = np.bincount(self.owners, weights=values[self.indices], minlength=len(self))
        return found.astype(np.float64)


def queen(polygons: Polygons) -> Contiguity:
    """Return which polygons share at least one vertex.

    Coordinates are rounded to 1 / 2^31 of the extent, less than a millimetre for England and Wales,
    so that a vertex can be packed into one integer, which sorts quickly.

    Args:
        polygons: shape (n,), a valid coverage in any coordinate system.

    Raises:
        GeographyError: a polygon has no coordinates.
    """
    import shapely

    n = len(polygons)
    points, owner = shapely.get_coordinates(polygons, return_index=True)
    bare = np.flatnonzero(np.bincount(owner, minlength=n) == 0)
    if bare.size:
        raise GeographyError(
            f"boundary in row {bare[0]}",
            found="no coordinates",
            expected="a polygon for every area",
            mend="Repair the boundaries, or fetch them again.",
        )
    pairs = _sharing(_vertex_keys(points), owner.astype(np.int64), n)
    return _from_pairs(pairs, n)


def _vertex_keys(points: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    low = points.min(axis=0)
    extent = np.maximum(points.max(axis=0) - low, np.finfo(np.float64).tiny)
    cells = np.rint((points - low) * (_CELLS / extent)).astype(np.uint64)
    return np.asarray((cells[:, 0] << np.uint64(32)) | cells[:, 1], dtype=np.uint64)


def _sharing(
    keys: npt.NDArray[np.uint64], owner: npt.NDArray[np.int64], n: int
) -> npt.NDArray[np.int64]:
    """Return each pair of areas sharing a key, once, as row * n + other row; lower row first."""
    order = np.argsort(keys)
    keys, owner = keys[order], owner[order]
    found: list[npt.NDArray[np.int64]] = []
    # The keys are sorted: compare those one place apart, then two places apart, until none match.
    first = np.arange(len(keys) - 1)
    for step in range(1, len(keys)):
        first = first[first + step < len(keys)]
        first = first[keys[first] == keys[first + step]]
        if not first.size:
            break
        one, other = owner[first], owner[first + step]
        apart = one != other  # a ring's first vertex is also its last
        pairs = np.minimum(one, other) * n + np.maximum(one, other)
        found.append(np.unique(pairs[apart]))
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _from_pairs(pairs: npt.NDArray[np.int64], n: int) -> Contiguity:
    low, high = np.divmod(pairs, n)
    both = np.sort(np.concatenate([pairs, high * n + low]))
    owners, others = np.divmod(both, n)
    return Contiguity(_starts(np.bincount(owners, minlength=n)), others.astype(np.int32))


def _starts(sizes: npt.NDArray[np.intp]) -> Rows:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)


def write_contiguity(contiguity: Contiguity, codes: npt.ArrayLike, path: Path) -> None:
    """Write an Arrow file with one row per area in feature order: code and rows of neighbours."""
    import pyarrow as pa

    neighbours = pa.ListArray.from_arrays(
        pa.array(contiguity.indptr), pa.array(contiguity.indices, pa.int32())
    )
    listed = pa.array([str(code) for code in np.asarray(codes).tolist()], pa.string())
    table = pa.table({"code": listed, "neighbours": neighbours})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=max(len(contiguity), 1))


def read_contiguity(path: Path, codes: tuple[str, ...] | None = None) -> Contiguity:
    """Return the contiguity stored in a file, memory-mapped; pandas is not needed.

    Args:
        path: file written by `write_contiguity`.
        codes: area codes it must hold, in this order; not checked if None.

    Raises:
        EditionError: the file is missing, is not a contiguity file, or holds other areas.
    """
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all().combine_chunks()
        neighbours, held = table.column("neighbours").chunk(0), table.column("code").to_pylist()
    except (OSError, KeyError, IndexError, pa.ArrowException) as error:
        raise EditionError(
            f"contiguity {path.name}", found=str(error), expected="an Arrow file", mend=MEND
        ) from None
    if codes is not None and tuple(held) != codes:
        raise EditionError(
            f"contiguity {path.name}",
            found=f"{len(held):,} areas that differ or are in another order",
            expected=f"the {len(codes):,} small areas of the edition",
            mend=MEND,
        )
    return Contiguity(_int32(neighbours.offsets), _int32(neighbours.values))


def _int32(array: Any) -> Rows:
    """Return an Arrow array of integers as a numpy array that shares its memory."""
    whole = np.frombuffer(array.buffers()[1] or b"", dtype=np.int32)
    part: Rows = whole[array.offset : array.offset + len(array)]
    return part
