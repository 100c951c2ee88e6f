"""Importers of places of support, one module per kind of place."""

from collections.abc import Callable, Mapping
from pathlib import Path

from exclusion_map.support.importers import gp_practices, jobcentres, libraries, pharmacies
from exclusion_map.support.record import Imported
from exclusion_map.terms import SupportKind

Importer = Callable[[Path], Imported]

IMPORTERS: Mapping[SupportKind, Importer] = {
    SupportKind.LIBRARY: libraries.read,
    SupportKind.GP_PRACTICE: gp_practices.read,
    SupportKind.PHARMACY: pharmacies.read,
    SupportKind.JOBCENTRE: jobcentres.read,
}
"""The reader of each kind of place."""
