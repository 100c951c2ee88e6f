"""Commands on editions: list them, check them, go back to one, fetch one from elsewhere."""

from typing import Annotated

import typer
from rich.console import Console

from exclusion_map.cli_options import ProcessedDir, data_settings

_console = Console(stderr=True)


def editions(processed_dir: ProcessedDir = None) -> None:
    """List editions: which is current, when each was built, and its size."""
    from pipelines.editions import listing

    folder = data_settings(None, processed_dir).processed_dir
    for line in listing(folder):
        typer.echo(line)


def verify(
    edition: Annotated[
        list[str] | None, typer.Argument(help="Ids of editions; the current one if omitted.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Check every edition.")] = False,
    processed_dir: ProcessedDir = None,
) -> None:
    """Check every byte of editions and list all faults; exits with 1 if there are any."""
    from pipelines.editions import verify as run

    folder = data_settings(None, processed_dir).processed_dir
    if not run(folder, tuple(edition or ()), every=every, console=_console):
        raise typer.Exit(1)


def rollback(
    edition: Annotated[
        str | None, typer.Argument(help="Id of an edition; the previous one if omitted.")
    ] = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Make another edition current, after checking every byte of it."""
    from pipelines.editions import roll_back

    folder = data_settings(None, processed_dir).processed_dir
    typer.echo(roll_back(folder, edition, _console))


def pull(
    address: Annotated[
        str,
        typer.Option(
            "--from",
            help="Folder of editions to fetch from: https://, s3://, gs://, abfs://, file:// "
            "or a path. It contains the file current and the folder editions.",
            show_default=False,
        ),
    ],
    every: Annotated[
        float | None,
        typer.Option(
            min=1, help="Keep running and check again after this many seconds.", show_default=False
        ),
    ] = None,
    processed_dir: ProcessedDir = None,
) -> None:
    """Fetch the current edition from elsewhere, check every byte, and make it current here.

    A running service finds the new edition by itself. Files that a local edition already has are
    not fetched again. Credentials come from the storage's own environment, such as
    AWS_ACCESS_KEY_ID.
    """
    from pipelines.pulling import keep_pulling
    from pipelines.pulling import pull as run

    folder = data_settings(None, processed_dir).processed_dir
    if every is None:
        typer.echo(run(address, folder, _console).folder)
    else:
        keep_pulling(address, folder, every, _console)
