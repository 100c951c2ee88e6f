"""The command ``pull``: fetch the current edition from another place, once or repeatedly.

A running service notices the new edition by itself, as after a local build.
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
    """Fetch the current edition from an address and make it current in a folder.

    Raises:
        FetchError: a file cannot be fetched.
        EditionError: the edition is incomplete or cannot be written; the current one then stays.
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
                expected="a folder with enough space for the edition",
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
    """Pull repeatedly until the process ends; errors are printed and retried at the next turn.

    Args:
        address: address of the folder of editions.
        processed_dir: the local folder.
        every_s: seconds between checks; a check without news transfers only a few bytes.
        console: for output.
        wait: sleeps for a number of seconds.
    """
    while True:
        try:
            pull(address, processed_dir, console)
        except ExclusionMapError as error:
            say(console, f"{error.message} The current edition stays.")
        wait(every_s)
