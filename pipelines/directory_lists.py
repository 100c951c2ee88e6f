"""The command ``directory``: import lists into the directory, and export it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from exclusion_map.database import open_database
from exclusion_map.directory import Directory, prepare
from exclusion_map.directory import loading as published
from exclusion_map.directory.importing import (
    ImportReport,
    Mapping,
    Table,
    build,
    build_services,
    guess,
    is_services,
    load,
    read_services,
    read_table,
)
from exclusion_map.directory.importing.local_lists import SOURCE, has_local, read_local
from exclusion_map.directory.importing.problems import Built
from exclusion_map.directory.importing.sources import sources_of
from exclusion_map.directory.listing import Held
from exclusion_map.directory.openreferral import service_json
from exclusion_map.editions import current_path
from exclusion_map.editions.directory_downloads import services_dataset
from exclusion_map.editions.geocoding import geocoder_of
from exclusion_map.editions.reader import SUPPORT, Edition, open_edition
from exclusion_map.errors import DatabaseError, ExclusionMapError, InvalidRequestError
from exclusion_map.exports.formats import parse_format
from exclusion_map.exports.writing import write
from exclusion_map.outputs import write_file
from exclusion_map.settings import DataSettings

NO_DATABASE = "none"
SLOW_S = 2.0
"""Seconds after which progress is shown."""

Told = Callable[[int, int], None]


def open_directory(url: str) -> Directory:
    """Open the directory at a database address, creating its tables if needed.

    Raises:
        DatabaseError: the settings say to run without a database.
    """
    if url == NO_DATABASE:
        raise DatabaseError(
            "EXCLUSION_MAP_DATABASE_URL",
            found=NO_DATABASE,
            expected="the address of a database",
            mend="Remove it to use an SQLite file; see docs/reference/settings.md.",
        )
    database = open_database(url)
    prepare(database)
    return Directory(database)


def current_edition(data: DataSettings) -> Edition:
    """Return the current edition, which holds postcodes and areas.

    Raises:
        EditionError: there is no current edition.
    """
    return open_edition(current_path(data.processed_dir))


def read_mapping(file: Path) -> Mapping:
    """Return the mapping stored in a file.

    Raises:
        InvalidRequestError: the file cannot be read or is invalid.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequestError(
            str(file), found=str(error), expected="a mapping that can be read"
        ) from None
    return Mapping.read(text, file.name)


def mapping_of(
    table: Table, file: Path | None, columns: dict[str, tuple[str, ...]], fixed: dict[str, str]
) -> Mapping:
    """Return the mapping to use, from a file or guessed, with the changes given as options.

    Raises:
        InvalidRequestError: the file cannot be used.
    """
    mapping = guess(table) if file is None else read_mapping(file)
    return mapping.corrected(columns, fixed)


def built_of(path: Path, edition: Edition, *, sheet: str, use: Callable[[Table], Mapping]) -> Built:
    """Return the places built from a file; ``use`` returns the mapping for its table.

    Raises:
        InvalidRequestError: the file cannot be read, or the mapping does not fit.
    """
    geocoder = geocoder_of(edition)
    if not sheet and is_services(path):
        return build_services(read_services(path), geocoder, path.name)
    table = read_table(path, sheet=sheet)
    return build(table, use(table), geocoder)


def load_lists(directory: Directory, data: DataSettings, console: Console) -> None:
    """Load the lists of the current edition, and local lists whose files exist."""
    edition = current_edition(data)
    synthetic = edition.manifest.synthetic
    lists = published.load(
        directory.database,
        edition.folder / SUPPORT,
        synthetic=synthetic,
        tell=lambda line: console.print(line, markup=False, highlight=False),
    )
    for source, report in lists.items():
        console.print(published.words(source, report), markup=False, highlight=False)
    local = None if synthetic else read_local(data.raw_dir, geocoder_of(edition))
    if local is None:
        console.print(f"{SOURCE}: no files found", markup=False, highlight=False)
        return
    with bar(console, "places") as told:
        done = load(directory, local, SOURCE, by=published.BY, remove_gone=True, progress=told)
    if done.sync is not None:
        console.print(published.words(SOURCE, done.sync), markup=False, highlight=False)


def load_new_lists(data: DataSettings, url: str, console: Console) -> None:
    """Load local lists whose files exist and that were never loaded before.

    The service loads the lists of the edition itself. Local lists would otherwise need somebody to
    run ``exclusion-map directory sync``. If the database does not respond, nothing is done here.
    """
    if url == NO_DATABASE or not has_local(data.raw_dir):
        return
    try:
        directory = open_directory(url)
    except (ExclusionMapError, SQLAlchemyError) as error:
        console.print(f"Local lists were not loaded: {error}", markup=False, highlight=False)
        return
    try:
        known = {one.source for one in sources_of(directory.database)}
        if SOURCE not in known and not current_edition(data).manifest.synthetic:
            load_lists(directory, data, console)
    finally:
        directory.database.close()


_REPORTS: dict[str, Callable[[ImportReport], str]] = {
    ".json": ImportReport.to_json,
    ".csv": ImportReport.rejected_csv,
    ".txt": ImportReport.text,
}


def check_report(path: Path) -> None:
    """Check the file extension of a report before any work is done.

    Raises:
        InvalidRequestError: the extension is not supported.
    """
    if path.suffix not in _REPORTS:
        raise InvalidRequestError(
            f"report {path.name}", found=f"ending {path.suffix!r}", expected=".json, .csv or .txt"
        )


def save_report(report: ImportReport, path: Path) -> None:
    """Write a report: .json for everything, .csv for the rows to correct, .txt for reading.

    Raises:
        InvalidRequestError: the extension is not supported, or the file cannot be written.
    """
    check_report(path)
    write_file(path, _REPORTS[path.suffix](report))


def export(directory: Directory, edition: Edition, out: Path, source: str) -> int:
    """Write the directory to a file with one row per service; ``.json`` is Open Referral UK.

    Returns:
        The number of places written.

    Raises:
        InvalidRequestError: there are no places, or the format cannot hold them.
    """
    places = [held for held in directory.all() if not source or held.source == source]
    if not places:
        raise InvalidRequestError(
            f"places of {source}" if source else "directory",
            found="none",
            expected="at least one",
            mend="See exclusion-map directory sources.",
        )
    if out.suffix == ".json":
        write_file(out, json.dumps(_feed(places), ensure_ascii=False, indent=1))
        return len(places)
    form = parse_format(out.suffix)
    mapped = form.facts.outlines and form != "geojson"
    dataset = services_dataset(edition, places, str(directory.generation()), mapped=mapped)
    write(dataset, form, out)
    return len(places)


def _feed(places: list[Held]) -> dict[str, object]:
    """Return complete services in the format of one page of a feed."""
    contents = [service_json(held, offer) for held in places for offer in held.listing.offers]
    return {
        "total_items": len(contents),
        "total_pages": 1,
        "page_number": 1,
        "size": len(contents),
        "first_page": True,
        "last_page": True,
        "empty": not contents,
        "contents": contents,
    }


@contextmanager
def bar(console: Console, what: str) -> Iterator[Told]:
    """Yield a progress callback; a bar appears if the job takes more than two seconds."""
    began = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(what, total=None)
    shown = False

    def told(done: int, total: int) -> None:
        nonlocal shown
        progress.update(task, completed=done, total=total)
        if not shown and time.monotonic() - began > SLOW_S:
            shown = True
            progress.start()

    try:
        yield told
    finally:
        if shown:
            progress.stop()
