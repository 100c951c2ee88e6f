"""The command ``place``: points in areas, by the million."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import ProcessedDir, data_settings
from exclusion_map.terms import AreaKind

_console = Console(stderr=True)


Input = Annotated[
    Path,
    typer.Option(
        "--input", help="Points: a .parquet, .csv or .csv.gz file, or a folder of such files."
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        help="Output file: .parquet or .csv; without an extension, a folder of Parquet files."
    ),
]
X = Annotated[
    str, typer.Option(help="Column with longitude or easting; recognised by name if omitted.")
]
Y = Annotated[str, typer.Option(help="Column with latitude or northing.")]
Postcode = Annotated[str, typer.Option(help="Column with postcodes, used instead of coordinates.")]
Crs = Annotated[
    str,
    typer.Option(
        help="Coordinate reference system; EPSG:27700 for easting and northing, otherwise degrees."
    ),
]
OfIndex = Annotated[str, typer.Option(help="Id of an index; the edition's default if omitted.")]
Kinds = Annotated[
    list[AreaKind] | None,
    typer.Option(help="Also output the code of this larger area; may be repeated."),
]
Keep = Annotated[
    str | None,
    typer.Option(help="Input columns to keep, separated by commas; all if omitted."),
]
Prefix = Annotated[str, typer.Option(help="Prefix for the names of the new columns.")]
Coast = Annotated[
    float,
    typer.Option(
        min=0,
        max=5000,
        help="Distance off the coast, in metres, within which a point still belongs to an area.",
    ),
]
Memory = Annotated[str, typer.Option(help="Memory limit: 1GB, 600MB.")]
Workers = Annotated[
    int,
    typer.Option(min=0, max=64, help="Number of parts processed at once; 0 for one per processor."),
]
Cluster = Annotated[str, typer.Option(help="Address of a Dask scheduler to run the work on.")]
PartRows = Annotated[
    int, typer.Option(min=1_000, max=100_000_000, help="Approximate number of rows per part.")
]
GridDir = Annotated[
    Path | None, typer.Option(help="Folder for grids; inside the folder of editions if omitted.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Overwrite the output.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Discard the parts of an interrupted run.")]


def place(
    input_: Input,
    output: Output,
    x: X = "",
    y: Y = "",
    postcode: Postcode = "",
    crs: Crs = "",
    index: OfIndex = "",
    areas: Kinds = None,
    keep: Keep = None,
    prefix: Prefix = "",
    coast: Coast = 200.0,
    memory: Memory = "1GB",
    workers: Workers = 0,
    cluster: Cluster = "",
    part_rows: PartRows = 1_000_000,
    grid_dir: GridDir = None,
    overwrite: Overwrite = False,
    fresh: Fresh = False,
    processed_dir: ProcessedDir = None,
) -> None:
    """Assign points to small areas and add the scores there, by the million.

    If it is interrupted, run the same command again to continue.
    """
    from exclusion_map.editions import current_path
    from exclusion_map.placing.advice import advice
    from exclusion_map.placing.memory import parse_bytes
    from exclusion_map.placing.run import PlaceOrder
    from exclusion_map.placing.run import place as run

    order = PlaceOrder(
        input=input_,
        output=output,
        x=x,
        y=y,
        postcode=postcode,
        crs=crs,
        index=index,
        kinds=tuple(dict.fromkeys(kind for kind in areas or () if kind is not AreaKind.SMALL_AREA)),
        keep=None if keep is None else tuple(filter(None, map(str.strip, keep.split(",")))),
        prefix=prefix,
        coast_m=coast,
        memory=parse_bytes(memory),
        workers=workers,
        cluster=cluster,
        part_rows=part_rows,
        grid_dir=grid_dir,
        overwrite=overwrite,
        fresh=fresh,
    )
    summary = run(current_path(data_settings(None, processed_dir).processed_dir), order, _console)
    _console.print(f"{summary.rows:,} rows in {output}", highlight=False, markup=False)
    for outcome, count in sorted(summary.outcomes.items(), key=lambda one: -one[1]):
        _console.print(f"  {count:>12,}  {outcome}", highlight=False, markup=False)
    for sentence in advice(summary.rows, summary.outcomes):
        _console.print(sentence, highlight=False, markup=False, style="yellow")
