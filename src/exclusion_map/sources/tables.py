"""The registry of count tables: the source, file and reader of each.

Some numbers are available from either of two tables; `EITHER` declares how to derive them from
whichever is present.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from exclusion_map.errors import CatalogueError, SourceMissingError
from exclusion_map.sources import files
from exclusion_map.sources.readers import iod, nomis, ofcom
from exclusion_map.sources.readers.counts import CodePattern, Table
from exclusion_map.sources.readers.text import check_columns

Reader = Callable[[Path, Sequence[str]], Table]

CENSUS = "nomis-census2021"
DEPRIVATION = "mhclg-iod2025"
BROADBAND = "ofcom-connected-nations-2025"


@dataclass(frozen=True)
class TableSource:
    """The source, file and reader of a table."""

    source: str
    path: str
    read: Reader
    areas: CodePattern = CodePattern.SMALL_AREA


TABLES: Mapping[str, TableSource] = MappingProxyType(
    {
        **{
            table: TableSource(
                CENSUS, f"census2021-{table}.zip", partial(nomis.read_bulk, table=table)
            )
            for table in nomis.TOPICS
        },
        "rm121": TableSource(CENSUS, "RM121-lsoa.csv", nomis.read_query),
        "iod2025_file7": TableSource(
            DEPRIVATION,
            "File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv",
            iod.read_file7,
        ),
        "iod2025_file8": TableSource(
            DEPRIVATION, "File_8_IoD2025_Underlying_Indicators.xlsx", iod.read_file8
        ),
        "ofcom_fixed_coverage": TableSource(
            BROADBAND,
            "202507_fixed_broadband_coverage_r01.zip",
            ofcom.read_fixed_coverage,
            CodePattern.OUTPUT_AREA,
        ),
    }
)

Sums = Mapping[str, Sequence[str]]
"""New columns, each the sum of several columns of a table."""

# RM121 must be saved by hand from a query; TS007A can be downloaded, in five-year age bands.
EITHER: Mapping[str, Mapping[str, Sums]] = MappingProxyType(
    {
        "age_bands": {
            "rm121": {
                "All ages": ["Total"],
                "Aged 65 to 74 years": [
                    "Aged 65 years",
                    "Aged 66 to 69 years",
                    "Aged 70 to 74 years",
                ],
                "Aged 75 years and over": [
                    "Aged 75 to 79 years",
                    "Aged 80 to 84 years",
                    "Aged 85 years and over",
                ],
            },
            "ts007a": {
                "All ages": ["Age: Total"],
                "Aged 65 to 74 years": ["Age: Aged 65 to 69 years", "Age: Aged 70 to 74 years"],
                "Aged 75 years and over": [
                    "Age: Aged 75 to 79 years",
                    "Age: Aged 80 to 84 years",
                    "Age: Aged 85 years and over",
                ],
            },
        }
    }
)


def table_source(table: str) -> TableSource:
    """Return where a table comes from; for a name in `EITHER`, where its first choice does.

    Raises:
        CatalogueError: there is no such table.
    """
    table = next(iter(EITHER[table])) if table in EITHER else table
    try:
        return TABLES[table]
    except KeyError:
        raise CatalogueError(
            f"table {table!r}",
            found="no such table",
            expected=f"one of {', '.join([*TABLES, *EITHER])}",
        ) from None


def is_there(table: str, raw_dir: Path) -> bool:
    """Return whether the file of a table is in the raw folder.

    Raises:
        CatalogueError: there is no such table.
    """
    if table in EITHER:
        return any(is_there(choice, raw_dir) for choice in EITHER[table])
    spec = table_source(table)
    return files.find_or_none(raw_dir, spec.source, spec.path) is not None


def is_required(table: str) -> bool:
    """Return whether an edition of England and Wales needs a table."""
    if table in EITHER:
        return True
    spec = table_source(table)
    return files.declared(spec.source, spec.path).required


def read(table: str, raw_dir: Path, columns: Sequence[str] = ()) -> Table:
    """Return a table, with its withheld cells and the layout recognised.

    Args:
        table: id in `TABLES` or `EITHER`.
        raw_dir: the raw folder.
        columns: columns that must be present besides those declared in the catalogue.

    Raises:
        CatalogueError: there is no such table.
        SourceMissingError: its file is not in the raw folder.
        SourceError: the layout of the file is unknown, or a code or cell is wrong.
    """
    if table in EITHER:
        return _read_either(table, raw_dir)
    spec = table_source(table)
    path = files.find(raw_dir, spec.source, spec.path)
    declared = files.declared(spec.source, spec.path).columns
    return spec.read(path, list(dict.fromkeys([*declared, *columns])))


def read_table(table: str, raw_dir: Path) -> pd.DataFrame:
    """Return a table's numbers as float64: index ``area_code``, unique and sorted; NaN = missing.

    Columns have the publisher's names (Nomis: without the measures suffix; IoD File 8: in snake
    case). Raises the same errors as `read`.
    """
    return read(table, raw_dir).values


def _read_either(table: str, raw_dir: Path) -> Table:
    choices = EITHER[table]
    choice = next((choice for choice in choices if is_there(choice, raw_dir)), None)
    if choice is None:
        names = " or ".join(TABLES[choice].path for choice in choices)
        raise SourceMissingError(
            f"{CENSUS}/{names}",
            found=f"neither in {raw_dir}",
            expected="one of them",
            mend=files.MEND,
        )
    sums = choices[choice]
    needed = [column for columns in sums.values() for column in columns]
    found = read(choice, raw_dir)
    check_columns(list(found.values.columns), needed, str(found.path))
    values = pd.DataFrame(
        {
            name: found.values[list(columns)].sum(axis=1, skipna=False)
            for name, columns in sums.items()
        }
    )
    return Table(values=values, layout=f"{found.layout} of {choice.upper()}", path=found.path)
