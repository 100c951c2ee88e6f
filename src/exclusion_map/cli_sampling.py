"""The commands ``sample`` and ``precision``: survey sites drawn by known chances."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import ProcessedDir, Report, data_settings, paper_file
from exclusion_map.targeting.sampling.design import Allocation, Method, SampleDesign, parse_design

_console = Console(stderr=True)
Strata = Annotated[
    list[str] | None, typer.Option(help="Variable to stratify areas by; may be repeated.")
]
HowMany = Annotated[Allocation, typer.Option(help="How areas are allocated to strata.")]
Quotas = Annotated[
    list[str] | None, typer.Option(help="With quotas: NAME=NUMBER; may be repeated.")
]
Sort = Annotated[list[str] | None, typer.Option(help="With systematic: sort order of the list.")]
Balance = Annotated[list[str] | None, typer.Option(help="With balanced: totals to balance on.")]
Own = Annotated[
    Path | None, typer.Option(help="CSV with area_code and a column, for --strata own.")
]
Record = Annotated[
    Path | None,
    typer.Option(
        help="Record of an earlier sample: draw it again and check that the result is the same."
    ),
]
Out = Annotated[
    Path | None, typer.Option(help="Output file: .csv, .parquet, .json, .arrow or .xlsx.")
]
Joint = Annotated[
    Path | None, typer.Option(help="CSV output file of joint inclusion probabilities.")
]
Packs = Annotated[
    Path | None, typer.Option(help="Folder for fieldwork packs, one per area (HTML).")
]
Venues = Annotated[
    list[str] | None, typer.Option(help="Kind of place to list as a venue; may be repeated.")
]
RecordOut = Annotated[Path | None, typer.Option(help="Output file for the record (JSON).")]
PlansOut = Annotated[
    Path | None,
    typer.Option(
        help="Output file of plans with fewer and more areas: .csv, .parquet, .json or .arrow."
    ),
]
_FILES = ("own", "column", "record", "out", "record_out", "joint", "packs", "near_m")


def sample(
    context: typer.Context,
    areas: Annotated[
        int, typer.Option(min=1, max=5000, help="Number of areas in the main sample.")
    ] = 40,
    method: Annotated[Method, typer.Option(help="Sampling method.")] = Method.SYSTEMATIC,
    size: Annotated[
        str, typer.Option(help="Size measure that inclusion probabilities are proportional to.")
    ] = "population",
    strata: Strata = None,
    classes: Annotated[
        int, typer.Option(help="Number of classes a numeric variable is divided into.")
    ] = 5,
    allocation: HowMany = Allocation.PROPORTIONAL,
    quota: Quotas = None,
    vary: Annotated[
        str, typer.Option(help="With neyman: the variable whose variation counts.")
    ] = "score",
    least: Annotated[int, typer.Option(help="Minimum number of areas per stratum.")] = 1,
    sort: Sort = None,
    balance: Balance = None,
    distance_m: Annotated[
        float, typer.Option(help="With random: minimum distance between areas, in metres.")
    ] = 0.0,
    reserves: Annotated[int, typer.Option(help="Number of reserves for each area.")] = 1,
    interviews: Annotated[int, typer.Option(help="Interviews in each area.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 1,
    within: Annotated[str, typer.Option(help="Code of an area; all areas if omitted.")] = "",
    index: Annotated[str, typer.Option(help="Id of an index; the default index if omitted.")] = "",
    own: Own = None,
    column: Annotated[
        str, typer.Option(help="Heading of that column; the first one if omitted.")
    ] = "",
    record: Record = None,
    out: Out = None,
    record_out: RecordOut = None,
    joint: Joint = None,
    packs: Packs = None,
    kind: Venues = None,
    near_m: Annotated[
        float, typer.Option(help="Distance within which a place counts as a venue, in metres.")
    ] = 3_000.0,
    report: Report = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Draw a probability sample of survey sites from the current edition."""
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
    areas: Annotated[int, typer.Option(min=1, max=5_000, help="Number of areas visited.")] = 40,
    interviews: Annotated[
        int, typer.Option(min=1, max=1_000, help="Interviews in each area.")
    ] = 10,
    icc: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Intraclass correlation: how alike people in one area are, 0 to 1."
        ),
    ] = 0.05,
    weighting: Annotated[
        float, typer.Option(min=1, max=20, help="Design effect of unequal weights.")
    ] = 1.0,
    share: Annotated[float, typer.Option(help="Expected share, in per cent.")] = 50,
    people: Annotated[
        float | None, typer.Option(min=1, help="Population size; treated as unlimited if omitted.")
    ] = None,
    confidence: Annotated[
        float, typer.Option(help="Confidence level of intervals, in per cent.")
    ] = 95,
    half_width: Annotated[
        float, typer.Option(help="Target margin of error, in percentage points.")
    ] = 5,
    other: Annotated[
        float, typer.Option(help="Share in the other half of the sample, in per cent.")
    ] = 60,
    power: Annotated[
        float, typer.Option(help="Power for the smallest detectable rise, in per cent.")
    ] = 80,
    out: PlansOut = None,
    report: Report = None,
) -> None:
    """Calculate how precise an area survey is: margin, design effect, areas needed, power."""
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
