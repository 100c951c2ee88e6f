"""What the modelled estimate is made from: many small-area shares of the census."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exclusion_map.index.order import Floats

TABLES = (
    "ts001",
    "ts011",
    "ts017",
    "ts029",
    "ts037",
    "ts038",
    "ts045",
    "ts054",
    "ts062",
    "ts065",
    "ts067",
    "ts068",
    "rm121",
)
"""Census 2021 topic summaries and age bands from 65 up; each column as a share of the first."""


@dataclass(frozen=True, eq=False)
class Features:
    """Features of n areas.

    Attributes:
        names: p names, such as "ts038: Disability: ...".
        values: (n, p) without gaps.
    """

    names: tuple[str, ...]
    values: Floats


def read_features(raw_dir: Path, codes: NDArray[np.str_], rural_urban: ArrayLike) -> Features:
    """Return every census share, its square root, and the rural-urban class of each area.

    Square roots let the effect of a share level off, without a term to tune.

    Args:
        raw_dir: the raw folder.
        codes: (n,) codes of small areas of 2021.
        rural_urban: (n,) class labels.

    Raises:
        SourceMissingError: a table is not in the raw folder.
        ContractError: an area has no figure.
    """
    from exclusion_map.errors import ContractError
    from exclusion_map.sources.tables import read_table  # pandas, which the engine does without

    names: list[str] = []
    columns: list[Floats] = []
    for table in TABLES:
        frame = read_table(table, raw_dir).reindex(codes)
        counts = frame.to_numpy(dtype=np.float64)
        total = counts[:, :1]
        shares = np.divide(counts[:, 1:], total, out=np.zeros_like(counts[:, 1:]), where=total > 0)
        if np.isnan(counts).any():
            raise ContractError(table, found="areas without figures", expected="all of them")
        names.extend(f"{table}: {column}" for column in frame.columns[1:])
        columns.append(shares)
    shares = np.hstack(columns)
    labels = np.asarray(rural_urban, dtype=object).astype(np.str_)
    classes = np.unique(labels)
    return Features(
        names=(*names, *(f"root of {name}" for name in names), *(str(one) for one in classes)),
        values=np.hstack([shares, np.sqrt(shares), labels[:, None] == classes]),
    )
