"""Areas by how far they moved between two editions: the same for page, API and download."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from api.comparisons import Compared
from api.service import Service
from exclusion_map.errors import NotFoundError
from exclusion_map.terms import AreaKind

Rows = npt.NDArray[np.int32]


class ChangeSort(StrEnum):
    """What areas are sorted by, the largest first."""

    RANK = "rank"
    DATA = "data"
    METHOD = "method"
    CODE = "code"


def change_rows(
    service: Service, compared: Compared, sort: ChangeSort = ChangeSort.RANK, within: str = ""
) -> Rows:
    """Return rows of the comparison, the largest changes first, those without a rank last.

    Raises:
        NotFoundError: there is no area of the code in ``within``, or none of its areas is in both.
    """
    found = compared.found
    rows = np.arange(len(found.codes), dtype=np.int32)
    if within:
        atlas = service.edition.atlas
        small = atlas.level(AreaKind.SMALL_AREA)
        inside = atlas.members(*atlas.find(within)).tolist()
        codes = [small.codes[one] for one in inside]
        rows = rows[np.isin(found.codes, codes)]
        if not len(rows):
            raise NotFoundError(
                f"area {within!r}",
                found="no small area of both editions",
                expected="a place with some",
            )
    if sort is ChangeSort.CODE:
        return rows
    figures = {
        ChangeSort.RANK: found.rank.total,
        ChangeSort.DATA: found.rank.by_data,
        ChangeSort.METHOD: found.rank.by_method,
    }
    moved = np.nan_to_num(np.abs(figures[sort][rows]), nan=-1.0)
    return rows[np.argsort(-moved, kind="stable")].astype(np.int32)


def change_columns(compared: Compared) -> dict[str, npt.NDArray[Any] | Sequence[str]]:
    """Return one row an area in both editions: score and rank, old and new, and why they moved."""
    found = compared.found
    columns: dict[str, npt.NDArray[Any] | Sequence[str]] = {
        "code": found.codes.tolist(),
        "name": found.labels,
    }
    columns |= found.score.columns("score") | found.rank.columns("rank")
    for name, decile in (("decile_old", found.decile_old), ("decile_new", found.decile_new)):
        columns[name] = np.where(decile > 0, decile.astype(np.float64), np.nan)
    return columns
