"""How Alembic runs the migrations: in one transaction, one process after the other."""

from alembic import context
from sqlalchemy import Connection

from exclusion_map.database.base import Base
from exclusion_map.database.migrate import alone
from exclusion_map.database.sqlite import WRITES, foreign_keys


def run(connection: Connection) -> None:
    """Run the migrations that are due, within the transaction there is or one of their own."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite changes a table by making it anew.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        compare_server_default=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        # Which are due is looked up after the lock: another process may have run them meanwhile.
        alone(connection)
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if lost:
                raise RuntimeError(f"rows that point nowhere after migrations: {lost[:5]}")


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = context.config.attributes["engine"].execution_options(**{WRITES: True})
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            foreign_keys(connection, kept=False)
        try:
            run(connection)
        finally:
            if sqlite:
                foreign_keys(connection, kept=True)
