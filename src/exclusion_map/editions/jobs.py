"""Files of an edition as jobs: small enough to be sent to another process, which does the work.

That process checks sizes only: the service checked every byte when it opened the edition.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from exclusion_map.areas.scoring import Answer, Question, answer
from exclusion_map.areas.value_table import value_table
from exclusion_map.editions.downloads import AreaOrder, area_dataset, file_name
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.support_downloads import SupportOrder, support_dataset
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.writing import write
from exclusion_map.index.uncertainty import Uncertainty

MOST_DRAWN: Final = 5_000
"""More outlines than this make a page that browsers cannot handle."""


@dataclass(frozen=True, eq=False, kw_only=True)
class AreaJob:
    """A file of areas to be made.

    Attributes:
        folder: of the edition.
        question: what is scored.
        order: which areas, and what to tell of them.
        form: of the file.
        drawn: intervals, where the edition does not hold them.
    """

    folder: Path
    question: Question
    order: AreaOrder
    form: FileFormat
    drawn: Uncertainty | None = None

    def __post_init__(self) -> None:
        # Read-only views of mappings cannot be sent to another process.
        plain = replace(self.question, weights=dict(self.question.weights))
        object.__setattr__(self, "question", plain)

    @property
    def ending(self) -> str:
        """What the file's name ends in."""
        return self.form.value

    def write(self, path: Path) -> None:
        """Make the file.

        Raises:
            ExclusionMapError: the edition is damaged, or the order cannot be filled.
        """
        edition = open_edition(self.folder, verify="quick")
        found = answer_of(edition, self.question)
        write(area_dataset(edition, found, self.order, self.drawn), self.form, path)


@dataclass(frozen=True, kw_only=True)
class SupportJob:
    """A file of places of support to be made."""

    folder: Path
    order: SupportOrder
    form: FileFormat

    @property
    def ending(self) -> str:
        """What the file's name ends in."""
        return self.form.value

    def write(self, path: Path) -> None:
        """Make the file.

        Raises:
            ExclusionMapError: the edition is damaged, or the order cannot be filled.
        """
        write(
            support_dataset(open_edition(self.folder, verify="quick"), self.order), self.form, path
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class MapJob:
    """A map to be made as one file."""

    folder: Path
    question: Question
    order: AreaOrder
    ending: str = "html"

    def __post_init__(self) -> None:
        plain = replace(self.question, weights=dict(self.question.weights))
        object.__setattr__(self, "question", plain)

    def write(self, path: Path) -> None:
        """Make the file.

        Raises:
            ExclusionMapError: the edition is damaged, or the order cannot be filled.
        """
        # Only the process that draws loads the library for it.
        from exclusion_map.editions.mapping import map_of
        from exclusion_map.maps.folium_page import page_text

        edition = open_edition(self.folder, verify="quick")
        chart = map_of(edition, answer_of(edition, self.question), self.order)
        path.write_text(page_text(chart), encoding="utf-8")


def map_name(edition: Edition, answer: Answer, order: AreaOrder) -> str:
    """Return the name of a map's file."""
    return f"{file_name(edition, answer, order)}-map.html"


def check_count(count: int) -> None:
    """Raise InvalidRequestError where there are more areas than one page can draw."""
    if count > MOST_DRAWN:
        raise InvalidRequestError(
            "map",
            found=f"{count:,} areas",
            expected=f"at most {MOST_DRAWN:,}",
            mend="Choose a smaller place, or a wider kind of area.",
        )


def answer_of(edition: Edition, question: Question) -> Answer:
    """Return a question worked out from the values of an edition.

    Raises:
        DefinitionError: an indicator or a weight's id is unknown.
        InvalidRequestError: a base without areas, or uploads that cannot be used.
    """
    directions = {str(one.id): one.direction for one in edition.manifest.indicators}
    return answer(edition.atlas, value_table(edition.atlas, directions), question)
