"""Outlines of an edition's small areas."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from exclusion_map.editions.tables import AREAS
from exclusion_map.errors import EditionError


def read_outlines(edition: Path) -> npt.NDArray[np.object_]:
    """Return the outlines of an edition's small areas, in feature order.

    Raises:
        EditionError: the table of areas is unreadable.
    """
    import shapely

    try:
        with pq.ParquetFile(edition / AREAS, memory_map=True) as file:
            column = file.read(columns=["geometry"], use_threads=False).column("geometry")
    except (OSError, KeyError, pa.ArrowException) as error:
        raise EditionError(
            f"edition table {edition / AREAS}",
            found=f"unreadable ({str(error).splitlines()[0]})",
            expected="outlines of areas",
            mend="The edition is damaged: build it again.",
        ) from None
    return np.asarray(shapely.from_wkb(column.to_pylist()), dtype=object)
