"""Steps that cut tiles: every tileset of the edition, as ``exclusion_map.tiles`` declares them."""

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import geopandas as gpd
import pandas as pd

from exclusion_map.terms import AreaKind
from exclusion_map.tiles.build import TileReport, build_tiles
from exclusion_map.tiles.layers import AreaLayer
from exclusion_map.tiles.support_layers import support_layers
from exclusion_map.tiles.tilesets import AREA_TILESETS, TILESETS
from pipelines.steps import Workplace, write_json

CODE = tuple(
    f"tiles/{part}.py"
    for part in (
        *("build", "layers", "cutting", "encoding", "grid", "outlines", "pack"),
        *("support_layers", "tilesets"),
    )
)
"""The code that decides what is in tiles; what only reads them is not of it."""

AT_ONCE = 2
"""Tilesets cut at the same time, each in a process of some 500 MB."""
WORTH_PROCESSES = 5_000_000
"""Bytes of outlines from which starting processes pays."""


def area_tiles(place: Workplace) -> None:
    """Outlines of every kind of area: wider areas from afar, small areas close."""
    geography = place.made["geography"]
    jobs = {tileset.name: (tileset.name, geography, place.folder) for tileset in AREA_TILESETS}
    reports: dict[str, dict[str, object]] = {}
    with _workers((geography / "small.parquet").stat().st_size) as workers:
        running = {workers.submit(_cut, *job): name for name, job in jobs.items()}
        for done in as_completed(running):
            report = done.result()
            if report is not None:
                reports[running[done]] = report
            place.note(f"{running[done]}: cut")
    ordered = {name: reports[name] for name in jobs if name in reports}
    write_json(place.folder / "report.json", ordered)


def _workers(size: int) -> Executor:
    """Return who cuts: for a country, processes, since cutting holds the interpreter's lock."""
    if size < WORTH_PROCESSES:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn"))


def _cut(name: str, geography: Path, folder: Path) -> dict[str, object] | None:
    """Cut one tileset; None where the edition has no area of its kinds."""
    tileset = TILESETS[name]
    small = gpd.read_parquet(geography / "small.parquet")
    larger = gpd.read_parquet(geography / "larger.parquet")
    zooms = [(kind, (low, tileset.max_zoom)) for kind, low in tileset.layers]
    layers = [_layer(kind, span, small, larger) for kind, span in zooms]
    held = [layer for layer in layers if len(layer.features)]
    return _told(build_tiles(held, folder / tileset.file)) if held else None


def _layer(
    kind: AreaKind, zooms: tuple[int, int], small: gpd.GeoDataFrame, larger: gpd.GeoDataFrame
) -> AreaLayer:
    if kind is AreaKind.SMALL_AREA:
        return AreaLayer(kind.value, small, *zooms)
    mine = larger[larger["kind"] == kind.value].reset_index(drop=True)
    return AreaLayer(kind.value, mine, *zooms)


def _told(report: TileReport) -> dict[str, object]:
    absent = [
        {"layer": layer, "zoom": zoom, "absent": count}
        for (layer, zoom), count in sorted(report.absent.items())
    ]
    return {"tiles": report.tiles, "bytes": report.bytes, "absent": absent}


def support_tiles(place: Workplace) -> None:
    """Support locations: clusters from afar, single ones close."""
    table = pd.read_parquet(place.made["support"] / "support.parquet")
    small = gpd.read_parquet(place.made["geography"] / "small.parquet")
    west, south, east, north = (float(one) for one in small.total_bounds)
    build_tiles(
        support_layers(table, (west, south, east, north)),
        place.folder / TILESETS["support"].file,
        on_part=place.note,
    )
