"""An edition as a Frictionless data package: every file with size, checksum and columns."""

from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from exclusion_map.editions.manifest import EditionSource, FileRecord, Manifest
from exclusion_map.editions.tables_told import COLUMNS, FILES

PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
FOLDER: Final = "files"
"""Where files lie beside the descriptor: as the service serves them."""

MEDIA: Final = {
    ".parquet": "application/vnd.apache.parquet",
    ".arrow": "application/vnd.apache.arrow.file",
    ".pmtiles": "application/vnd.pmtiles",
    ".json": "application/json",
}
_KEYS: Final[dict[str, list[str]]] = {
    "areas.parquet": ["code"],
    "larger_areas.parquet": ["kind", "code"],
    "indicators.parquet": ["area_code", "indicator"],
    "larger_indicators.parquet": ["kind", "area_code", "indicator"],
    "scores.parquet": ["index", "kind", "code"],
    "support.parquet": ["id"],
}


def data_package(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """Return the descriptor of an edition (Data Package 2.0).

    Args:
        folder: of the edition; only the schemas of its tables are read.
        manifest: of the edition.
    """
    return {
        "$schema": PROFILE,
        "name": manifest.edition,
        "id": manifest.edition,
        "title": f"Exclusion Map: {manifest.title}",
        "description": description(manifest),
        "version": manifest.edition.rpartition("-")[2],
        "created": manifest.built.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "keywords": ["digital exclusion", "small areas", "composite indicator"],
        "contributors": [{"title": "Exclusion Map contributors", "roles": ["creator"]}],
        "licenses": licences(manifest),
        "sources": [_source(one) for one in manifest.sources],
        "resources": [
            resource(folder, name, record) for name, record in sorted(manifest.files.items())
        ],
    }


def description(manifest: Manifest) -> str:
    """Return what an edition is, in sentences."""
    invented = f"{manifest.title} is invented: none of it is real. " if manifest.synthetic else ""
    return (
        f"{invented}Risk of digital exclusion for areas of {manifest.title}, what it is made of, "
        "how sure it is, and places that can help. It shows risk, not reality: it describes areas, "
        "not persons. 1 is the highest risk. What is missing is null, never 0."
    )


def licences(manifest: Manifest) -> list[dict[str, str]]:
    """Return every licence of the sources once, by its name."""
    found: dict[str, dict[str, str]] = {}
    for source in manifest.sources:
        told = {"name": source.licence.replace(" ", "-"), "title": source.licence}
        if source.licence_url:
            told["path"] = source.licence_url
        found.setdefault(source.licence, told)
    return list(found.values())


def _source(source: EditionSource) -> dict[str, str]:
    told = {
        "title": f"{source.title}, {source.publisher}",
        "version": source.vintage,
        "attribution": source.attribution,
        "licence": source.licence,
    }
    return {**told, "path": source.page} if source.page else told


def resource(folder: Path, name: str, record: FileRecord) -> dict[str, Any]:
    """Return the entry of one file."""
    path = folder / name
    title, words = FILES.get(name, (name, "A file of the edition."))
    told: dict[str, Any] = {
        "name": name.replace(".", "-").replace("_", "-"),
        "path": f"{FOLDER}/{name}",
        "title": title,
        "description": words,
        "format": path.suffix.removeprefix("."),
        "mediatype": MEDIA.get(path.suffix, "application/octet-stream"),
        "bytes": record.bytes,
        "hash": f"sha256:{record.sha256}",
    }
    schema = _schema(path)
    if schema is None:
        return told
    fields = [_field(field) for field in schema]
    keys = {"primaryKey": _KEYS[name]} if name in _KEYS else {}
    return {**told, "schema": {"fields": fields, "missingValues": [""], **keys}}


def _schema(path: Path) -> pa.Schema | None:
    if path.suffix == ".parquet":
        return pq.read_schema(path)
    if path.suffix == ".arrow":
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
            return file.schema
    return None


def _field(field: pa.Field) -> dict[str, str]:
    told = {"name": field.name, "type": _type(field.type)}
    words = COLUMNS.get(field.name)
    return {**told, "description": words} if words else told


def _type(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _type(kind.value_type)
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "number"
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return "string" if text else "any"
