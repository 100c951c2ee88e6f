"""A file of places of the directory: what it holds."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from exclusion_map.directory.listing import Held
from exclusion_map.editions.credits import about_support
from exclusion_map.editions.reader import Edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset import Column, Dataset
from exclusion_map.exports.directory_columns import directory_columns
from exclusion_map.exports.directory_services import service_columns, service_rows
from exclusion_map.exports.shapes import Points

Some = tuple[Sequence[Held], npt.NDArray[np.float64] | None]
"""Some places of the directory, and metres to each or None."""


def directory_dataset(
    edition: Edition,
    places: Sequence[Held],
    away: npt.NDArray[np.float64] | None,
    tag: str,
    *,
    mapped: bool,
) -> Dataset:
    """Return the table of places of the directory.

    Args:
        edition: whose areas the places lie in.
        places: in the order of the file.
        away: metres to each, or None.
        tag: number of the directory's last change, for the name of the file.
        mapped: only places that are on the map, for files that hold points.

    Raises:
        InvalidRequestError: no place is left.
    """
    return joined_dataset(edition, [(places, away)], tag, mapped=mapped)


def joined_dataset(edition: Edition, parts: Iterable[Some], tag: str, *, mapped: bool) -> Dataset:
    """Return the same of places that come some at a time.

    The cells of a place take a tenth of the memory that its details do: those of a whole directory
    are never held together.

    Raises:
        InvalidRequestError: no place is left.
    """
    tables = [table for part in parts if (table := _columns(edition, part, mapped=mapped))]
    if not tables:
        raise InvalidRequestError(
            "places",
            found="none that match",
            expected="at least one",
            mend="Choose a larger place, other kinds, or fewer filters.",
        )
    columns = tables[0] if len(tables) == 1 else [_one(held) for held in zip(*tables, strict=True)]
    words = f"{len(columns[0].values):,} places of the directory, those that were asked for"
    return _dataset(edition, "support", f"directory-{tag}", words, columns)


def _columns(edition: Edition, part: Some, *, mapped: bool) -> list[Column]:
    """Return the columns of some places; none if no place is left."""
    places, away = part
    kept = [
        at for at, place in enumerate(places) if not mapped or place.listing.latitude is not None
    ]
    shown = [places[at] for at in kept]
    if not shown:
        return []
    return directory_columns(edition.atlas, shown, None if away is None else away[kept])


def _one(held: Sequence[Column]) -> Column:
    """Return a column that comes in parts as one."""
    values = [column.values for column in held]
    if isinstance(values[0], np.ndarray):
        return Column(held[0].field, np.concatenate(values))
    return Column(held[0].field, list(chain.from_iterable(values)))


def services_dataset(
    edition: Edition, places: Sequence[Held], tag: str, *, mapped: bool = False
) -> Dataset:
    """Return the table of services of places, one row each, as an import takes it back.

    Args:
        edition: that the file gives credit to.
        places: of the directory.
        tag: number of the directory's last change, for the name of the file.
        mapped: only places that are on the map, for files in which every row is a point.
    """
    kept = [one for one in places if not mapped or one.listing.latitude is not None]
    words = f"{len(kept):,} places of the directory with their services"
    columns = service_columns(service_rows(kept))
    return _dataset(edition, "services", f"services-{tag}", words, columns)


def _dataset(
    edition: Edition, name: str, tag: str, words: str, columns: Sequence[Column]
) -> Dataset:
    by_name = {column.field.name: column.values for column in columns}
    return Dataset(
        name=name,
        file_name=f"exclusion-map-{edition.id}-{tag}"[:120],
        key="id",
        columns=tuple(columns),
        about=about_support(edition, words, edition.manifest.title),
        shapes=Points(
            np.asarray(by_name["longitude"], dtype=np.float64),
            np.asarray(by_name["latitude"], dtype=np.float64),
        ),
    )
