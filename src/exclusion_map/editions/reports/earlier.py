"""The edition before one, in the same folder of editions."""

from pathlib import Path

from exclusion_map.editions.compare import compare_sides, open_side, side_of
from exclusion_map.editions.manifest import read_manifest
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports.change import ChangeTeller
from exclusion_map.editions.store import edition_path, list_editions
from exclusion_map.errors import EditionError, NotFoundError


def changes_since(processed_dir: Path, edition: Edition, index: str) -> ChangeTeller | None:
    """Return what tells of the newest edition of the same places built before one.

    None where there is none, where it lacks the index, or where the two share no area.
    """
    old = edition_before(processed_dir, edition)
    if old is None:
        return None
    now = side_of(edition.manifest, edition.atlas, index)
    try:
        found = compare_sides(open_side(edition_path(processed_dir, old), index), now, index)
    except NotFoundError:
        return None
    return ChangeTeller(edition.atlas, found)


def edition_before(processed_dir: Path, edition: Edition) -> str | None:
    """Return the id of the newest edition of the same places built before one; None for none."""
    found = []
    for name in list_editions(processed_dir):
        try:
            manifest = read_manifest(edition_path(processed_dir, name))
        except EditionError:
            continue  # damaged, or of another version: nothing can be told of it
        alike = manifest.title == edition.manifest.title and name != edition.id
        if alike and manifest.built <= edition.manifest.built:
            found.append((manifest.built, name))
    return max(found)[1] if found else None
