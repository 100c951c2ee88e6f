"""Indicators that somebody brings along: a value, or a count out of a total, for each area.

They are used for one answer and never kept.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from exclusion_map.areas.atlas import Atlas, Floats
from exclusion_map.catalogue.models import Declared
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import Definition, ValueTable, check_indicators
from exclusion_map.terms import AreaKind, Direction

MOST_ROWS = 100_000
MOST_UPLOADS = 10

Finite = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Upload(Declared):
    """An indicator that is not in the catalogue, with its values."""

    id: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$", max_length=60, description="Its id in a definition."
    )
    title: str = Field("", max_length=120, description="Display name.")
    direction: Direction | None = Field(
        None,
        description="Whether high or low values mean more risk; if omitted, as in the definition, "
        "otherwise high.",
    )
    values: dict[str, Finite | None] = Field(
        default_factory=dict,
        max_length=MOST_ROWS,
        description="Value by code of small area; null where there is none.",
    )
    counts: dict[str, tuple[Count, Count]] = Field(
        default_factory=dict,
        max_length=MOST_ROWS,
        description="Alternatively, numerator and denominator by code; the value is 100 n / d.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.values) == bool(self.counts):
            raise ValueError("give either values or counts, for at least one area")
        over = [code for code, (part, whole) in self.counts.items() if part > whole]
        if over:
            raise ValueError(
                f"{len(over)} numerators above their denominator, such as that of {over[0]}; "
                "a rate that is not a share goes under values"
            )
        return self

    def shares(self) -> dict[str, float]:
        """Return the value of every area; NaN where there is none or the denominator is 0."""
        if self.values:
            return {
                code: math.nan if value is None else value for code, value in self.values.items()
            }
        return {
            code: 100 * part / whole if whole else math.nan
            for code, (part, whole) in self.counts.items()
        }


@dataclass(frozen=True, eq=False)
class Brought:
    """A table with uploads in it, and what did not match.

    Attributes:
        table: with one more column an upload.
        definition: uses every upload.
        unknown: codes of uploads that are no small area of the edition, each once, in order.
        notes: how many areas each upload has.
    """

    table: ValueTable
    definition: Definition
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


def bring(
    atlas: Atlas,
    table: ValueTable,
    definition: Definition,
    uploads: Sequence[Upload],
    weights: Mapping[str, float],
) -> Brought:
    """Return table and definition with uploads added.

    An upload the definition does not name stands at the top of the tree beside its other parts,
    with the weight that ``weights`` has for it, else 1.

    Raises:
        InvalidRequestError: an id is the edition's own or given twice, there are too many uploads,
            none of an upload's codes is a small area, or its direction is not the declared one.
        DefinitionError: the definition names an indicator nobody knows.
    """
    ids = [upload.id for upload in uploads]
    _check_ids(ids, table)
    check_indicators(definition, (*table.indicators, *ids))
    small = atlas.level(AreaKind.SMALL_AREA)
    columns: dict[str, Floats] = {}
    unknown: dict[str, None] = {}
    notes = []
    for upload in uploads:
        column = np.full(len(small), np.nan)
        for code, value in upload.shares().items():
            row = small.position.get(code.strip().upper())
            if row is None:
                unknown[code] = None
            else:
                column[row] = value
        have = int((~np.isnan(column)).sum())
        if not have:
            raise InvalidRequestError(
                f"uploaded indicator {upload.id}",
                found="no value for any small area of this edition",
                expected=f"codes such as {small.codes[0]}",
            )
        notes.append(f"{upload.id}: values for {have:,} of {len(small):,} small areas.")
        columns[upload.id] = column
    directions = {upload.id: _direction(upload, definition) for upload in uploads}
    return Brought(
        table=table.with_indicators(columns, directions),
        definition=_placed(definition, uploads, weights),
        unknown=tuple(unknown),
        notes=tuple(notes),
    )


def _direction(upload: Upload, definition: Definition) -> Direction:
    declared = next((one.direction for one in definition.supplied if one.id == upload.id), None)
    if declared and upload.direction and declared is not upload.direction:
        raise InvalidRequestError(
            f"uploaded indicator {upload.id}",
            found=f"direction {upload.direction.value}",
            expected=f"{declared.value}, as definition {definition.id} declares it",
        )
    return declared or upload.direction or Direction.HIGHER_IS_RISKIER


def _check_ids(ids: Sequence[str], table: ValueTable) -> None:
    if len(ids) > MOST_UPLOADS:
        raise InvalidRequestError(
            "uploaded indicators", found=f"{len(ids)}", expected=f"at most {MOST_UPLOADS}"
        )
    for at, name in enumerate(ids):
        if name in table.indicators or name in ids[:at]:
            raise InvalidRequestError(
                f"uploaded indicator {name!r}",
                found="an indicator of that id already",
                expected="an id of its own",
            )


def _placed(
    definition: Definition, uploads: Sequence[Upload], weights: Mapping[str, float]
) -> Definition:
    named = {name for leaf in definition.leaves() for name in (*leaf.node.choices, *leaf.node.plus)}
    added = [
        {"indicator": upload.id, "title": upload.title, "weight": weights.get(upload.id, 1.0)}
        for upload in uploads
        if upload.id not in named
    ]
    if not added:
        return definition
    data = definition.model_dump()
    return Definition.parse({**data, "children": [*data["children"], *added]})
