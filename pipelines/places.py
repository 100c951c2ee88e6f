"""Places of support for commands: from the directory if there is one, else from the edition."""

from pathlib import Path

from rich.console import Console
from sqlalchemy.engine import make_url

from exclusion_map.database import open_database
from exclusion_map.database.migrate import current_revision, latest_revision
from exclusion_map.directory.places import DirectoryPlaces
from exclusion_map.directory.snapshot_reading import read_snapshot
from exclusion_map.editions.reaching import sites_of, sites_of_places
from exclusion_map.editions.reader import Edition
from exclusion_map.targeting.sites import Sites

NO_DATABASE = "none"


def sites_now(edition: Edition, database_url: str, console: Console) -> Sites:
    """Return the current places, and print where they come from.

    Args:
        edition: an open edition.
        database_url: address of the directory; empty or ``none`` for the edition's lists.
        console: for output.

    Raises:
        SettingsError: the address is not that of a supported database.
    """
    found = _of_directory(edition, database_url)
    if found is None:
        console.print(f"Places: the lists of edition {edition.id}.", markup=False)
        return sites_of(edition)
    console.print(f"Places: {len(found):,} of the directory.", markup=False)
    return found


def _of_directory(edition: Edition, url: str) -> Sites | None:
    if url in ("", NO_DATABASE) or _absent(url):
        return None
    database = open_database(url)
    try:
        if current_revision(database) != latest_revision():
            return None  # Only the service migrates a database; commands just read it.
        with database.reading() as session:
            places = DirectoryPlaces(database, read_snapshot(session))
        return sites_of_places(edition, places) if len(places.snapshot) else None
    finally:
        database.close()


def _absent(url: str) -> bool:
    """Return whether it is a missing SQLite file, which opening would create."""
    if not url.startswith("sqlite"):
        return False
    path = make_url(url).database
    return not path or not Path(path).is_file()
