"""The command ``place``: points in areas, by the million."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import ProcessedDir, data_settings
from exclusion_map.terms import AreaKind

_console = Console(stderr=True)


Input = Annotated[
    Path, typer.Option("--input", help="Points: .parquet or .csv, or a folder of one of them.")
]
Output = Annotated[
    Path, typer.Option(help="File: .parquet or .csv; a name without ending: folder of parts.")
]
X = Annotated[str, typer.Option(help="Column of longitude or easting; found by its name.")]
Y = Annotated[str, typer.Option(help="Column of latitude or northing.")]
Postcode = Annotated[str, typer.Option(help="Column of postcodes, instead of these.")]
Crs = Annotated[
    str,
    typer.Option(help="Of the coordinates; EPSG:27700 for easting and northing, else degrees."),
]
OfIndex = Annotated[str, typer.Option(help="Id of an index; the edition's first if empty.")]
Kinds = Annotated[
    list[AreaKind] | None,
    typer.Option(help="Also the code of this larger area; may be given more than once."),
]
Keep = Annotated[
    str | None,
    typer.Option(help="Columns of the input to keep, with commas; all if not given."),
]
Prefix = Annotated[str, typer.Option(help="Begins the names of the new columns.")]
Coast = Annotated[
    float,
    typer.Option(min=0, max=5000, help="Metres off the coast that still belong to an area."),
]
Memory = Annotated[str, typer.Option(help="Most memory to take: 1GB, 600MB.")]
Workers = Annotated[
    int, typer.Option(min=0, max=64, help="Parts at a time; 0: one for each processor.")
]
Cluster = Annotated[
    str, typer.Option(help="Address of a Dask scheduler that does the work instead.")
]
PartRows = Annotated[int, typer.Option(min=1_000, max=100_000_000, help="Rows of a part, about.")]
GridDir = Annotated[
    Path | None, typer.Option(help="Folder of grids; in that of editions if not given.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Write over the output.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget the parts of a run that was stopped.")]


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
    """Put points in small areas and give them the scores there, by the million.

    Stopped at any moment, the same command goes on where it was.
    """
    from exclusion_map.editions import current_path
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
