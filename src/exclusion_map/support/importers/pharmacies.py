"""Community pharmacies, from the current register or, if it is missing, from older lists."""

from dataclasses import replace
from pathlib import Path

from exclusion_map.sources.files import find_or_none
from exclusion_map.support.importers import (
    pharmacies_local,
    pharmacies_named,
    pharmacies_register,
)
from exclusion_map.support.importers.absent import no_list
from exclusion_map.support.record import Imported
from exclusion_map.terms import SupportKind


def read(raw_dir: Path) -> Imported:
    """Return the pharmacies of the best list available, with a note if it is an older one.

    The register of dispensaries is current and covers England and Wales. The named list covers
    England in 2020, checked against newer lists. Without either, the import is empty.

    Raises:
        SourceError: the layout of a list is unknown.
    """
    current = _current(raw_dir)
    named = find_or_none(raw_dir, pharmacies_local.SOURCE, pharmacies_named.NAMED)
    if current.listed or named is None:
        return current
    older = pharmacies_named.read_named(raw_dir, named)
    return replace(older, notes=(*older.notes, *current.notes))


def _current(raw_dir: Path) -> Imported:
    source, file = pharmacies_register.SOURCE, pharmacies_register.FILE
    register = find_or_none(raw_dir, source, file)
    if register is None:
        return no_list(SupportKind.PHARMACY, source, file)
    return pharmacies_register.read_current(raw_dir, register)
