"""The shipped taxonomies as rows, brought up to date whenever a database is prepared."""

from sqlalchemy.orm import Session

from exclusion_map.database import Database
from exclusion_map.database.migrate import alone, upgrade
from exclusion_map.directory.tables import Taxonomy, TaxonomyTerm
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy


def prepare(database: Database) -> None:
    """Bring the tables and the taxonomies of a database to this version; safe to run again.

    Raises:
        DatabaseError: the database is of a newer version than this code.
    """
    upgrade(database)
    with database.writing() as session:
        alone(session.connection())  # Processes that start at once would add the same rows.
        write_taxonomies(session)


def write_taxonomies(session: Session) -> None:
    """Write the shipped taxonomies; terms of theirs that changed are updated."""
    for key in (SUPPORT, PLACES):
        held = taxonomy(key)
        session.merge(
            Taxonomy(
                id=held.id,
                key=held.key,
                name=held.name,
                description=held.description,
                uri="",
                version=held.version,
            )
        )
        session.flush()
        for term in held.terms:
            session.merge(
                TaxonomyTerm(
                    id=held.term_id(term.key),
                    taxonomy_id=held.id,
                    key=term.key,
                    name=term.name,
                    description=term.description,
                )
            )
