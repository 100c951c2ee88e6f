"""The command ``footprint``: who a programme serves, and who among them is at risk."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import (
    Index,
    ProcessedDir,
    Report,
    Weights,
    data_settings,
    paper_file,
)
from exclusion_map.targeting.footprint.served import Basis

_console = Console(stderr=True)

Listed = Annotated[
    Path | None,
    typer.Option(
        "--list",
        help="File of postcodes, area codes, practice codes or names: CSV, text or workbook; "
        "with columns count, latitude, longitude, radius if there are any.",
    ),
]
Outline = Annotated[
    Path | None,
    typer.Option(help="Boundary: GeoJSON, GeoPackage, zipped Shapefile, KML."),
]
CompareWith = Annotated[
    str,
    typer.Option(help="Code or name to compare with, or all; else the smallest that fits."),
]
BasisWanted = Annotated[
    Basis | None, typer.Option(help="People of the list, or all residents of its places.")
]
Radius = Annotated[float | None, typer.Option(min=1, help="Metres of catchment around each row.")]
Out = Annotated[
    Path | None, typer.Option(help="Tenths and groups: .csv, .xlsx, .parquet, .json, .arrow.")
]
Neighbourhoods = Annotated[
    Path | None, typer.Option(help="File of neighbourhoods, worst served first.")
]
Unmatched = Annotated[
    Path | None, typer.Option(help="File of rows that were not understood: your own rows.")
]
Where = Annotated[str, typer.Option(help="A short list instead, with commas.")]
Name = Annotated[str, typer.Option(help="Of the product or programme.")]
Draws = Annotated[int, typer.Option(min=0, max=2_000, help="Other readings; 0 for none.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the readings.")]


def footprint(
    context: typer.Context,
    listed: Listed = None,
    where: Where = "",
    outline: Outline = None,
    name: Name = "",
    compare: CompareWith = "",
    basis: BasisWanted = None,
    radius: Radius = None,
    index: Index = "",
    weights: Weights = "",
    draws: Draws = 0,
    seed: Seed = 1,
    out: Out = None,
    neighbourhoods: Neighbourhoods = None,
    unmatched: Unmatched = None,
    report: Report = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Tell who a list, places, sites or an outline serve, and who among them is at risk."""
    from exclusion_map.areas.scoring import parse_weights
    from pipelines.footprint import FootprintOrder
    from pipelines.footprint import footprint as run

    order = FootprintOrder(
        listed=listed,
        where=where,
        outline=outline,
        name=name,
        compare=compare,
        basis=basis,
        radius=radius,
        index=index,
        weights=parse_weights(weights),
        draws=draws,
        seed=seed,
        out=out,
        neighbourhoods=neighbourhoods,
        unmatched=unmatched,
        report=paper_file(context, report),
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)
