"""Lists that others keep, brought into the directory: read, map columns, place, build, load.

The steps, each of which can be looked at before the next::

    table = read_table(data, "venues.csv")              # or read_services for Open Referral UK
    mapping = guess(table)                              # show it, correct it
    built = build(table, mapping, geocoder)             # or build_services(services, geocoder)
    report = load(directory, built, "our-venues", by="ada")

Nothing is written before the last step, which is one transaction.
"""

from exclusion_map.directory.importing.building import build
from exclusion_map.directory.importing.fields import FIELDS, ImportField
from exclusion_map.directory.importing.guessing import guess
from exclusion_map.directory.importing.hours import read_hours
from exclusion_map.directory.importing.loading import load
from exclusion_map.directory.importing.mapping import Evidence, Mapping
from exclusion_map.directory.importing.placing import Geocoder
from exclusion_map.directory.importing.problems import Built, Problem
from exclusion_map.directory.importing.reading import is_services, read_services, read_table
from exclusion_map.directory.importing.report import ImportReport
from exclusion_map.directory.importing.services import build_services
from exclusion_map.directory.importing.table import Row, Table

__all__ = [
    "FIELDS",
    "Built",
    "Evidence",
    "Geocoder",
    "ImportField",
    "ImportReport",
    "Mapping",
    "Problem",
    "Row",
    "Table",
    "build",
    "build_services",
    "guess",
    "is_services",
    "load",
    "read_hours",
    "read_services",
    "read_table",
]
