"""Commands on lists that others keep as feeds, and on places that may be there twice."""

from contextlib import closing
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from exclusion_map.cli_options import ProcessedDir, data_settings
from exclusion_map.database import Database
from exclusion_map.settings import DatabaseSettings, read

_console = Console(stderr=True)

Source = Annotated[
    str,
    typer.Option(
        help="Short name of the list, such as leeds-directory; use the same name for later imports."
    ),
]


def feed(
    address: Annotated[
        str, typer.Argument(help="Address of the API: https://api.example.org/services.")
    ],
    source: Source,
    strict: Annotated[
        bool, typer.Option("--strict", help="Import nothing if any service has to be left out.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done without doing it.")
    ] = False,
    remove_gone: Annotated[
        bool,
        typer.Option("--remove-gone", help="Remove places that are no longer in the feed."),
    ] = False,
    processed_dir: ProcessedDir = None,
) -> None:
    """Import an Open Referral UK feed, either completely or not at all."""
    from exclusion_map.directory.feeds import read_feed
    from exclusion_map.directory.importing import build_services, load
    from exclusion_map.directory.importing.loading import check_source
    from exclusion_map.editions.geocoding import geocoder_of
    from pipelines import directory_lists as lists

    check_source(source)
    edition = lists.current_edition(data_settings(None, processed_dir))
    with lists.bar(_console, "services") as told:
        found = read_feed(address, progress=told)
    built = build_services(found.services, geocoder_of(edition), found.address)
    directory = lists.open_directory(read(DatabaseSettings).database_url)
    with closing(directory.database):
        report = load(
            directory,
            built,
            source,
            by=f"feed {source}",
            strict=strict,
            dry_run=dry_run,
            remove_gone=remove_gone and found.complete,
        )
        for line in (*found.notes, *report.lines()):
            typer.echo(line)
        if report.loaded:
            tell_suspects(directory.database, source)
    if report.refused:
        raise typer.Exit(1)


def tell_suspects(database: Database, source: str) -> None:
    """Put places of a list that may be there twice on the review list, and say how many."""
    from exclusion_map.directory.reviews import Reviews

    found = Reviews(database).find(source=source)
    if found.waiting:
        typer.echo(
            f"{found.waiting:,} places may be there twice, {found.new:,} of them new: nothing was "
            "merged. Decide them at /reviews."
        )


def duplicates(
    source: Annotated[
        str, typer.Option(help="Only pairs that include a place from this list.")
    ] = "",
    show: Annotated[int, typer.Option(min=0, help="Number of pairs to print.")] = 20,
) -> None:
    """Find places that may be listed twice and add them to the review list; nothing is merged."""
    from exclusion_map.directory.reviews import Reviews, State
    from pipelines import directory_lists as lists

    directory = lists.open_directory(read(DatabaseSettings).database_url)
    with closing(directory.database):
        reviews = Reviews(directory.database)
        found = reviews.find(source=source or None)
        typer.echo(
            f"{found.new:,} new pairs, {found.known:,} known ({found.settled:,} decided to be "
            f"different), {found.dropped:,} no longer alike. Decide them at /reviews."
        )
        waiting = reviews.page(State.OPEN, size=show)
    if not waiting:
        return
    table = Table("score", "one", "the other", "why")
    for pair in waiting:
        names = [f"{one.listing.name} ({one.source})" for one in (pair.a, pair.b)]
        against = f"; but {', '.join(pair.against)}" if pair.against else ""
        why = f"{', '.join(pair.reasons)}{against}"
        table.add_row(f"{pair.score:.2f}", *(escape(text) for text in (*names, why)))
    Console().print(table)
