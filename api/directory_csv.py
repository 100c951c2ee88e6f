"""The whole directory as CSV: made some hundred places at a time, once for each of its changes.

To read all places takes seconds and, all at once, hundreds of megabytes.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from starlette.datastructures import State

from api.made_files import MadeFile, kept_file
from api.service import Service
from api.support_query import Found
from exclusion_map.directory.listing import Held
from exclusion_map.editions.directory_downloads import directory_dataset
from exclusion_map.exports.csv_files import csv_parts
from exclusion_map.exports.dataset import Dataset
from exclusion_map.stopping import as_wanted

Floats = npt.NDArray[np.float64]
AT_ONCE: Final = 500


def directory_csv(state: State, service: Service, found: Found) -> MadeFile:
    """Return places as CSV.

    Args:
        state: of the app, which keeps the file of all places.
        service: whose areas the places lie in.
        found: the places, in the order of the file.

    Raises:
        InvalidRequestError: there are none.
        StoppedError: nobody wants the answer any more.
    """

    def make() -> MadeFile:
        tables = _tables(service, found)
        first = next(tables)
        return MadeFile(first.file_name, _lines(first, tables))

    if len(found) < len(found.places.snapshot) or found.away is not None:
        return make()
    return kept_file(state, "csv", (service.edition.id, found.places.tag), make)


def _lines(first: Dataset, others: Iterator[Dataset]) -> Iterator[bytes]:
    for text in csv_parts(first):
        yield text.encode()
    for table in others:
        for text in csv_parts(table, heading=False):
            yield text.encode()


def _tables(service: Service, found: Found) -> Iterator[Dataset]:
    """Yield places as tables, some hundred each; the first even where there is no place at all."""
    tag, told = found.places.tag, 0
    for start in as_wanted(range(0, max(len(found), 1), AT_ONCE)):
        held, away = held_part(found, start, start + AT_ONCE)
        if held or (told == 0 and start + AT_ONCE >= len(found)):
            yield directory_dataset(service.edition, held, away, tag, mapped=False)
        told += len(held)


def some_at_a_time(found: Found, most: int) -> Iterator[tuple[list[Held], Floats | None]]:
    """Yield the details of the first places, some hundred at a time.

    Raises:
        StoppedError: nobody wants the answer any more.
    """
    for start in as_wanted(range(0, most, AT_ONCE)):
        yield held_part(found, start, min(start + AT_ONCE, most))


def held_part(found: Found, start: int, stop: int) -> tuple[list[Held], Floats | None]:
    """Return the details of some places, and how far each is where somebody asked from where."""
    ids = found.ids(start, stop)
    held = found.places.held(ids)
    if found.away is None:
        return held, None
    # A place may have been taken out between the two readings.
    here = {one.id for one in held}
    away = found.away[start:stop]
    return held, away[[at for at, identity in enumerate(ids) if identity in here]]
