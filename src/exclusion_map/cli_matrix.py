"""The command ``matrix``: likelihood against impact."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import (
    Draws,
    Index,
    Level,
    ProcessedDir,
    Report,
    Seed,
    Weights,
    Where,
    data_settings,
    paper_file,
)
from exclusion_map.targeting.matrix import Compared, MatrixQuestion, Measure
from exclusion_map.targeting.matrix_cuts import CutRule
from exclusion_map.terms import AreaKind

_console = Console(stderr=True)
Lines = Annotated[str, typer.Option(help="Your own class limits, ascending, separated by commas.")]
Group = Annotated[
    str, typer.Option(help="Who the impact counts: residents, or the id of an indicator.")
]
Figures = Annotated[
    Path | None,
    typer.Option(
        help="Use your own counts instead: a CSV of places (codes, postcodes, GP "
        "practices) and numbers, such as patients of a service."
    ),
]
Cells = Annotated[
    str,
    typer.Option(help="Cells to list, as likelihood-impact: 3-3,3-2; the highest cell if omitted."),
]
Out = Annotated[
    Path | None, typer.Option(help="Output file: .csv, .zip, .xlsx, .geojson, .gpkg, .parquet ...")
]
OthersNone = Annotated[
    bool,
    typer.Option(
        "--others-none", help="Treat areas that are not in the file as 0, not as missing."
    ),
]
ComparedWith = Annotated[
    Compared, typer.Option(help="Set class limits from the areas of the place, or from all areas.")
]


def _edges(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no list of numbers") from None


def matrix(
    context: typer.Context,
    group: Group = "aged_75_plus",
    figures: Figures = None,
    figures_name: Annotated[str, typer.Option(help="What the counts in the file are.")] = "",
    others_none: OthersNone = False,
    where: Where = "",
    level: Level = AreaKind.SMALL_AREA,
    size: Annotated[int, typer.Option(help="Classes per axis: 3 or 5.")] = 3,
    cuts: Annotated[CutRule, typer.Option(help="How class limits are set.")] = CutRule.AREAS,
    likelihood_lines: Lines = "",
    impact_lines: Lines = "",
    measure: Annotated[
        Measure, typer.Option(help="Measure impact as a count or as a share.")
    ] = Measure.COUNT,
    compared: ComparedWith = Compared.PLACE,
    cells: Cells = "",
    every: Annotated[
        bool, typer.Option("--every", help="Output all areas instead of the cells.")
    ] = False,
    index: Index = "",
    weights: Weights = "",
    draws: Draws = 0,
    seed: Seed = 1,
    out: Out = None,
    report: Report = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Put areas into a risk matrix: how likely exclusion is, and how many it affects."""
    from exclusion_map.areas.scoring import parse_weights
    from pipelines.matrix import MatrixOrder
    from pipelines.matrix import matrix as run

    order = MatrixOrder(
        question=MatrixQuestion(
            size=size,
            cuts=cuts,
            likelihood_edges=_edges(likelihood_lines),
            impact_edges=_edges(impact_lines),
            measure=measure,
            compared=compared,
        ),
        group=group,
        figures=figures,
        figures_name=figures_name,
        others_none=others_none,
        where=where,
        level=level,
        index=index,
        weights=parse_weights(weights),
        cells=cells,
        every=every,
        draws=draws,
        seed=seed,
        out=out,
        report=paper_file(context, report),
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)
