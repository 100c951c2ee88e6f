"""What runs in the process that makes a file. It loads little, for it is started for each file."""

import os
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from exclusion_map.errors import ExclusionMapError


class Job(Protocol):
    """Something that can be sent to another process, and makes a file there."""

    @property
    def ending(self) -> str:
        """What the file's name ends in; some writers go by it."""

    def write(self, path: Path) -> None:
        """Make the file."""


def work(told: Connection, job: Job, path: Path) -> None:
    """Make a file, and tell what was refused: class and parts of the error, or its text."""
    if hasattr(os, "nice"):
        os.nice(5)  # Maps and pages come first.
    try:
        job.write(path)
    except ExclusionMapError as error:
        told.send((type(error), error.thing, error.found, error.expected, error.mend))
    except Exception as error:
        told.send(repr(error))
        raise
