"""Backups: everything people made, in one file that SQLite and PostgreSQL both restore."""

from exclusion_map.database.backups.archive import Archive, Manifest, TableFacts
from exclusion_map.database.backups.backup import backup
from exclusion_map.database.backups.restore import Restored, restore

__all__ = ["Archive", "Manifest", "Restored", "TableFacts", "backup", "restore"]
