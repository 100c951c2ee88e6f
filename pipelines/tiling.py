"""Build steps that cut the tilesets declared in ``exclusion_map.tiles``."""

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import geopandas as gpd
import pandas as pd

from exclusion_map.terms import AreaKind
from exclusion_map.tiles.build import LayerTiles, TileReport, build_tiles, cut_layer, write_tiles
from exclusion_map.tiles.layers import AreaLayer
from exclusion_map.tiles.support_layers import support_layers
from exclusion_map.tiles.tilesets import AREA_TILESETS, TILESETS
from pipelines.steps import Workplace, write_json

CODE = tuple(
    f"tiles/{part}.py"
    for part in (
        *("borders", "build", "layers", "cutting", "encoding", "grid", "outlines", "pack"),
        *("support_layers", "tilesets"),
    )
)
"""Code that affects the content of tiles; modules that only read tiles are not included."""

AT_ONCE = 2
"""Layers cut in parallel, each in a process that needs about 700 MB."""
WORTH_PROCESSES = 5_000_000
"""Bytes of outlines above which separate processes are worthwhile."""


def area_tiles(place: Workplace) -> None:
    """Outlines of every kind of area: larger areas at low zooms, small areas at high zooms."""
    geography = place.made["geography"]
    reports: dict[str, dict[str, object]] = {}
    with _workers((geography / "small.parquet").stat().st_size) as workers:
        cuts = {
            tileset.name: [
                workers.submit(_cut, kind, (low, tileset.max_zoom), geography)
                for kind, low in reversed(tileset.layers)  # the slowest first
            ]
            for tileset in AREA_TILESETS
        }
        for name, running in cuts.items():
            layers = [layer for one in reversed(running) if (layer := one.result()) is not None]
            if layers:
                place.note(f"packing {name}")
                report = write_tiles(layers, place.folder / TILESETS[name].file)
                reports[name] = _told(report)
    write_json(place.folder / "report.json", reports)


def _workers(size: int) -> Executor:
    """Return an executor: processes for a country, because cutting holds the interpreter lock."""
    if size < WORTH_PROCESSES:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn"))


def _cut(kind: AreaKind, zooms: tuple[int, int], geography: Path) -> LayerTiles | None:
    """Cut the areas of a kind; None if the edition has none."""
    if kind is AreaKind.SMALL_AREA:
        areas = gpd.read_parquet(geography / "small.parquet", columns=["geometry"])
    else:
        mine = [("kind", "==", kind.value)]
        areas = gpd.read_parquet(
            geography / "larger.parquet", columns=["kind", "geometry"], filters=mine
        )
    return cut_layer(AreaLayer(kind.value, areas, *zooms)) if len(areas) else None


def _told(report: TileReport) -> dict[str, object]:
    absent = [
        {"layer": layer, "zoom": zoom, "absent": count}
        for (layer, zoom), count in sorted(report.absent.items())
    ]
    return {"tiles": report.tiles, "bytes": report.bytes, "absent": absent}


def support_tiles(place: Workplace) -> None:
    """Support locations: clusters at low zooms, single locations at high zooms."""
    table = pd.read_parquet(place.made["support"] / "support.parquet")
    small = gpd.read_parquet(place.made["geography"] / "small.parquet")
    west, south, east, north = (float(one) for one in small.total_bounds)
    build_tiles(
        support_layers(table, (west, south, east, north)),
        place.folder / TILESETS["support"].file,
        on_part=place.note,
    )
