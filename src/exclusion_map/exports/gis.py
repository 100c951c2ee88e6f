"""A table with outlines as GeoPackage and FlatGeobuf, written by GDAL from Arrow batches."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from exclusion_map.exports.arrow_files import GEOMETRY, record_batches, schema_of
from exclusion_map.exports.dataset import Dataset

_WGS84 = "EPSG:4326"
"""GDAL writes longitude before latitude in both forms, as they prescribe."""

_SCHEMA_EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"


def write_gpkg(dataset: Dataset, path: Path) -> None:
    """Write a GeoPackage: the layer, and tables ``about``, ``data_dictionary`` and ``sources``."""
    about = dataset.about
    _write(
        dataset,
        path,
        "GPKG",
        {"IDENTIFIER": about.title, "DESCRIPTION": about.selection},
        # The newest version is not read without a warning by programs two years old.
        dataset_options={"VERSION": "1.3"},
        dataset_metadata={"TITLE": about.title, "EDITION": about.edition},
    )
    with closing(sqlite3.connect(path)) as package, package:
        _describe_columns(package, dataset)
        _table(package, "about", ("topic", "text"), about.lines())
        entries = [tuple(field.plain().values()) for field in dataset.fields]
        _table(package, "data_dictionary", tuple(dataset.fields[0].plain()), entries)
        sources = [
            (one.title, one.publisher, one.vintage, one.licence, one.licence_url, one.attribution)
            for one in about.credits
        ]
        names = ("title", "publisher", "vintage", "licence", "licence_url", "attribution")
        _table(package, "sources", names, sources)


def write_fgb(dataset: Dataset, path: Path) -> None:
    """Write a FlatGeobuf file with its spatial index; what it is stands in its header."""
    about = dataset.about
    _write(dataset, path, "FlatGeobuf", {"TITLE": about.title, "DESCRIPTION": about.readme()})


def _write(dataset: Dataset, path: Path, driver: str, options: dict[str, str], **more: Any) -> None:
    from pyogrio.raw import write_arrow

    schema = schema_of(dataset)
    told = {
        "title": dataset.about.title,
        "edition": dataset.about.edition,
        "about": json.dumps(dataset.about.plain(), ensure_ascii=False),
        "dictionary": json.dumps([one.plain() for one in dataset.fields], ensure_ascii=False),
    }
    # The extension type would need a reader of its own; GDAL is told which column is geometry.
    plain = pa.schema([field.remove_metadata() for field in schema])
    reader = pa.RecordBatchReader.from_batches(plain, record_batches(dataset, plain))
    write_arrow(
        reader,
        path,
        layer=dataset.name,
        driver=driver,
        geometry_name=GEOMETRY,
        geometry_type=dataset.shapes.kind,
        crs=_WGS84,
        layer_metadata=told,
        layer_options=options,
        **more,
    )


def _describe_columns(package: sqlite3.Connection, dataset: Dataset) -> None:
    """Put the dictionary where GIS programs look for it: the schema extension of GeoPackage."""
    package.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT "
        "NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT, "
        "CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), "
        "CONSTRAINT gdc_tn UNIQUE (table_name, name))"
    )
    package.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (constraint_name TEXT NOT NULL, "
        "constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, "
        "max NUMERIC, max_is_inclusive BOOLEAN, description TEXT, "
        "CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"
    )
    package.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, title, description) "
        "VALUES (?, ?, ?, ?)",
        [
            (dataset.name, one.name, one.title, f"{one.description} {one.unit}".strip())
            for one in dataset.fields
        ],
    )
    package.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
        [
            (table, _SCHEMA_EXTENSION)
            for table in ("gpkg_data_columns", "gpkg_data_column_constraints")
        ],
    )


def _table(
    package: sqlite3.Connection,
    name: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
) -> None:
    """Add a table without geometry that GIS programs list beside the layer."""
    # Names of tables and columns are our own words, never a reader's.
    listed = ", ".join(f'"{column}" TEXT' for column in columns)
    package.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT, {listed})')
    named = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" for _ in columns)
    package.executemany(f'INSERT INTO "{name}" ({named}) VALUES ({marks})', rows)  # noqa: S608
    package.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        "VALUES (?, 'attributes', ?, 0)",
        (name, name),
    )
