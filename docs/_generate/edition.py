"""The reference of an edition's files: every column of every table, read from a real edition."""

from pathlib import Path
from typing import Any

from docs._generate.markdown import code, page, table
from exclusion_map.editions import Manifest, read_manifest
from exclusion_map.editions.datapackage import data_package
from exclusion_map.editions.manifest import EditionIndex


def reference(folder: Path) -> str:
    """Return the page of the files of an edition.

    Args:
        folder: of any edition; its schemas are those of all editions of this version.
    """
    manifest = read_manifest(folder)
    package = data_package(folder, manifest)
    resources: list[dict[str, Any]] = package["resources"]
    rows = [
        (f"[{code(_name(one))}](#{one['name']})", one["title"], one["description"])
        for one in resources
    ]
    parts = [
        "An edition is a folder that never changes. Its name ends in a digest of its inputs. "
        f"This is format {manifest.format}. Missing values are null, never 0; 1 is always "
        "the highest risk. As a data package: `/api/v1/editions/{edition}/datapackage.json`.",
        table(("file", "what", "more"), rows),
    ]
    for one in resources:
        parts += [f"## `{_name(one)}` {{ #{one['name']} }}", one["description"], _columns(one)]
    parts += ["## `manifest.json` { #manifest-json }", _manifest()]
    return page("Files of an edition", *parts)


def _name(one: dict[str, Any]) -> str:
    return str(one["path"]).rpartition("/")[2]


def _columns(one: dict[str, Any]) -> str:
    schema = one.get("schema")
    if schema is None:
        return ""
    key = set(schema.get("primaryKey", ()))
    rows = [
        (
            code(field["name"]) + (" (key)" if field["name"] in key else ""),
            field["type"],
            field.get("description", ""),
        )
        for field in schema["fields"]
    ]
    return table(("column", "type", "what it is"), rows)


def _manifest() -> str:
    rows = [(code(name), field.description or "") for name, field in Manifest.model_fields.items()]
    index = ", ".join(code(name) for name in EditionIndex.model_fields)
    words = (
        f"What the folder contains and where it comes from. Each entry of `indices` has {index}."
    )
    return words + "\n\n" + table(("field", "what it is"), rows)
