"""Manage the editions in a folder: list, check and switch between them."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from exclusion_map.editions import (
    Manifest,
    current_id,
    edition_path,
    read_manifest,
    set_current,
)
from exclusion_map.editions.reader import open_edition
from exclusion_map.editions.store import edition_folders, fallbacks, previous_id
from exclusion_map.editions.verify import find_faults
from exclusion_map.editions.workshop import EDITIONS, locked
from exclusion_map.errors import EditionError, ExclusionMapError
from pipelines.downloads import say


def listing(processed_dir: Path) -> Iterator[str]:
    """Yield a line for each edition, newest last; for unreadable ones, it gives the reason.

    Raises:
        EditionError: there are no editions.
    """
    current, before = _current(processed_dir), previous_id(processed_dir)
    known: list[tuple[str, str]] = []
    for name in edition_folders(processed_dir):
        marks = [word for word, one in (("current", current), ("before", before)) if one == name]
        mark = f"  ({marks[0]})" if marks else ""
        try:
            manifest = read_manifest(edition_path(processed_dir, name))
        except EditionError as error:
            known.append(("", f"{name}  damaged: {error.message}{mark}"))
        else:
            known.append((manifest.built.isoformat(), f"{_facts(manifest, name)}{mark}"))
    if not known:
        raise _none(processed_dir)
    yield from (line for _, line in sorted(known))


def verify(
    processed_dir: Path, editions: tuple[str, ...], *, every: bool, console: Console
) -> bool:
    """Check every byte of editions, and that each can be opened; print all faults.

    Args:
        processed_dir: the folder of editions.
        editions: their ids; if empty, the current edition.
        every: check all editions.
        console: for output.

    Returns:
        True if there are no faults.

    Raises:
        EditionError: there is no edition, or none with that id.
    """
    names = edition_folders(processed_dir) if every else editions or (current_id(processed_dir),)
    if not names:
        raise _none(processed_dir)
    whole = True
    for name in names:
        folder = processed_dir / EDITIONS / name
        faults = _faults_of(folder if every else edition_path(processed_dir, name), console)
        for fault in faults:
            say(console, fault.message)
        say(console, f"{name}: {_verdict(len(faults))}")
        whole = whole and not faults
    return whole


def roll_back(processed_dir: Path, edition_id: str | None, console: Console) -> Path:
    """Make another edition the current one; a running service follows within seconds.

    Args:
        processed_dir: the folder of editions.
        edition_id: its id; None for the previous edition, or else the best of the others.
        console: for output.

    Raises:
        EditionError: there is no other edition, or it is damaged; the current one then stays.
    """
    current = _current(processed_dir)
    if edition_id is None:
        others = fallbacks(processed_dir, current)
        if not others:
            raise EditionError(
                "edition to go back to",
                found="none besides the current one",
                expected="at least two editions of one place",
            )
        edition_id = others[0]
    folder = edition_path(processed_dir, edition_id)
    with console.status(f"Checking {edition_id}"):
        open_edition(folder)
    with locked(processed_dir, wait=True):
        set_current(processed_dir, edition_id)
    return folder


def _faults_of(folder: Path, console: Console) -> list[ExclusionMapError]:
    try:
        manifest = read_manifest(folder)
        with console.status(f"Checking {folder.name}"):
            faults: list[ExclusionMapError] = [*find_faults(folder, manifest)]
            if not faults:
                open_edition(folder, verify="quick")
    except ExclusionMapError as error:
        return [error]
    if not manifest.sealed:
        say(console, f"{folder.name}: its manifest has no checksum, for an older version built it.")
    return faults


def _verdict(faults: int) -> str:
    if not faults:
        return "whole, every byte as it was built."
    return f"damaged, {faults} {'fault' if faults == 1 else 'faults'}."


def _facts(manifest: Manifest, name: str) -> str:
    size = sum(record.bytes for record in manifest.files.values())
    return f"{name}  {manifest.title}, built {manifest.built:%Y-%m-%d %H:%M}, {size / 1e6:,.1f} MB"


def _current(processed_dir: Path) -> str | None:
    try:
        return current_id(processed_dir)
    except EditionError:
        return None


def _none(processed_dir: Path) -> EditionError:
    return EditionError(
        str(processed_dir),
        found="no editions",
        expected="at least one",
        mend="Build an edition with: exclusion-map build",
    )
