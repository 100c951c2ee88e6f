"""A risk matrix of an edition: made from its scores and counts, and told as a table with notes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.phrases import listed, lower_first
from exclusion_map.editions.credits import about_tool
from exclusion_map.editions.downloads import outlines_of
from exclusion_map.editions.extras import extras_of
from exclusion_map.editions.reader import Edition
from exclusion_map.exports.dataset import Column, Dataset, Field, FieldType
from exclusion_map.index import Definition
from exclusion_map.targeting.matrix import Compared, Matrix, MatrixQuestion, Measure, matrix_of
from exclusion_map.targeting.matrix_cells import CellId
from exclusion_map.targeting.matrix_cuts import CutRule
from exclusion_map.targeting.matrix_doubt import MatrixDoubt, doubt_of_draws, doubt_of_intervals
from exclusion_map.targeting.matrix_impact import Impact
from exclusion_map.targeting.matrix_table import area_columns
from exclusion_map.targeting.sharing_units import units_inside
from exclusion_map.terms import AreaKind

Rows = npt.NDArray[np.int64]
_FIELDS: Mapping[str, tuple[str, str]] = {
    "code": ("Code", "Code of the area."),
    "name": ("Name", "Name of the area."),
    "cell": ("Cell", "Class of likelihood, class of impact; 1 is the lowest. Empty: in no cell."),
    "likelihood": ("Likelihood", "Class of the score, in words."),
    "impact": ("Impact", "Class of the group's number or share, in words."),
    "score": ("Score", "Mean score of its people, 0 to 100, more is riskier."),
    "group_count": ("Group", "People or households of the group; empty where not known."),
    "impact_value": ("Impact value", "What classes of impact are cut by: number or per cent."),
    "population": ("People", "Residents."),
    "likelihood_class": ("Likelihood, class", "1 is the lowest."),
    "impact_class": ("Impact, class", "1 is the lowest."),
    "likelihood_class_low": ("Likelihood, low end", "Lowest class of its 90 % interval."),
    "likelihood_class_high": ("Likelihood, high end", "Highest class of its 90 % interval."),
    "might_move": ("Might move", "yes: its interval reaches another class of likelihood."),
    "chance_of_cell": ("Chance of cell", "Share of draws in which it is in this cell."),
    "why_missing": ("Why missing", "Why it is in no cell."),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Matrixed:
    """A risk matrix with all that is told of it.

    Attributes:
        matrix: the matrix.
        definition: of the index.
        own_weights: whether the reader changed its weights.
        place: where, in words.
        kind: of the areas.
        cells: those chosen for the list.
        doubt: what the intervals leave open; None where it was not worked out.
    """

    matrix: Matrix
    definition: Definition
    own_weights: bool
    place: str
    kind: AreaKind
    cells: tuple[CellId, ...]
    doubt: MatrixDoubt | None = None

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return (
            f"Risk matrix of {self.place}: {lower_first(self.definition.title)} "
            f"against {lower_first(self.matrix.impact.label)}"
        )

    @property
    def places(self) -> int:
        """Decimals that lines of the impact are told with."""
        return 1 if self.matrix.question.measure is Measure.SHARE else 0

    @property
    def might_move(self) -> int:
        """How many areas might fall in another cell, by their intervals."""
        if self.doubt is None:
            return 0
        return int((self.doubt.moves & (self.matrix.cell > 0)).sum())

    @property
    def rows(self) -> Rows:
        """Areas of the chosen cells, highest first."""
        return self.matrix.chosen(self.cells)

    @property
    def cell_words(self) -> str:
        """The chosen cells in words."""
        return listed([one.words(self.matrix.size) for one in self.cells])

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said of it."""
        matrix = self.matrix
        told = [*matrix.units.notes, *matrix.impact.notes]
        if matrix.missing.areas:
            kinds = self.kind.label if matrix.missing.areas == 1 else self.kind.label_plural
            told.append(
                f"{matrix.missing.areas:,} {kinds} with {matrix.missing.people:,.0f} people are in "
                "no cell: their score or their figure is missing. They are listed apart, not as "
                "low."
            )
        for axis, classes in (
            ("likelihood", matrix.likelihood),
            ("impact", matrix.impact_class),
        ):
            empty = matrix.size - len(np.unique(classes[classes > 0]))
            if empty:
                told.append(f"{empty} classes of {axis} hold no area here.")
        left_out = [
            f"{one.text[:60]} was left out: {one.reason}" for one in matrix.impact.unmatched[:20]
        ]
        return (*told, *left_out)

    @property
    def how(self) -> dict[str, str]:
        """How it was worked out, by topic."""
        question, matrix = self.matrix.question, self.matrix
        weights = "changed by who asked" if self.own_weights else "as published"
        told = {
            "Likelihood": f"{self.definition.title}, version {self.definition.version}, {weights}",
            "Impact": f"{matrix.impact.label} ({matrix.impact.unit}): {question.measure.label}",
            "Classes of likelihood": self._lines(True),
            "Classes of impact": self._lines(False),
            "Cells of the list": self.cell_words,
        }
        if self.doubt is not None:
            told["Intervals"] = (
                f"{self.doubt.draws:,} draws, seed {self.doubt.seed}"
                if self.doubt.draws
                else "90 % intervals of rank, as published with the edition"
            )
        return told

    def _lines(self, likelihood: bool) -> str:
        cuts = self.matrix.likelihood_cuts if likelihood else self.matrix.impact_cuts
        edges = ", ".join(f"{edge:,.10g}" for edge in np.round(cuts.edges, 2).tolist())
        if cuts.rule is CutRule.FIXED:
            return f"lines of one's own at {edges}"
        among = self.matrix.question.compared.label
        return f"{cuts.rule.label} in each, among {among}; lines at {edges}"


def made_of(
    edition: Edition,
    scores: ScoreSet,
    impact: Impact,
    question: MatrixQuestion,
    kind: AreaKind,
    codes: Sequence[str] = (),
) -> Matrix:
    """Return the matrix of the areas of a kind in a place; everywhere where no code is given.

    Args:
        edition: with the areas.
        scores: of the small areas.
        impact: of the small areas.
        question: how to make it.
        kind: of the areas.
        codes: of the place.

    Raises:
        InvalidRequestError: there are no such areas, or nothing is known of them.
        NotFoundError: there is no such place or kind.
    """
    atlas = edition.atlas
    units = units_inside(atlas, kind, codes)
    among = None
    if question.compared is Compared.EVERYWHERE and codes:
        among = units_inside(atlas, kind, ())
    population = np.nan_to_num(atlas.level(AreaKind.SMALL_AREA).population)
    return matrix_of(units, scores.score, population, impact, question, among)


def published_doubt(
    edition: Edition, matrix: Matrix, scores: ScoreSet, index: str, kind: AreaKind
) -> MatrixDoubt | None:
    """Return what the published intervals leave open; None for wider areas, or without intervals.

    Only for an index as published: intervals of other weights have to be drawn.
    """
    held = extras_of(edition).uncertainty.get(index)
    if held is None or kind is not AreaKind.SMALL_AREA:
        return None
    return doubt_of_intervals(matrix, scores.score, scores.rank, held.rank_low, held.rank_high)


def drawn_doubt(
    edition: Edition,
    matrix: Matrix,
    scores: ScoreSet,
    drawn: Iterable[npt.NDArray[np.int32]],
    seed: int,
) -> MatrixDoubt:
    """Return what draws of the ranks of small areas leave open, for areas of any kind."""
    population = np.nan_to_num(edition.atlas.level(AreaKind.SMALL_AREA).population)
    return doubt_of_draws(matrix, scores.score, scores.rank, population, drawn, seed=seed)


def matrix_dataset(edition: Edition, found: Matrixed, *, every: bool = False) -> Dataset:
    """Return the areas of the chosen cells, or all, with outlines, to be written.

    Rows are in the order of the edition, as outlines are; the column ``cell`` sorts them.
    """
    units = found.matrix.units
    rows = np.arange(len(units)) if every else np.sort(found.rows)
    columns = area_columns(found.matrix, found.doubt, rows)
    level = edition.atlas.level(found.kind)
    at = np.array([level.position[units.codes[row]] for row in rows.tolist()], dtype=np.int32)
    return Dataset(
        name="risk_matrix",
        file_name=file_name(edition, found, part="all" if every else "chosen"),
        key="code",
        columns=tuple(_column(name, values) for name, values in columns.items()),
        about=about_tool(
            edition,
            title=found.title,
            selection=f"{len(rows):,} {found.kind.label_plural}, in the order of the edition",
            how=found.how,
            notes=found.notes,
            definition=found.definition.model_dump(mode="json"),
        ),
        shapes=outlines_of(edition, found.kind, at),
    )


def file_name(edition: Edition, found: Matrixed, *, part: str = "chosen") -> str:
    """Return the name of a file without its ending; ``part`` says what of it."""
    place = re.sub(r"[^a-z0-9]+", "-", found.place.lower()).strip("-")[:40]
    group = re.sub(r"[^a-z0-9]+", "-", found.matrix.impact.id.lower()).strip("-")
    return f"exclusion-map-{edition.id}-matrix-{group}-{place}-{part}"


def _column(name: str, values: npt.NDArray[np.generic] | Sequence[str]) -> Column:
    title, told = _FIELDS[name]
    if isinstance(values, np.ndarray):
        field = Field(name=name, title=title, description=told, type=FieldType.NUMBER)
        return Column(field, values.astype(np.float64))
    return Column(Field(name=name, title=title, description=told, type=FieldType.TEXT), values)
