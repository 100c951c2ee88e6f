"""How Alembic runs the migrations: in one transaction, on the engine it is handed."""

from alembic import context

from exclusion_map.database.base import Base
from exclusion_map.database.engine import WRITES

engine = context.config.attributes["engine"].execution_options(**{WRITES: True})

with engine.connect() as connection:
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
        context.run_migrations()
