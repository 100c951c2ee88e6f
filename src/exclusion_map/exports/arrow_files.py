"""A table with outlines as Arrow batches: GeoParquet, Arrow, and what GDAL is given."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from exclusion_map.exports.dataset import Column, Dataset, Field, FieldType

GEOMETRY = "geometry"
_TYPES = {
    FieldType.TEXT: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
}


def schema_of(dataset: Dataset) -> pa.Schema:
    """Return the schema with its metadata: the dictionary by field, the rest as a whole.

    Geometry is an extension type that readers know by the name in its metadata (GeoArrow).
    """
    fields = [_field(field) for field in dataset.fields]
    marked = {
        "ARROW:extension:name": "geoarrow.wkb",
        "ARROW:extension:metadata": json.dumps({"crs": "OGC:CRS84"}),
        "description": "Outline or point in degrees, longitude before latitude (OGC:CRS84).",
    }
    fields.append(pa.field(GEOMETRY, pa.binary(), metadata=marked))
    about = dataset.about
    told = {
        "title": about.title,
        "edition": about.edition,
        "about": json.dumps(about.plain(), ensure_ascii=False),
        "dictionary": json.dumps([field.plain() for field in dataset.fields], ensure_ascii=False),
        "readme": about.readme(),
    }
    return pa.schema(fields, metadata=told)


def _field(field: Field) -> pa.Field:
    told = {name: text for name, text in field.plain().items() if text and name != "name"}
    return pa.field(field.name, _TYPES[field.type], metadata=told)


def record_batches(dataset: Dataset, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the table with its geometry, some rows at a time."""
    start = 0
    for wkb in dataset.shapes.batches():
        stop = start + len(wkb)
        arrays = [_array(column, start, stop) for column in dataset.columns]
        arrays.append(pa.array(wkb, pa.binary()))
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        start = stop


def _array(column: Column, start: int, stop: int) -> pa.Array:
    values = column.values[start:stop]
    if not isinstance(values, np.ndarray):
        return pa.array([text or None for text in values], pa.string())
    missing = np.isnan(values)
    if column.field.type is FieldType.INTEGER:
        return pa.array(np.where(missing, 0, values).round().astype(np.int64), mask=missing)
    return pa.array(values, mask=missing)


def write_parquet(dataset: Dataset, path: Path) -> None:
    """Write GeoParquet 1.1; without a stated system, coordinates are OGC:CRS84 by its rules."""
    schema = schema_of(dataset)
    types = [dataset.shapes.kind]
    geo: dict[str, Any] = {
        "version": "1.1.0",
        "primary_column": GEOMETRY,
        "columns": {GEOMETRY: {"encoding": "WKB", "geometry_types": types}},
    }
    schema = schema.with_metadata({**(schema.metadata or {}), b"geo": json.dumps(geo).encode()})
    with pq.ParquetWriter(path, schema, compression="zstd", version="2.6") as writer:
        for batch in record_batches(dataset, schema):
            writer.write_batch(batch)


def write_arrow(dataset: Dataset, path: Path) -> None:
    """Write an Arrow IPC file; geometry is WKB under the GeoArrow extension name."""
    schema = schema_of(dataset)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in record_batches(dataset, schema):
            writer.write_batch(batch)
