"""The command ``reports``: reports on places, one or many, as HTML, PDF, Excel, CSV or JSON."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import ProcessedDir, Weights, data_settings
from exclusion_map.terms import AreaKind

if TYPE_CHECKING:
    from exclusion_map.editions.reports.files import ReportForm

_console = Console(stderr=True)


def reports(
    places: Annotated[
        list[str] | None,
        typer.Argument(
            help="Codes, cluster:CODE, or lists such as 'Our patch: CH41 2AB, E05000954'.",
            show_default=False,
        ),
    ] = None,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Put all places, up to ten, in one report.")
    ] = False,
    each: Annotated[
        AreaKind | None, typer.Option(help="One report for each area of this kind.")
    ] = None,
    within: Annotated[str, typer.Option(help="Only areas inside the area with this code.")] = "",
    wards_of: Annotated[
        str, typer.Option(help="One report for each ward of the council with this code.")
    ] = "",
    codes: Annotated[
        Path | None, typer.Option(help="CSV file of codes, one report each.", exists=True)
    ] = None,
    form: Annotated[
        str,
        typer.Option("--format", help="html, pdf, xlsx, csv, json; separate several with commas."),
    ] = "html",
    out: Annotated[Path, typer.Option(help="Output folder.")] = Path("reports"),
    index: Annotated[
        str, typer.Option(help="Index: an id or a definition file; the default index if omitted.")
    ] = "",
    weights: Weights = "",
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Number of processes; 0 for one per core.")
    ] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Write reports again even if they exist.")
    ] = False,
    processed_dir: ProcessedDir = None,
) -> None:
    """Write reports on places. If interrupted, run it again to continue."""
    from exclusion_map.areas.scoring import parse_weights
    from pipelines.reports import ReportsOrder
    from pipelines.reports import reports as run

    if wards_of and (each or within):
        raise typer.BadParameter("--wards-of stands alone; or say --each ward --within CODE")
    order = ReportsOrder(
        places=tuple(places or ()),
        beside=side_by_side,
        each=AreaKind.WARD if wards_of else each,
        within=wards_of or within,
        codes=codes,
        index=index,
        weights=parse_weights(weights),
        forms=_forms(form),
        out=out,
        workers=workers,
        again=again,
    )
    if run(data_settings(None, processed_dir).processed_dir, order, _console):
        raise typer.Exit(1)


def _forms(text: str) -> "tuple[ReportForm, ...]":
    from exclusion_map.editions.reports.files import ReportForm

    named = [part.strip().lower() for part in text.split(",") if part.strip()]
    known = [one.value for one in ReportForm]
    for one in named:
        if one not in known:
            raise typer.BadParameter(f"{one!r} is none of {', '.join(known)}")
    if not named:
        raise typer.BadParameter(f"one of {', '.join(known)}")
    return tuple(dict.fromkeys(ReportForm(one) for one in named))
