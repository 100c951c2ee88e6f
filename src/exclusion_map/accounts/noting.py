"""Write down when something was last used, where that can be done at once."""

from collections.abc import Sequence

from sqlalchemy import Update
from sqlalchemy.exc import OperationalError

from exclusion_map.database import Database

PATIENCE_MS = 50


def note_softly(database: Database, statements: Sequence[Update]) -> None:
    """Run updates that may be left out: nobody who reads waits for another one's long import."""
    sqlite = database.kind == "sqlite"
    with database.engine.connect() as connection:
        usual = 0
        if sqlite:
            usual = int(connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())
        patience = "PRAGMA busy_timeout" if sqlite else "SET LOCAL lock_timeout"
        connection.exec_driver_sql(f"{patience} = {PATIENCE_MS}")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        except OperationalError:
            connection.rollback()
        finally:
            if sqlite:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")
