"""Editions: immutable folders that hold everything the service shows, published atomically."""

from exclusion_map.editions.manifest import (
    Check,
    EditionIndex,
    EditionSource,
    FileRecord,
    LevelCount,
    Manifest,
    RawFile,
    read_manifest,
)
from exclusion_map.editions.publish import publish, set_current
from exclusion_map.editions.store import current_id, current_path, edition_path, list_editions
from exclusion_map.editions.verify import verify_files
from exclusion_map.editions.workshop import new_edition

__all__ = [
    "Check",
    "EditionIndex",
    "EditionSource",
    "FileRecord",
    "LevelCount",
    "Manifest",
    "RawFile",
    "current_id",
    "current_path",
    "edition_path",
    "list_editions",
    "new_edition",
    "publish",
    "read_manifest",
    "set_current",
    "verify_files",
]
