"""Find the published editions, the current one, and their folders."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from exclusion_map.editions.manifest import EDITION_ID, MANIFEST, Manifest, read_manifest
from exclusion_map.editions.plain_files import read_text_file
from exclusion_map.editions.workshop import CURRENT, EDITIONS, PREVIOUS
from exclusion_map.errors import EditionError

_ID = re.compile(EDITION_ID)
_DIGEST = re.compile(r"-[0-9a-f]{12}(-\d+)?$")


def list_editions(processed_dir: Path) -> tuple[str, ...]:
    """Return the ids of the published editions, sorted."""
    folder = processed_dir / EDITIONS
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if (path / MANIFEST).is_file()))


def edition_folders(processed_dir: Path) -> tuple[str, ...]:
    """Return the names of all folders of editions, including those without a manifest."""
    folder = processed_dir / EDITIONS
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))


def current_id(processed_dir: Path) -> str:
    """Return the id of the current edition.

    Raises:
        EditionError: nothing has been published here, or the pointer is damaged.
    """
    pointer = processed_dir / CURRENT
    try:
        text = read_text_file(pointer).decode(errors="replace").strip()
    except FileNotFoundError:
        raise EditionError(
            str(pointer),
            found="no such file",
            expected="the id of the current edition",
            mend="Build an edition with: exclusion-map build",
        ) from None
    except OSError as error:
        raise EditionError(
            str(pointer),
            found=error.strerror or str(error),
            expected="a file that can be read",
        ) from None
    if not _ID.match(text):
        raise EditionError(
            str(pointer),
            found=repr(text[:40]),
            expected="the id of an edition",
            mend="Build an edition with: exclusion-map build",
        )
    return text


def edition_path(processed_dir: Path, edition_id: str) -> Path:
    """Return the folder of an edition.

    Raises:
        EditionError: there is no such edition.
    """
    path = processed_dir / EDITIONS / edition_id
    if _ID.match(edition_id) and path.is_dir() and not (path / MANIFEST).is_file():
        read_manifest(path)  # Says that it is missing.
    if not _ID.match(edition_id) or not (path / MANIFEST).is_file():
        here = ", ".join(list_editions(processed_dir)) or "none"
        raise EditionError(
            f"edition {edition_id!r}",
            found=f"no such edition in {processed_dir / EDITIONS}",
            expected=f"one of: {here}",
            mend="Build an edition with: exclusion-map build",
        )
    return path


def current_path(processed_dir: Path) -> Path:
    """Return the folder of the current edition.

    Raises:
        EditionError: there is none, or the pointer names a missing edition.
    """
    return edition_path(processed_dir, current_id(processed_dir))


def previous_id(processed_dir: Path) -> str | None:
    """Return the id of the previous edition, or None if unknown."""
    try:
        text = read_text_file(processed_dir / PREVIOUS).decode(errors="replace").strip()
    except OSError:
        return None
    return text if _ID.match(text) else None


def fallbacks(processed_dir: Path, lost: str | None) -> tuple[str, ...]:
    """Return the editions that can replace one that cannot be opened, best first.

    The previous edition comes first, then the newest. Sampleshire never replaces a real place, nor
    the reverse. The files of the editions are not checked here.

    Args:
        processed_dir: the folder of editions.
        lost: id of the edition that cannot be opened; None if unknown.
    """
    known = dict(_readable(processed_dir))
    synthetic = _was_synthetic(known, lost)
    before = previous_id(processed_dir)
    fit = [
        manifest
        for name, manifest in known.items()
        if name != lost and manifest.synthetic is synthetic
    ]
    fit.sort(key=lambda manifest: (manifest.edition == before, manifest.built), reverse=True)
    return tuple(manifest.edition for manifest in fit)


def _readable(processed_dir: Path) -> Iterator[tuple[str, Manifest]]:
    for name in list_editions(processed_dir):
        with suppress(EditionError, OSError):
            manifest = read_manifest(processed_dir / EDITIONS / name)
            if manifest.edition == name:
                yield name, manifest


def _was_synthetic(known: dict[str, Manifest], lost: str | None) -> bool:
    """Return whether a lost edition was synthetic; if in doubt, assume that it was real."""
    if lost is None:
        return all(manifest.synthetic for manifest in known.values())
    alike = [
        manifest.synthetic
        for name, manifest in known.items()
        if name == lost or _stem(name) == _stem(lost)
    ]
    return bool(alike) and all(alike)


def _stem(edition_id: str) -> str:
    """Return the id without the digest."""
    return _DIGEST.sub("", edition_id)
