"""The table the index engine runs on, out of the read model of an edition."""

from collections.abc import Mapping

import numpy as np

from exclusion_map.areas.atlas import Atlas
from exclusion_map.errors import NotFoundError
from exclusion_map.index import ValueTable
from exclusion_map.terms import AreaKind, Direction


def value_table(atlas: Atlas, directions: Mapping[str, Direction]) -> ValueTable:
    """Return values of all small areas, in feature order; nothing is copied that need not be.

    Args:
        atlas: the read model.
        directions: of every indicator of the edition, by id.

    Raises:
        NotFoundError: an indicator has no direction.
    """
    small = atlas.level(AreaKind.SMALL_AREA)
    held = atlas.indicators[AreaKind.SMALL_AREA]
    unknown = [name for name in held.ids if name not in directions]
    if unknown:
        raise NotFoundError(
            f"direction of {', '.join(unknown)}",
            found="none in the edition's manifest",
            expected="one for each indicator of its table",
            mend="Build the edition again.",
        )
    return ValueTable(
        codes=np.array(small.codes, dtype=np.str_),
        indicators=held.ids,
        values=held.value,
        population=np.nan_to_num(small.population),
        directions=tuple(directions[name] for name in held.ids),
        denominators=held.denominator,
    )
