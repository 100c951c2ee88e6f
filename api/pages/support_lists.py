"""Which kinds of support place an edition has a list of, and which it has not."""

from collections.abc import Sequence

from exclusion_map.editions.manifest import Manifest

_SIGN = "No list of "


def missing_lists(manifest: Manifest) -> Sequence[str]:
    """Return the notes of an edition that say that there is no list of a kind of place."""
    return [note for note in manifest.notes if note.startswith(_SIGN)]
