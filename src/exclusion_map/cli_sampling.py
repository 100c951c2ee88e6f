"""The command ``sample``: survey sites drawn by known chances, and packs for them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import ProcessedDir, data_settings
from exclusion_map.targeting.sampling.design import Allocation, Method, SampleDesign, parse_design

_console = Console(stderr=True)
_USUAL = SampleDesign()
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


def sample(
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
    processed_dir: ProcessedDir = None,
) -> None:
    """Draw survey sites from the current edition, by chances that are known."""
    from pipelines.sample import SampleOrder, quotas_of
    from pipelines.sample import sample as run

    known = {
        "areas": areas,
        "method": method,
        "size": size,
        "strata": tuple(strata or ()),
        "classes": classes,
        "allocation": allocation,
        "quotas": quotas_of(quota or ()),
        "vary": vary,
        "least": least,
        "sort": tuple(sort or _USUAL.sort),
        "balance": tuple(balance or _USUAL.balance),
        "distance_m": distance_m,
        "reserves": reserves,
        "interviews": interviews,
        "seed": seed,
        "within": within,
        "index": index,
    }
    order = SampleOrder(
        design=parse_design(known),
        own=own,
        column=column,
        record=record,
        out=out,
        record_out=record_out,
        joint=joint,
        packs=packs,
        kinds=tuple(kind or ()),
        near_m=near_m,
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)
