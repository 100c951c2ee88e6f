"""The command ``share``: divide a total among areas or partners."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import (
    Draws,
    Index,
    ProcessedDir,
    Report,
    Seed,
    Weights,
    Where,
    data_settings,
    paper_file,
)
from exclusion_map.targeting.sharing import ShareQuestion
from exclusion_map.targeting.sharing_method import Method
from exclusion_map.targeting.sharing_rules import Rule
from exclusion_map.targeting.sharing_units import Overlap
from exclusion_map.terms import AreaKind

_console = Console(stderr=True)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise typer.BadParameter(f"{text!r} is no number") from None


Total = Annotated[Decimal, typer.Option(parser=_amount, metavar="AMOUNT", help="Total to share.")]
Step = Annotated[
    Decimal,
    typer.Option(parser=_amount, metavar="AMOUNT", help="Smallest unit: 1, 0.01, 0.5."),
]
Units = Annotated[
    Path | None,
    typer.Option(
        help="CSV file of partners with their areas, or of numbers for the areas: name, code, "
        "minimum, maximum, received, number."
    ),
]
Line = Annotated[
    float | None, typer.Option(min=0, max=100, help="Score threshold, for the rules that use one.")
]
Minimum = Annotated[
    Decimal, typer.Option(parser=_amount, metavar="AMOUNT", help="Minimum for each.")
]
Maximum = Annotated[
    Decimal | None, typer.Option(parser=_amount, metavar="AMOUNT", help="Maximum for each.")
]
Shared = Annotated[Overlap, typer.Option(help="How to count people served by several partners.")]
Out = Annotated[
    Path | None,
    typer.Option(help="Output file: .csv, .xlsx (with notes), .parquet, .json or .arrow."),
]


def share(
    context: typer.Context,
    total: Total,
    what: Annotated[str, typer.Option(help="What is shared, such as computers.")] = "things",
    step: Step = Decimal(1),
    where: Where = "",
    level: Annotated[
        AreaKind, typer.Option(help="Kind of area that receives a share.")
    ] = AreaKind.WARD,
    units: Units = None,
    rule: Annotated[
        Rule, typer.Option(help="Rule: what shares are proportional to.")
    ] = Rule.AT_RISK,
    line: Line = None,
    method: Annotated[Method, typer.Option(help="Rounding method.")] = Method.WEBSTER,
    minimum: Minimum = Decimal(0),
    maximum: Maximum = None,
    overlap: Shared = Overlap.SPLIT,
    index: Index = "",
    weights: Weights = "",
    draws: Draws = 0,
    seed: Seed = 1,
    out: Out = None,
    report: Report = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Divide a total among areas or partners, with the reason for each share."""
    from exclusion_map.areas.scoring import parse_weights
    from pipelines.share import ShareOrder
    from pipelines.share import share as run

    order = ShareOrder(
        question=ShareQuestion(
            total=total,
            step=step,
            rule=rule,
            method=method,
            minimum=minimum,
            maximum=maximum,
            line=line,
        ),
        what=what,
        where=where,
        level=level,
        units=units,
        overlap=overlap,
        index=index,
        weights=parse_weights(weights),
        draws=draws,
        seed=seed,
        out=out,
        report=paper_file(context, report),
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)
