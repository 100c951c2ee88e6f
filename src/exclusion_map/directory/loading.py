"""Bring the places of an edition's published lists into the directory."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy import select

from exclusion_map.database import Database
from exclusion_map.directory.builtin import by_source
from exclusion_map.directory.places import UNNAMED_SOURCE, Row
from exclusion_map.directory.syncing import SyncReport, sync
from exclusion_map.directory.tables import Location
from exclusion_map.support.record import COLUMNS

INVENTED = "invented/"
"""Before the sources of an invented county, so that they never mix with real ones."""
BY = "published lists"
_BATCH = 2_000
_REPEATED = ("kind", "about", "source", "as_of", "placed_by", "area_code", "opening_hours")

Told = Callable[[str], None]


def support_rows(path: Path, *, synthetic: bool) -> Iterator[Row]:
    """Yield the rows of an edition's table of support; columns it lacks are None.

    Args:
        path: of the table.
        synthetic: whether the edition is of an invented county: its sources then say so.
    """
    prefix = INVENTED if synthetic else ""
    lacking = dict.fromkeys(COLUMNS)
    alike: dict[str, str] = {}
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH):
            for row in batch.to_pylist():
                row["source"] = f"{prefix}{row.get('source') or UNNAMED_SOURCE}"
                # Kinds, sources and dates are the same in thousands of rows: one text for all.
                for name in _REPEATED:
                    if text := row.get(name):
                        row[name] = alike.setdefault(text, text)
                yield {**lacking, **row}


def load(
    database: Database, path: Path, *, synthetic: bool, tell: Told | None = None
) -> Mapping[str, SyncReport]:
    """Load the lists of an edition, each in a transaction of its own; edits of people stay.

    Args:
        database: prepared.
        path: the edition's table of support.
        synthetic: whether the edition is of an invented county.
        tell: told what is being done, in words.

    Returns:
        What was done, by source. Nothing is done with invented places where there are real ones.
    """
    known = _sources(database)
    if synthetic and any(not source.startswith(INVENTED) for source in known):
        return {}
    listings = by_source(support_rows(path, synthetic=synthetic))
    if not synthetic:
        # A real edition takes the place of the invented county that the service began with.
        listings |= {source: {} for source in known if source.startswith(INVENTED)}
    done = {}
    for source, listed in listings.items():
        if tell is not None:
            tell(f"{source}: {len(listed):,} places")
        with database.writing() as session:
            done[source] = sync(session, source, listed, by=BY, remove_gone=True)
    return done


def _sources(database: Database) -> list[str]:
    """Return the sources of places that came from published lists or imports."""
    with database.reading() as session:
        query = select(Location.source).where(
            Location.source_key.is_not(None), Location.deleted_at.is_(None)
        )
        return list(session.scalars(query.distinct()))


def words(source: str, report: SyncReport) -> str:
    """Return what a load did, as a line of a log."""
    edits = sum(len(fields) for fields in report.kept.values())
    return (
        f"{source}: {len(report.added):,} added, {len(report.changed):,} changed, "
        f"{len(report.gone) if report.removed else 0:,} gone, {report.unchanged:,} as before, "
        f"{edits:,} edits kept"
    )
