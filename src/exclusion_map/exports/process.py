"""Entry point of the process that makes a file; imports little, as it starts for each file."""

import os
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from exclusion_map.errors import ExclusionMapError


class Job(Protocol):
    """A picklable job that makes a file in another process."""

    @property
    def ending(self) -> str:
        """Extension of the file; some writers depend on it."""

    def write(self, path: Path) -> None:
        """Make the file."""


def work(told: Connection, job: Job, path: Path) -> None:
    """Make a file; send back an error, if any, as its class and parts or as text."""
    if hasattr(os, "nice"):
        os.nice(5)  # Maps and pages come first.
    try:
        job.write(path)
    except ExclusionMapError as error:
        told.send((type(error), error.thing, error.found, error.expected, error.mend))
    except Exception as error:
        told.send(repr(error))
        raise
