"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from exclusion_map.settings import DataSettings, read
from exclusion_map.terms import AreaKind

RawDir = Annotated[
    Path | None,
    typer.Option(help="Folder of raw files (EXCLUSION_MAP_RAW_DIR).", show_default=False),
]
ProcessedDir = Annotated[
    Path | None,
    typer.Option(help="Folder of editions (EXCLUSION_MAP_PROCESSED_DIR).", show_default=False),
]
Weights = Annotated[str, typer.Option(help="Weights by id: age:2,disability:1 or a JSON object.")]
Base = Annotated[
    str,
    typer.Option(
        help="Compare within: all, nation, region, icb, local_authority, rural_urban, or "
        "selection (the areas of --where, --where-file or --polygon)."
    ),
]
Where = Annotated[str, typer.Option(help="Only these areas: codes of any kind, with commas.")]
WhereFile = Annotated[Path | None, typer.Option(help="Only these areas: a CSV file of codes.")]
Polygon = Annotated[
    Path | None, typer.Option(help="Only areas in this GeoJSON, GPKG, Shapefile or KML.")
]
Index = Annotated[str, typer.Option(help="Id of an index, or a definition file.")]
Draws = Annotated[int, typer.Option(min=0, max=10_000, help="Draws; 0 for none.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the draws.")]
Level = Annotated[AreaKind, typer.Option(help="Kind of areas.")]


def data_settings(raw_dir: Path | None, processed_dir: Path | None) -> DataSettings:
    """Return the folders of the settings, or those given instead."""
    settings = read(DataSettings)
    given = {"raw_dir": raw_dir, "processed_dir": processed_dir}
    return settings.model_copy(update={name: path for name, path in given.items() if path})
