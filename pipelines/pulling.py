"""Serve editions that are published elsewhere: fetch the current one, and look again for the next.

The service finds a new edition by itself, as when one is built beside it.
"""

import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal

from exclusion_map.editions.manifest import FileRecord
from exclusion_map.editions.receiving import Received, receive
from exclusion_map.editions.remote import remote_of
from exclusion_map.errors import EditionError, ExclusionMapError
from exclusion_map.settings import FetchSettings
from pipelines.downloads import say


def pull(address: str, processed_dir: Path, console: Console) -> Received:
    """Make the edition that is current at an address the current one of a folder.

    Raises:
        FetchError: something cannot be had.
        EditionError: what is there is no whole edition, or it cannot be written; the current one of
            the folder stays.
    """

    def told(name: str, record: FileRecord, fetched: bool) -> None:
        how = "fetched" if fetched else "as in an edition that is here"
        say(console, f"{name}: {decimal(record.bytes)}, {how}")

    with remote_of(address, FetchSettings()) as remote:
        try:
            found = receive(remote, processed_dir, told)
        except OSError as error:
            raise EditionError(
                str(processed_dir),
                found=error.strerror or str(error),
                expected="a folder with room for the edition",
            ) from error
    if found.changed:
        say(console, f"{found.folder.name} is current now, {decimal(found.fetched_bytes)} fetched")
    return found


def keep_pulling(
    address: str,
    processed_dir: Path,
    every_s: float,
    console: Console,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Pull again and again until the process is ended; a fault is told, and the next turn tries.

    Args:
        address: of the folder of editions.
        processed_dir: the folder here.
        every_s: seconds between two looks; a look that finds nothing new asks for a few bytes.
        console: where it is said what came.
        wait: lets the seconds pass.
    """
    while True:
        try:
            pull(address, processed_dir, console)
        except ExclusionMapError as error:
            say(console, f"{error.message} The current edition stays.")
        wait(every_s)
