"""An edition of very many areas: Sampleshire's tables repeated, with tiles of one corner.

Values, parents and names are Sampleshire's again and again, so scores are not those of any index;
what reading, holding and answering costs depends on how many there are, not on what they say.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from exclusion_map.editions import new_edition, publish, read_manifest
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.build import cut_layer, write_tiles
from exclusion_map.tiles.layers import AreaLayer
from tests.benchmarks.million_parts import MIN_ZOOM, outlines

CORNER, SIZED_AS = 10_000, 1_000_000
"""Areas in tiles, and how many of their size there would be."""
MAX_ZOOM = 12
SMALL = AreaKind.SMALL_AREA.value
_LEFT_OUT = {"contiguity.arrow", "spread.parquet"}


def make(sample: Path, processed_dir: Path, areas: int) -> Path:
    """Publish an edition of so many small areas; return its folder.

    Args:
        sample: the folder of the edition of Sampleshire.
        processed_dir: where it is published.
        areas: how many, rounded to a square.
    """
    count = round(areas**0.5) ** 2
    codes = pa.array([f"E01{number:08}" for number in range(count)])
    manifest = read_manifest(sample)
    edition_id = f"many-{count}"
    with new_edition(processed_dir, edition_id) as folder:
        for name in manifest.files:
            if name in _REPEATED:
                _REPEATED[name](sample / name, folder / name, codes)
            elif name not in _LEFT_OUT:
                shutil.copyfile(sample / name, folder / name)
        _tiles(folder / "areas.pmtiles", count)
        levels = tuple(
            level.model_copy(update={"count": count})
            if level.kind is AreaKind.SMALL_AREA
            else level
            for level in manifest.levels
        )
        changes = {"edition": edition_id, "files": {}, "levels": levels, "sealed": False}
        return publish(folder, manifest.model_copy(update=changes))


def _repeated(table: pa.Table, column: str, codes: pa.Array) -> pa.Table:
    """Return a table of areas again and again, with codes of their own."""
    rows = pa.array(np.arange(len(codes)) % table.num_rows)
    return _with(table.take(rows), column, codes)


def _with(table: pa.Table, column: str, values: Any) -> pa.Table:
    return table.set_column(table.schema.get_field_index(column), column, values)


def _areas(here: Path, there: Path, codes: pa.Array) -> None:
    table = _repeated(pq.read_table(here), "code", codes)
    table = _with(table, "feature_id", pa.array(np.arange(len(codes), dtype=np.int32)))
    pq.write_table(table, there, row_group_size=1000)


def _indicators(here: Path, there: Path, codes: pa.Array) -> None:
    table = pq.read_table(here)
    with pq.ParquetWriter(there, table.schema) as file:
        for name in pc.unique(table["indicator"]).to_pylist():
            part = table.filter(pc.equal(table["indicator"], name))
            file.write_table(_repeated(part, "area_code", codes).cast(table.schema))


def _by_kind(here: Path, there: Path, codes: pa.Array) -> None:
    """Repeat the rows of small areas of each index; those of larger areas stay as they are."""
    table = pq.read_table(here)
    keys = [name for name in ("index", "kind") if name in table.schema.names]
    with pq.ParquetWriter(there, table.schema) as file:
        for found in table.select(keys).group_by(keys, use_threads=False).aggregate([]).to_pylist():
            mask = None
            for name, value in found.items():
                same = pc.equal(table[name], value)
                mask = same if mask is None else pc.and_(mask, same)
            part = table.filter(mask)
            if found.get("kind", SMALL) == SMALL:
                part = _repeated(part, "code", codes).cast(table.schema)
            file.write_table(part)


_REPEATED: dict[str, Callable[[Path, Path, pa.Array], None]] = {
    "areas.parquet": _areas,
    "indicators.parquet": _indicators,
    "scores.parquet": _by_kind,
    "uncertainty.parquet": _by_kind,
    "hotspots.parquet": _by_kind,
    "estimate.parquet": _by_kind,
}


def _tiles(path: Path, count: int) -> None:
    few = round(min(CORNER, count) ** 0.5)
    side = round(SIZED_AS**0.5)
    some = outlines(SIZED_AS).reshape(side, side)[:few, :few].ravel()
    frame = gpd.GeoDataFrame(geometry=some, crs=4326)
    write_tiles([cut_layer(AreaLayer(SMALL, frame, MIN_ZOOM, MAX_ZOOM))], path)
