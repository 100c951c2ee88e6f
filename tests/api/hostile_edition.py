"""An edition whose every name is an attack: on pages, on pictures, on spreadsheets, on readers."""

import itertools
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from exclusion_map.editions import current_path, new_edition, publish
from exclusion_map.editions.manifest import read_manifest

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
BIDI = "\u202e\u2066"
MARKUP = (
    f"</script></title><script>alert(7)</script><img src=x onerror=alert(7)>\"'`{{{{7*7}}}}{BIDI}"
)
NAMES = {
    "areas": ("name", "label", "neighbourhood", "neighbourhood_welsh", "ward", "local_authority"),
    "larger_areas": ("name", "name_welsh", "local_authority"),
    "support": ("name", "address", "phone", "email", "url", "hours_note", "about"),
}


def hostile(text: str, at: int) -> str:
    """Return a text that begins like a formula and goes on with markup."""
    return f"{FORMULAS[at % len(FORMULAS)]}cmd|' /C calc'!A0 {text}{MARKUP}"


def publish_hostile(sample: Path, processed: Path) -> Path:
    """Publish Sampleshire once more with hostile names; return the processed folder."""
    source = current_path(sample)
    manifest = read_manifest(source)
    with new_edition(processed, "hostile") as folder:
        for name in manifest.files:
            shutil.copyfile(source / name, folder / name)
        for table, columns in NAMES.items():
            _rename(folder / f"{table}.parquet", columns)
        publish(folder, manifest.model_copy(update={"edition": "hostile", "files": {}}))
    return processed


def _rename(path: Path, columns: tuple[str, ...]) -> None:
    table = pq.read_table(path)
    for column in columns:
        held = table.column(column)
        names = pc.unique(held).drop_null().to_pylist()
        # One name stays one: areas of a ward are grouped by it.
        new = {name: hostile(name, at) for name, at in zip(names, itertools.count())}
        changed = pa.array([new.get(name) for name in held.to_pylist()], held.type)
        table = table.set_column(table.schema.get_field_index(column), column, changed)
    pq.write_table(table, path)
