"""The commands ``sample`` and ``precision``: survey sites drawn by known chances."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import ProcessedDir, Report, data_settings, paper_file
from exclusion_map.targeting.sampling.design import Allocation, Method, SampleDesign, parse_design

_console = Console(stderr=True)
Strata = Annotated[
    list[str] | None, typer.Option(help="What areas are divided by; may be repeated.")
]
HowMany = Annotated[Allocation, typer.Option(help="How many areas each stratum gets.")]
Quotas = Annotated[
    list[str] | None, typer.Option(help="With quotas: NAME=NUMBER; may be repeated.")
]
Sort = Annotated[list[str] | None, typer.Option(help="With systematic: order of the list.")]
Balance = Annotated[list[str] | None, typer.Option(help="With balanced: counts that should agree.")]
Own = Annotated[Path | None, typer.Option(help="CSV of area_code and a column, for --strata own.")]
Record = Annotated[
    Path | None,
    typer.Option(help="Record of a sample: it is drawn again and must be the same."),
]
Out = Annotated[Path | None, typer.Option(help="File: .csv, .parquet, .json, .arrow, .xlsx.")]
Joint = Annotated[Path | None, typer.Option(help="CSV file for joint inclusion probabilities.")]
Packs = Annotated[
    Path | None, typer.Option(help="Folder for a fieldwork pack of each area (HTML).")
]
Venues = Annotated[
    list[str] | None, typer.Option(help="Kind of place that is a venue; may be repeated.")
]
RecordOut = Annotated[Path | None, typer.Option(help="File for the record (JSON).")]
PlansOut = Annotated[
    Path | None,
    typer.Option(help="File of plans with fewer and more areas: .csv, .parquet, .json, .arrow."),
]
_FILES = ("own", "column", "record", "out", "record_out", "joint", "packs", "near_m")


def sample(
    context: typer.Context,
    areas: Annotated[int, typer.Option(min=1, max=5000, help="Areas in the main sample.")] = 40,
    method: Annotated[Method, typer.Option(help="How areas are drawn.")] = Method.SYSTEMATIC,
    size: Annotated[str, typer.Option(help="Chances are proportional to it.")] = "population",
    strata: Strata = None,
    classes: Annotated[int, typer.Option(help="Classes that a figure is cut into.")] = 5,
    allocation: HowMany = Allocation.PROPORTIONAL,
    quota: Quotas = None,
    vary: Annotated[str, typer.Option(help="With neyman: the figure that varies.")] = "score",
    least: Annotated[int, typer.Option(help="Areas that a stratum gets at least.")] = 1,
    sort: Sort = None,
    balance: Balance = None,
    distance_m: Annotated[float, typer.Option(help="Metres apart, with random.")] = 0.0,
    reserves: Annotated[int, typer.Option(help="Reserves for each area.")] = 1,
    interviews: Annotated[int, typer.Option(help="People met in each area.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Of the random numbers.")] = 1,
    within: Annotated[str, typer.Option(help="Code of an area; everywhere if left out.")] = "",
    index: Annotated[str, typer.Option(help="Id of an index; the default one.")] = "",
    own: Own = None,
    column: Annotated[str, typer.Option(help="Heading of that column; the first.")] = "",
    record: Record = None,
    out: Out = None,
    record_out: RecordOut = None,
    joint: Joint = None,
    packs: Packs = None,
    kind: Venues = None,
    near_m: Annotated[float, typer.Option(help="Metres within which it is one.")] = 3_000.0,
    report: Report = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Draw survey sites from the current edition, by chances that are known."""
    from pipelines.sample import SampleOrder, quotas_of
    from pipelines.sample import sample as run

    typed = {name: value for name, value in locals().items() if value is not None}
    design = {name: typed[name] for name in SampleDesign.model_fields if name in typed}
    files = {name: typed[name] for name in _FILES if name in typed}
    order = SampleOrder(
        design=parse_design({**design, "quotas": quotas_of(quota or ())}),
        kinds=tuple(kind or ()),
        **files | {"report": paper_file(context, report)},
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)


def precision(
    context: typer.Context,
    areas: Annotated[int, typer.Option(min=1, max=5_000, help="Areas visited.")] = 40,
    interviews: Annotated[int, typer.Option(min=1, max=1_000, help="People met in each.")] = 10,
    icc: Annotated[
        float, typer.Option(min=0, max=1, help="How alike people of one area are (ICC), 0 to 1.")
    ] = 0.05,
    weighting: Annotated[
        float, typer.Option(min=1, max=20, help="Design effect of unequal weights.")
    ] = 1.0,
    share: Annotated[float, typer.Option(help="Share expected, in per cent.")] = 50,
    people: Annotated[float | None, typer.Option(min=1, help="People in all; many if not.")] = None,
    confidence: Annotated[float, typer.Option(help="Of intervals, in per cent.")] = 95,
    half_width: Annotated[float, typer.Option(help="Margin wanted, in points.")] = 5,
    other: Annotated[float, typer.Option(help="Share in the other half, in per cent.")] = 60,
    power: Annotated[float, typer.Option(help="For the smallest rise, in per cent.")] = 80,
    out: PlansOut = None,
    report: Report = None,
) -> None:
    """Say how precise a survey in areas would be: margin, design effect, areas needed, power."""
    from pipelines.sample import precision as run
    from pipelines.sample import survey_plan

    plan = survey_plan(
        areas=areas,
        interviews=interviews,
        icc=icc,
        weighting=weighting,
        people=people,
        percent={
            "share": share,
            "confidence": confidence,
            "half_width": half_width,
            "other": other,
            "power": power,
        },
    )
    run(plan, out, paper_file(context, report), _console)
