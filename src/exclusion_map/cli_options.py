"""Options that several commands share."""

import shlex
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from exclusion_map.terms import AreaKind

if TYPE_CHECKING:
    from exclusion_map.editions.papers.files import PaperFile
    from exclusion_map.settings import DataSettings

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
        "selection (the areas given by --where, --where-file or --polygon)."
    ),
]
Where = Annotated[
    str, typer.Option(help="Only these areas: codes of any kind, separated by commas.")
]
WhereFile = Annotated[Path | None, typer.Option(help="Only these areas: CSV file of codes.")]
Polygon = Annotated[
    Path | None, typer.Option(help="Only areas in this GeoJSON, GPKG, Shapefile or KML file.")
]
Index = Annotated[str, typer.Option(help="Index: an id or a definition file.")]
Draws = Annotated[int, typer.Option(min=0, max=10_000, help="Number of draws; 0 for none.")]
Seed = Annotated[int, typer.Option(min=0, help="Random seed for the draws.")]
Level = Annotated[AreaKind, typer.Option(help="Kind of area.")]
Report = Annotated[
    Path | None,
    typer.Option(
        help="Write a report with map and tables: .html, .pdf or .docx.", show_default=False
    ),
]
_NOT_SAID = frozenset(
    (
        *("report", "out", "record_out", "joint", "packs", "neighbourhoods", "unmatched"),
        "processed_dir",
    )
)
"""Options that change nothing of the answer."""


def paper_file(context: typer.Context, path: Path | None) -> "PaperFile | None":
    """Return where a report goes, with the command that makes it again; None where none was asked.

    Files are told by name: what folders somebody has is not for the readers of a report.
    """
    if path is None:
        return None
    from exclusion_map.editions.papers.files import PaperFile

    said = ["exclusion-map", str(context.info_name)]
    for option in context.command.params:
        source = context.get_parameter_source(str(option.name))
        if option.name in _NOT_SAID or source is None or source.name != "COMMANDLINE":
            continue
        value = context.params[str(option.name)]
        for one in value if isinstance(value, list | tuple) else [value]:
            said += [option.opts[0]] if option.opts[0].startswith("-") else []
            said += [] if one is True else [_text(one)]
    return PaperFile(path, shlex.join(said))


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float):
        return f"{value:.12g}"
    return value.name if isinstance(value, Path) else str(value)


def data_settings(raw_dir: Path | None, processed_dir: Path | None) -> "DataSettings":
    """Return the folders of the settings, or those given instead."""
    from exclusion_map.settings import DataSettings, read

    settings = read(DataSettings)
    given = {"raw_dir": raw_dir, "processed_dir": processed_dir}
    return settings.model_copy(update={name: path for name, path in given.items() if path})
