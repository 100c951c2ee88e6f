"""The command line: fetch, build, serve, start."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from exclusion_map import __version__
from exclusion_map.errors import ExclusionMapError
from exclusion_map.settings import DataSettings, ServiceSettings, read, reference

app = typer.Typer(
    help="Where people are at risk of digital exclusion, and what support is near them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_console = Console(stderr=True)

RawDir = Annotated[
    Path | None,
    typer.Option(help="Folder of raw files (EXCLUSION_MAP_RAW_DIR).", show_default=False),
]
ProcessedDir = Annotated[
    Path | None,
    typer.Option(help="Folder of editions (EXCLUSION_MAP_PROCESSED_DIR).", show_default=False),
]


def _data(raw_dir: Path | None, processed_dir: Path | None) -> DataSettings:
    settings = read(DataSettings)
    given = {"raw_dir": raw_dir, "processed_dir": processed_dir}
    return settings.model_copy(update={name: path for name, path in given.items() if path})


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"exclusion-map {__version__}")
        raise typer.Exit


@app.command()
def fetch(
    raw_dir: RawDir = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only this source; may be given more than once.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Download again what is there already.")] = False,
) -> None:
    """Download what an edition needs from the publishers' addresses."""
    from pipelines.fetch import fetch as run

    summary = run(
        _data(raw_dir, None).raw_dir,
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

    data = _data(raw_dir, processed_dir)
    raw = sample_raw(data.processed_dir, _console) if synthetic else data.raw_dir
    typer.echo(run(raw, data.processed_dir, _console))


@app.command()
def serve(
    processed_dir: ProcessedDir = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
) -> None:
    """Serve the current edition: map, pages, tiles and API."""
    from api.server import run

    service = read(ServiceSettings)
    given = {"host": host, "port": port}
    service = service.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    run(service, _data(None, processed_dir), _console)


@app.command()
def start(
    raw_dir: RawDir = None,
    processed_dir: ProcessedDir = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks one.")] = None,
) -> None:
    """Build the best edition that can be had here, then serve it."""
    from pipelines.start import prepare

    data = _data(raw_dir, processed_dir)
    prepare(data, _console)
    serve(data.processed_dir, host, port)


@app.command()
def settings() -> None:
    """Print every setting with its default and what it sets, as Markdown."""
    typer.echo(reference())


def main() -> None:
    """Run the command line; an error of the domain is one clear message, not a traceback."""
    try:
        app()
    except ExclusionMapError as error:
        _console.print(f"[bold red]Error[/] {_escape(error.message)}", highlight=False)
        sys.exit(2)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
