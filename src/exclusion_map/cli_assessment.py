"""The command ``assessment``: evidence for an equality and health inequalities assessment."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import Polygon, ProcessedDir, Where, data_settings

_console = Console(stderr=True)


def assessment(
    where: Where = "",
    where_file: Annotated[
        Path | None,
        typer.Option(
            help="File with a list of postcodes, area codes or practice codes, with counts."
        ),
    ] = None,
    polygon: Polygon = None,
    name: Annotated[str, typer.Option(help="Name of the service or programme.")] = "",
    compare: Annotated[
        str,
        typer.Option(
            help="Code or name of the area to compare with, or all; if omitted, the smallest "
            "area that fits."
        ),
    ] = "",
    index: Annotated[str, typer.Option(help="Id of an index in the edition.")] = "",
    out: Annotated[
        list[Path] | None,
        typer.Option(help="Output file: .docx, .pdf, .html, .csv or .json; may be repeated."),
    ] = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Gather evidence by protected characteristic and inclusion health group."""
    from pipelines.assessment import AssessmentOrder
    from pipelines.assessment import assessment as run

    order = AssessmentOrder(
        where=where,
        where_file=where_file,
        polygon=polygon,
        name=name,
        compare=compare,
        index=index,
        out=tuple(out or ()),
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)
