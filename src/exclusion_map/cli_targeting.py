"""Commands on where support is missing, would help or goes: gaps, siting, closing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import Report, paper_file
from exclusion_map.settings import DatabaseSettings, DataSettings, read
from exclusion_map.targeting.gaps import Worst
from exclusion_map.targeting.siting_query import Aim, SitingQuestion, Whose

if TYPE_CHECKING:
    from pipelines.gaps import Reach

_console = Console(stderr=True)

Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Kind of support that counts; may be repeated.")
]
Within = Annotated[str, typer.Option(help="Code of an area; all areas if omitted.")]
Threshold = Annotated[
    float, typer.Option(min=1, max=50_000, help="Distance that counts as near, in metres.")
]
Index = Annotated[str, typer.Option(help="Id of an index; the default index if omitted.")]
StreetsFile = Annotated[
    Path | None,
    typer.Option(help="OpenStreetMap extract for walking routes; needs the extra `routing`."),
]
Out = Annotated[Path | None, typer.Option(help="Output file: .csv, .parquet, .json or .arrow.")]
ProcessedDir = Annotated[
    Path | None, typer.Option(help="Folder of editions (EXCLUSION_MAP_PROCESSED_DIR).")
]


def reach_asked(
    kind: list[str] | None,
    within: str,
    threshold: float,
    *,
    index: str = "",
    streets: Path | None = None,
) -> "Reach":
    """Return what the options ask of the way to support: libraries, unless other kinds are named.

    Places come from the directory the settings name; ``threshold`` is in the unit of the command.
    """
    from pipelines.gaps import Reach

    return Reach(
        kinds=tuple(kind or ("library",)),
        within=within,
        threshold=threshold,
        index=index,
        streets=streets,
        database_url=read(DatabaseSettings).database_url,
    )


def gaps(
    context: typer.Context,
    kind: Kinds = None,
    within: Within = "",
    threshold: Threshold = 1_000.0,
    worst: Annotated[Worst, typer.Option(help="Which areas count as high risk.")] = Worst.FIFTH,
    index: Index = "",
    streets: StreetsFile = None,
    out: Out = None,
    report: Report = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Find where risk is high and support is far, by the directory or the edition's lists."""
    from pipelines.gaps import gaps as run

    reach = reach_asked(kind, within, threshold, index=index, streets=streets)
    file = paper_file(context, report)
    run(processed_dir or read(DataSettings).processed_dir, reach, worst, out, _console, file)


def siting(
    context: typer.Context,
    within: Annotated[str, typer.Option(help="Code of the area whose residents count.")],
    kind: Kinds = None,
    candidates: Annotated[
        list[str] | None,
        typer.Option(help="Kind of place to consider as a location; may be repeated."),
    ] = None,
    grid: Annotated[
        float | None,
        typer.Option(min=200, help="Or consider points on a grid with this spacing, in metres."),
    ] = None,
    listed: Annotated[
        Path | None,
        typer.Option(
            "--list",
            help="Or consider places from a CSV file: name; postcode, or latitude and "
            "longitude; cost.",
        ),
    ] = None,
    k: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of new places.")] = 5,
    aim: Annotated[
        Aim, typer.Option(help="Maximise people in reach, or minimise distances.")
    ] = Aim.REACH,
    whose: Annotated[Whose, typer.Option(help="Whose access counts.")] = Whose.CONCERNED,
    budget: Annotated[
        float | None, typer.Option(min=0, help="Budget, for a list with costs.")
    ] = None,
    threshold: Threshold = 1_000.0,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="Time limit, in seconds.")] = 60.0,
    index: Index = "",
    streets: StreetsFile = None,
    out: Out = None,
    report: Report = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Choose the new places that help most; existing places stay."""
    from pipelines.siting import SitingOrder
    from pipelines.siting import siting as run

    reach = reach_asked(kind, within, threshold, index=index, streets=streets)
    question = SitingQuestion(
        choice=reach.choice, aim=aim, k=k, threshold=threshold, whose=whose, budget=budget
    )
    order = SitingOrder(
        question=question,
        kinds=tuple(candidates or ()),
        grid=grid,
        listed=listed,
        seconds=seconds,
        out=out,
        report=paper_file(context, report),
    )
    run(processed_dir or read(DataSettings).processed_dir, reach, order, _console)


def closing(
    context: typer.Context,
    place: Annotated[str, typer.Argument(help="Id or name of the place that closes.")],
    threshold: Threshold = 1_000.0,
    index: Index = "",
    streets: StreetsFile = None,
    out: Out = None,
    report: Report = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Show who has farther to go if a place of support closes, and where they would go."""
    from pipelines.closing import ClosingOrder
    from pipelines.closing import closing as run

    reach = reach_asked(None, "", threshold, index=index, streets=streets)
    order = ClosingOrder(place=place, out=out, report=paper_file(context, report))
    run(processed_dir or read(DataSettings).processed_dir, reach, order, _console)
