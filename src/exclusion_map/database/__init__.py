"""What people change: one SQL database, SQLite by default and PostgreSQL by setting."""

from exclusion_map.database.base import Base, UtcDateTime, new_id, now
from exclusion_map.database.engine import Database, open_database

__all__ = ["Base", "Database", "UtcDateTime", "new_id", "now", "open_database"]
