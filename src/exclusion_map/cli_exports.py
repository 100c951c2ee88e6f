"""The commands ``export``, ``export-support`` and ``map`` of the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import (
    Base,
    Level,
    Polygon,
    ProcessedDir,
    Weights,
    Where,
    WhereFile,
    data_settings,
)
from exclusion_map.terms import AreaKind, SupportKind

if TYPE_CHECKING:
    from pipelines.score import Order

_console = Console(stderr=True)

Out = Annotated[
    Path,
    typer.Argument(
        help="Output file: .csv, .zip (CSV with dictionary), .xlsx, .gpkg, .parquet, "
        ".geojson, .fgb or .arrow."
    ),
]
Index = Annotated[
    str, typer.Option(help="Index: an id, or a .toml or .json file; the default index if omitted.")
]
Decile = Annotated[
    int | None, typer.Option(min=1, max=10, help="Only areas in this decile; 1 = highest risk.")
]


def export(
    out: Out,
    index: Index = "",
    weights: Weights = "",
    base: Base = "all",
    where: Where = "",
    where_file: WhereFile = None,
    polygon: Polygon = None,
    level: Level = AreaKind.SMALL_AREA,
    decile: Decile = None,
    columns: Annotated[
        str,
        typer.Option(
            help="Groups of columns: all, or any of scores, components, intervals, "
            "indicators, estimate, support, parents."
        ),
    ] = "",
    processed_dir: ProcessedDir = None,
) -> None:
    """Export areas with their figures, dictionary and credits to a file."""
    from pipelines.export import ExportOrder
    from pipelines.export import export as run

    order = _order(out, index, weights, base, where, where_file, polygon, level)
    run(
        data_settings(None, processed_dir).processed_dir,
        ExportOrder(scores=order, columns=columns, decile=decile),
        _console,
    )


def export_support(
    out: Out,
    area: Annotated[str, typer.Option(help="Only places in the area with this code.")] = "",
    kind: Annotated[
        list[SupportKind] | None,
        typer.Option(help="Only places of this kind; may be repeated."),
    ] = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Export support locations to a file."""
    from pipelines.export import export_support as run

    run(data_settings(None, processed_dir).processed_dir, out, area, tuple(kind or ()), _console)


def draw_map(
    out: Annotated[Path, typer.Option(help="Output file: .html.")],
    where: Where = "",
    index: Index = "",
    weights: Weights = "",
    base: Base = "all",
    where_file: WhereFile = None,
    polygon: Polygon = None,
    level: Level = AreaKind.SMALL_AREA,
    decile: Decile = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Draw a map as one HTML file that opens without an internet connection."""
    from pipelines.export import draw_map as run

    order = _order(out, index, weights, base, where, where_file, polygon, level)
    run(data_settings(None, processed_dir).processed_dir, order, decile, _console)


def _order(
    out: Path,
    index: str,
    weights: str,
    base: str,
    where: str,
    where_file: Path | None,
    polygon: Path | None,
    level: AreaKind,
) -> "Order":
    from exclusion_map.areas.scoring import parse_weights
    from pipelines.score import Order

    return Order(
        definition=index,
        out=out,
        base=base,
        where=where,
        where_file=where_file,
        polygon=polygon,
        level=level,
        weights=parse_weights(weights),
    )
