"""One round on one A4 page: texts are shortened until their lines fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from api.pages.readiness import Row, common, rows_of
from api.readiness_figures import Figures
from exclusion_map.readiness.canvas import canvas
from exclusion_map.readiness.models import Assessment, Round

LINES: Final = 49
"""Lines of the table that fit on A4 below the heading and above the foot."""
_BUDGETS: Final = ((400, 230), (300, 170), (220, 130), (160, 100), (120, 80), (90, 60), (60, 40))
"""Most characters of evidence and of the next step, the most generous first."""
_TITLE, _OWNER, _FACTS = 80, 27, 110
_ACROSS: Final = (36, 20, 10, 16)
"""Characters of a line of evidence, next step, owner and factor, in a wide type such as DejaVu."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One factor as the page to print shows it."""

    row: Row
    evidence: str
    facts: str
    step: str
    owner: str

    @property
    def lines(self) -> int:
        """How many lines it takes at most."""
        texts = (self.evidence, self.step, self.owner, self.row.factor.title)
        needed = [ceil(len(text) / across) for text, across in zip(texts, _ACROSS, strict=True)]
        needed[0] += ceil(len(self.facts) / _ACROSS[0])
        needed[2] += 1  # The date.
        return max(*needed, 4 if self.row.before else 2)


def printed(assessment: Assessment, shown: Round, figures: Figures | None) -> dict[str, Any]:
    """Return what the page to print shows."""
    cells, short = _fitted(rows_of(assessment, shown, figures))
    return {
        **common(assessment, shown, figures),
        "title": shortened(assessment.details.title, _TITLE),
        "round_name": shortened(shown.name, _OWNER),
        "cells": cells,
        "steps": canvas().step,
        "shortened": short,
        "area": figures.name if figures else "",
    }


def _fitted(rows: Sequence[Row]) -> tuple[list[Cells], bool]:
    """Return the cells by the most generous budget that fits, and whether any text is shortened."""
    cells: list[Cells] = []
    for evidence, step in _BUDGETS:
        cells = [_cells(row, evidence, step) for row in rows]
        if sum(one.lines for one in cells) <= LINES:
            break
    return cells, any("…" in one.evidence + one.step + one.owner for one in cells)


def _cells(row: Row, evidence: int, step: int) -> Cells:
    told = row.figures.facts[:2] if row.figures else ()
    facts = " ".join(f"{fact.label}: {fact.value}." for fact in told)
    return Cells(
        row,
        shortened(row.said.evidence, evidence),
        shortened(facts, _FACTS),
        shortened(row.said.next_step, step),
        shortened(row.said.owner, _OWNER),
    )


def shortened(text: str, longest: int) -> str:
    """Return a text on one line, cut after a word where it is longer than so many characters."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    words = line[:longest].rsplit(" ", 1)
    # A word that fills the line by itself is cut within.
    kept = words[0] if len(words[0]) > longest // 2 else line[: longest - 2]
    return kept.rstrip(",;:. ") + " …"
