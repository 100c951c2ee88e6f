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
        help="File of postcodes, area codes, practice codes or names: CSV, text or "
        "workbook; may have columns count, latitude, longitude and radius.",
    ),
]
Outline = Annotated[
    Path | None,
    typer.Option(help="Boundary file: GeoJSON, GeoPackage, zipped Shapefile or KML."),
]
CompareWith = Annotated[
    str,
    typer.Option(
        help="Code or name of the area to compare with, or all; if omitted, the smallest "
        "area that fits."
    ),
]
BasisWanted = Annotated[
    Basis | None, typer.Option(help="Count the people in the list, or all residents of its places.")
]
Radius = Annotated[
    float | None, typer.Option(min=1, help="Catchment radius around each row, in metres.")
]
Out = Annotated[
    Path | None,
    typer.Option(help="Output file of deciles and groups: .csv, .xlsx, .parquet, .json or .arrow."),
]
Neighbourhoods = Annotated[
    Path | None, typer.Option(help="Output file of neighbourhoods, worst served first.")
]
Unmatched = Annotated[
    Path | None, typer.Option(help="Output file for your own rows that were not recognised.")
]
Where = Annotated[str, typer.Option(help="Short list, separated by commas, instead of a file.")]
Name = Annotated[str, typer.Option(help="Name of the product or programme.")]
Draws = Annotated[
    int,
    typer.Option(
        min=0, max=2_000, help="Number of alternative versions of the index to test; 0 for none."
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Random seed for the alternative versions.")]


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
    """Show who a list, places, sites or a boundary serve, and who among them is at risk."""
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
