"""The command ``footprint``: who a programme serves, and who among them is at risk."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import Index, ProcessedDir, Weights, data_settings
from exclusion_map.targeting.footprint.served import Basis

_console = Console(stderr=True)


def footprint(
    listed: Annotated[
        Path | None,
        typer.Option(
            "--list",
            help="File of postcodes, area codes, practice codes or names: CSV, text or workbook; "
            "with columns count, latitude, longitude, radius if there are any.",
        ),
    ] = None,
    where: Annotated[str, typer.Option(help="A short list instead, with commas.")] = "",
    outline: Annotated[
        Path | None,
        typer.Option(help="Boundary: GeoJSON, GeoPackage, zipped Shapefile, KML."),
    ] = None,
    name: Annotated[str, typer.Option(help="Of the product or programme.")] = "",
    compare: Annotated[
        str,
        typer.Option(help="Code or name to compare with, or all; else the smallest that fits."),
    ] = "",
    basis: Annotated[
        Basis | None, typer.Option(help="People of the list, or all residents of its places.")
    ] = None,
    radius: Annotated[
        float | None, typer.Option(min=1, help="Metres of catchment around each row.")
    ] = None,
    index: Index = "",
    weights: Weights = "",
    draws: Annotated[int, typer.Option(min=0, max=2_000, help="Other readings; 0 for none.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the readings.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Tenths and groups: .csv, .xlsx, .parquet, .json, .arrow.")
    ] = None,
    neighbourhoods: Annotated[
        Path | None, typer.Option(help="File of neighbourhoods, worst served first.")
    ] = None,
    unmatched: Annotated[
        Path | None, typer.Option(help="File of rows that were not understood: your own rows.")
    ] = None,
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
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)
