"""Commands on the directory of support: bring lists in, see what there is, write it out."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Shown

from exclusion_map import cli_reviews
from exclusion_map.cli_options import ProcessedDir, RawDir, data_settings
from exclusion_map.errors import InvalidRequestError
from exclusion_map.outputs import write_file
from exclusion_map.settings import DatabaseSettings, read

app = typer.Typer(
    help="The directory of support: import lists, list their sources, export it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_console = Console(stderr=True)
app.command("feed")(cli_reviews.feed)
app.command("duplicates")(cli_reviews.duplicates)

File = Annotated[Path, typer.Argument(help="CSV, XLSX, GeoJSON or Open Referral UK JSON file.")]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", help="Column mapping: a TOML or JSON file; guessed if omitted."),
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", help="FIELD=COLUMN, or FIELD= for no column; may be repeated."),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="FIELD=TEXT, used for rows that leave the field empty; may be repeated."
    ),
]
Sheet = Annotated[str, typer.Option(help="Sheet of a workbook; the most likely one if omitted.")]
Source = Annotated[
    str,
    typer.Option(
        help="Short name of the list, such as wirral-venues; use the same name for later imports."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Import nothing if any row has to be left out.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be done without doing it.")
]
RemoveGone = Annotated[
    bool,
    typer.Option("--remove-gone/--keep-gone", help="Remove places that are no longer in the list."),
]
Reports = Annotated[
    list[Path] | None,
    typer.Option(
        help="Write a report: .json (everything), .csv (rows left out, to correct and "
        "import again) or .txt; may be repeated."
    ),
]
By = Annotated[str, typer.Option(help="Who makes the change, for the history.")]


@app.command("import")
def import_list(
    file: File,
    source: Source,
    mapping: MappingFile = None,
    change: Map = None,
    fixed: Set = None,
    sheet: Sheet = "",
    strict: Strict = False,
    dry_run: DryRun = False,
    remove_gone: RemoveGone = False,
    report: Reports = None,
    by: By = "command line",
    processed_dir: ProcessedDir = None,
) -> None:
    """Import a list of places into the directory, or update one.

    Valid rows are imported and the others are reported. Edits made in the directory are kept.
    """
    from exclusion_map.directory.importing import Mapping, Table, load
    from exclusion_map.directory.importing.loading import check_source
    from pipelines import directory_lists as lists

    check_source(source)
    _check_endings(report or ())
    changes, texts = _pairs(change, "--map"), _pairs(fixed, "--set")

    def use(table: Table) -> Mapping:
        columns = {key: tuple(text.split("|")) if text else () for key, text in changes.items()}
        return lists.mapping_of(table, mapping, columns, texts)

    with _console.status(f"Reading {escape(file.name)} and placing it on the map"):
        edition = lists.current_edition(data_settings(None, processed_dir))
        built = lists.built_of(file, edition, sheet=sheet or _sheet_of(mapping), use=use)
    directory = lists.open_directory(read(DatabaseSettings).database_url)
    with closing(directory.database), lists.bar(_console, "places") as told:
        done = load(
            directory,
            built,
            source,
            by=by,
            strict=strict,
            dry_run=dry_run,
            remove_gone=remove_gone,
            progress=told,
        )
        if done.loaded:
            cli_reviews.tell_suspects(directory.database, source)
    typer.echo(done.text())
    for path in report or ():
        lists.save_report(done, path)
        typer.echo(f"Report written to {path}.")
    if done.refused:
        raise typer.Exit(1)


@app.command("mapping")
def show_mapping(
    file: File,
    mapping: MappingFile = None,
    change: Map = None,
    fixed: Set = None,
    sheet: Sheet = "",
    write_mapping: Annotated[
        Path | None,
        typer.Option(
            "--write-mapping", help="Write the mapping to a TOML file so that you can correct it."
        ),
    ] = None,
    fields: Annotated[
        bool, typer.Option("--fields", help="List every field that a column can be mapped to.")
    ] = False,
) -> None:
    """Show which column is mapped to which field, how certain that is, and why."""
    from exclusion_map.directory.importing import FIELDS, read_table
    from pipelines import directory_lists as lists

    if fields:
        for key, field in FIELDS.items():
            typer.echo(f"{key:32} {field.title}. {field.help}".rstrip())
        return
    table = read_table(file, sheet=sheet or _sheet_of(mapping))
    changes = {
        key: tuple(text.split("|")) if text else () for key, text in _pairs(change, "--map").items()
    }
    found = lists.mapping_of(table, mapping, changes, _pairs(fixed, "--set"))
    for note in table.notes:
        _console.print(note, markup=False, highlight=False)
    shown = Shown("field", "column", "sure", "why", "for example")
    for key, columns in found.columns.items():
        told = found.evidence.get(key)
        shown.add_row(
            key,
            escape(", ".join(columns)),
            f"{told.confidence:.0%}" if told else "said",
            escape("; ".join(told.reasons)) if told else "",
            escape(" / ".join(told.examples)[:60]) if told else "",
        )
    Console().print(shown)
    used = {column for columns in found.columns.values() for column in columns}
    idle = [column for column in table.columns if column not in used]
    if idle:
        typer.echo(f"Left out: {', '.join(idle)}.")
    found.check(table)
    if write_mapping is not None:
        write_file(write_mapping, found.to_toml())
        typer.echo(f"Mapping written to {write_mapping}. Give it back with --mapping.")


@app.command("export")
def export_directory(
    out: Annotated[
        Path,
        typer.Argument(
            help="Output file: .csv, .xlsx, .geojson, .gpkg, or .json for Open Referral UK."
        ),
    ],
    source: Annotated[str, typer.Option(help="Only places from this source.")] = "",
    processed_dir: ProcessedDir = None,
) -> None:
    """Write the directory to a file that import can read, with one row per service."""
    from pipelines import directory_lists as lists

    edition = lists.current_edition(data_settings(None, processed_dir))
    directory = lists.open_directory(read(DatabaseSettings).database_url)
    with closing(directory.database):
        count = lists.export(directory, edition, out, source)
    typer.echo(f"{count:,} places written to {out}.")


@app.command("sources")
def show_sources() -> None:
    """List the sources of the places in the directory."""
    from exclusion_map.directory.importing.sources import sources_of
    from pipelines import directory_lists as lists

    directory = lists.open_directory(read(DatabaseSettings).database_url)
    with closing(directory.database):
        found = sources_of(directory.database)
    shown = Shown("source", "places", "on the map", "taken out", "lists of", "last changed here")
    for one in found:
        shown.add_row(
            escape(one.source),
            f"{one.places:,}",
            f"{one.placed:,}",
            f"{one.taken_out:,}",
            escape(one.as_of),
            f"{one.changed_at:%Y-%m-%d %H:%M}",
        )
    Console().print(shown)


@app.command("sync")
def sync_lists(raw_dir: RawDir = None, processed_dir: ProcessedDir = None) -> None:
    """Import the published lists: the current edition's, and local ones among the raw files."""
    from pipelines import directory_lists as lists

    directory = lists.open_directory(read(DatabaseSettings).database_url)
    with closing(directory.database):
        lists.load_lists(directory, data_settings(raw_dir, processed_dir), _console)


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """Return what was given as FIELD=TEXT.

    Raises:
        InvalidRequestError: there is no such field.
    """
    from exclusion_map.directory.importing import FIELDS

    pairs = {}
    for one in given or ():
        key, equals, text = one.partition("=")
        if not equals or key.strip() not in FIELDS:
            raise InvalidRequestError(
                option,
                found=repr(one),
                expected="FIELD=TEXT with one of the fields",
                mend="See exclusion-map directory mapping FILE --fields.",
            )
        pairs[key.strip()] = text.strip()
    return pairs


def _sheet_of(mapping: Path | None) -> str:
    """Return the sheet that a mapping names."""
    from pipelines import directory_lists as lists

    return lists.read_mapping(mapping).sheet if mapping else ""


def _check_endings(paths: Iterable[Path]) -> None:
    from pipelines import directory_lists as lists

    for path in paths:
        lists.check_report(path)
