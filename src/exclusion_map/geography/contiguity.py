"""Which small areas touch: queen contiguity from shared vertices, and the file that keeps it.

The mended boundaries are a coverage: where two areas touch, be it along a border or in a corner,
both have the very same vertex there. So areas that share a vertex are neighbours, and no geometry
has to be intersected. Areas on the two banks of an estuary do not touch.
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
    """The neighbours of n areas, as a sparse symmetric matrix of ones in compressed rows.

    Attributes:
        indptr: (n + 1,) where each area's neighbours begin in ``indices``.
        indices: rows of neighbours, ascending for each area, never the area itself.
    """

    indptr: Rows
    indices: Rows

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @cached_property
    def counts(self) -> Rows:
        """(n,) how many neighbours each area has."""
        return np.diff(self.indptr)

    @cached_property
    def islands(self) -> Rows:
        """Rows of the areas that touch no other."""
        return np.flatnonzero(self.counts == 0).astype(np.int32)

    @cached_property
    def owners(self) -> Rows:
        """For each entry of ``indices``, the row of the area whose neighbour it is."""
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

    Coordinates are counted in cells of 1 / 2^31 of the extent (below a millimetre for England and
    Wales), so that a vertex is one integer, and integers sort fast.

    Args:
        polygons: shape (n,), a mended coverage in any coordinate system.

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
            mend="Mend or fetch the boundaries again.",
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
    """Return each pair of owners of one key, lower row first, as row * n + other row; unique."""
    order = np.argsort(keys)
    keys, owner = keys[order], owner[order]
    found: list[npt.NDArray[np.int64]] = []
    # Equal keys stand together: those one place apart, two places apart, until none is left.
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
    """Write an Arrow file: one row an area in feature order, its code and its neighbours' rows."""
    import pyarrow as pa

    neighbours = pa.ListArray.from_arrays(
        pa.array(contiguity.indptr), pa.array(contiguity.indices, pa.int32())
    )
    listed = pa.array([str(code) for code in np.asarray(codes).tolist()], pa.string())
    table = pa.table({"code": listed, "neighbours": neighbours})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=max(len(contiguity), 1))


def read_contiguity(path: Path, codes: tuple[str, ...] | None = None) -> Contiguity:
    """Return the contiguity of a file, over its memory-mapped content; pandas is not needed.

    Args:
        path: what `write_contiguity` wrote.
        codes: the areas it must speak of, in this order; not checked where not given.

    Raises:
        EditionError: the file is absent, is not such a file, or speaks of other areas.
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
            found=f"{len(held):,} areas, other ones or in another order",
            expected=f"the {len(codes):,} small areas of the edition",
            mend=MEND,
        )
    return Contiguity(_int32(neighbours.offsets), _int32(neighbours.values))


def _int32(array: Any) -> Rows:
    """Return an Arrow array of integers as numpy over the same memory."""
    whole = np.frombuffer(array.buffers()[1] or b"", dtype=np.int32)
    part: Rows = whole[array.offset : array.offset + len(array)]
    return part
