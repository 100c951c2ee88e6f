"""A table that is at hand already, to be written to a file in a process of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.shapes import Wkb
from exclusion_map.exports.writing import write


@dataclass(frozen=True)
class NoShapes:
    """Of a table whose rows have no outline."""

    kind: str = "None"

    def batches(self) -> Iterator[Wkb]:
        """Yield nothing."""
        return iter(())


@dataclass(frozen=True, eq=False)
class DatasetJob:
    """A table to be written."""

    dataset: Dataset
    form: FileFormat

    @property
    def ending(self) -> str:
        """What the file's name ends in."""
        return self.form.value

    def write(self, path: Path) -> None:
        """Make the file.

        Raises:
            ExclusionMapError: the form cannot hold it.
        """
        write(self.dataset, self.form, path)
