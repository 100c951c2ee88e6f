"""The command line: fetch, build, serve, start."""

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_ending import follow_parent, run
from exclusion_map.cli_later import Commands
from exclusion_map.cli_options import (
    Base,
    Level,
    Polygon,
    ProcessedDir,
    RawDir,
    Weights,
    Where,
    WhereFile,
    data_settings,
)
from exclusion_map.terms import AreaKind

app = typer.Typer(
    help="Where people are at risk of digital exclusion, and what support is near them.",
    no_args_is_help=True,
    cls=Commands,
    pretty_exceptions_enable=False,
)
_console = Console(stderr=True)


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        from exclusion_map import __version__

        typer.echo(f"exclusion-map {__version__}")
        raise typer.Exit


@app.command()
def fetch(
    raw_dir: RawDir = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Fetch only this source; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Download files again even if they exist.")] = False,
) -> None:
    """Download the raw files an edition needs from their publishers."""
    from pipelines.fetch import fetch as run

    summary = run(
        data_settings(raw_dir, None).raw_dir,
        wanted=tuple(source) if source else None,
        force=force,
        console=_console,
    )
    if not summary.complete:
        raise typer.Exit(1)


@app.command()
def build(
    raw_dir: RawDir = None,
    processed_dir: ProcessedDir = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="Build Sampleshire, an invented county.")
    ] = False,
) -> None:
    """Build an edition from raw files and make it the current one."""
    from pipelines.build import build as run
    from pipelines.start import sample_raw

    data = data_settings(raw_dir, processed_dir)
    raw = sample_raw(data.processed_dir, _console) if synthetic else data.raw_dir
    typer.echo(run(raw, data.processed_dir, _console))


@app.command()
def serve(
    processed_dir: ProcessedDir = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1, max=64, help="Number of processes that answer requests; they share the edition."
        ),
    ] = 1,
) -> None:
    """Serve the current edition: map, pages, tiles and API."""
    # The collector of garbage would take a sixth of the time; the service starts it when it is up.
    gc.disable()
    # Arrow's own allocator keeps what each thread had of it; read when Arrow is loaded.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from api.server import run
    from exclusion_map.settings import ServiceSettings, read

    service = read(ServiceSettings)
    given = {"host": host, "port": port}
    service = service.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    run(service, data_settings(None, processed_dir), _console, workers)


@app.command()
def start(
    raw_dir: RawDir = None,
    processed_dir: ProcessedDir = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
) -> None:
    """Build the best edition available here, then serve it."""
    from exclusion_map.settings import DatabaseSettings, read
    from pipelines.directory_lists import load_new_lists
    from pipelines.start import prepare

    data = data_settings(raw_dir, processed_dir)
    prepare(data, _console)
    load_new_lists(data, read(DatabaseSettings).database_url, _console)
    serve(data.processed_dir, host, port)


@app.command()
def score(
    definition: Annotated[
        str,
        typer.Option(help="Index definition: a .toml or .json file, or the id of a known index."),
    ],
    out: Annotated[Path, typer.Option(help="Output file: .csv, .parquet, .json or .arrow.")],
    base: Base = "all",
    where: Where = "",
    where_file: WhereFile = None,
    polygon: Polygon = None,
    level: Level = AreaKind.SMALL_AREA,
    values: Annotated[
        list[str] | None,
        typer.Option(
            help="Your own indicator: a CSV with area_code and value, or with numerator and "
            "denominator. It is named after the file and joins the index with weight 1, "
            "or the weight given in --weights. To use a column of a wider file under "
            "another name: NAME=FILE.csv:COLUMN."
        ),
    ] = None,
    lower_is_riskier: Annotated[
        bool, typer.Option("--lower-is-riskier", help="Low values of --values mean higher risk.")
    ] = False,
    weights: Weights = "",
    uncertainty: Annotated[
        int, typer.Option(min=0, max=100_000, help="Number of draws for rank intervals; 0 = none.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Random seed for the draws.")] = 1,
    components: Annotated[
        bool,
        typer.Option("--components", help="Also output the score of each component of the index."),
    ] = False,
    processed_dir: ProcessedDir = None,
) -> None:
    """Score areas on the current edition with any definition, weights and base."""
    from exclusion_map.areas.scoring import parse_weights
    from pipelines.score import Order
    from pipelines.score import score as run

    order = Order(
        definition=definition,
        out=out,
        base=base,
        where=where,
        where_file=where_file,
        polygon=polygon,
        level=level,
        values=tuple(values or ()),
        lower_is_riskier=lower_is_riskier,
        weights=parse_weights(weights),
        draws=uncertainty,
        seed=seed,
        components=components,
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)


@app.command()
def rollup(
    where: Annotated[
        str,
        typer.Option(
            help="Area codes, postcodes, GP practice codes or names, separated by commas."
        ),
    ] = "",
    where_file: Annotated[
        Path | None,
        typer.Option(help="CSV file of these; a column headed list or pcn makes several lists."),
    ] = None,
    polygon: Annotated[
        Path | None, typer.Option(help="Boundary file: GeoJSON, GPKG, zipped Shapefile or KML.")
    ] = None,
    definition: Annotated[
        str,
        typer.Option(help="Index definition: a .toml or .json file, or the id of a known index."),
    ] = "exclusion",
    weights: Weights = "",
    out: Annotated[
        Path | None,
        typer.Option(help="Output file with one row per list: .csv, .parquet, .json or .arrow."),
    ] = None,
    areas_out: Annotated[
        Path | None, typer.Option(help="Output file with one row per small area.")
    ] = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Add up any list of places or a boundary: score, spread inside, modelled estimate."""
    from exclusion_map.areas.scoring import parse_weights
    from pipelines.rollup import RollUpOrder
    from pipelines.rollup import rollup as run

    order = RollUpOrder(
        definition=definition,
        where=where,
        where_file=where_file,
        polygon=polygon,
        out=out,
        areas_out=areas_out,
        weights=parse_weights(weights),
    )
    run(data_settings(None, processed_dir).processed_dir, order, _console)


@app.command()
def compare(
    old: Annotated[str, typer.Argument(help="Id or folder of an edition.")],
    new: Annotated[str, typer.Argument(help="Id or folder of the edition to compare with.")],
    index: Annotated[str, typer.Option(help="Index that exists in both editions.")] = "exclusion",
    out: Annotated[Path | None, typer.Option(help="CSV output file with one row per area.")] = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Show what changed between two editions, split into data and method."""
    from pipelines.compare import compare as run

    run(data_settings(None, processed_dir).processed_dir, old, new, index, out, _console)


@app.command()
def settings() -> None:
    """Print every setting with its default and meaning, as Markdown."""
    from exclusion_map.settings import reference

    typer.echo(reference())


follow_parent()  # Processes that a command begins import its module first.


def main() -> None:
    """The command line; an error of the domain is one clear message, not a traceback."""
    sys.exit(run(app, _say))


def _say(message: str) -> None:
    _console.print(f"[bold red]Error[/] {_escape(message)}", highlight=False)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
