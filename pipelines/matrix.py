"""The command ``matrix``: areas of the current edition by likelihood and impact."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import Progress

from exclusion_map.areas.scoring import Answer, at_level
from exclusion_map.editions import current_path
from exclusion_map.editions.gazetteer import gazetteer_of
from exclusion_map.editions.matrix import (
    Matrixed,
    drawn_doubt,
    made_of,
    matrix_dataset,
    published_doubt,
)
from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.papers.matrix import matrix_paper
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.scored import scored
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.writing import write
from exclusion_map.targeting.matrix import MatrixQuestion
from exclusion_map.targeting.matrix_cells import parse_cells
from exclusion_map.targeting.matrix_figures import read_figures
from exclusion_map.targeting.matrix_impact import Impact, impact_listed, impact_of
from exclusion_map.targeting.sharing_places import drawn_places
from exclusion_map.terms import AreaKind
from exclusion_map.uploads.text import text_of_file
from pipelines.papers import write_report
from pipelines.score import definition_of

SHOWN = 25


@dataclass(frozen=True, kw_only=True)
class MatrixOrder:
    """Options of the command, as given."""

    question: MatrixQuestion
    group: str
    where: str = ""
    level: AreaKind = AreaKind.SMALL_AREA
    figures: Path | None = None
    figures_name: str = ""
    others_none: bool = False
    index: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    cells: str = ""
    every: bool = False
    draws: int = 0
    seed: int = 1
    out: Path | None = None
    report: PaperFile | None = None


def matrix(processed_dir: Path, order: MatrixOrder, console: Console) -> None:
    """Cross likelihood and impact: print the result, and write it to a file if requested.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    if order.report is not None:
        order.report.check()
    form = None if order.out is None else _form(order.out)
    edition = open_edition(current_path(processed_dir))
    manifest = edition.manifest
    definition = definition_of(manifest, order.index or manifest.default_index, [])
    found = scored(edition, definition, weights=order.weights)
    made = _made(edition, order, found)
    if order.draws:
        made = _with_draws(edition, order, found, made, console)
    for line in _lines(made):
        console.print(line, markup=False, highlight=False)
    if order.out is not None and form is not None:
        write(matrix_dataset(edition, made, every=order.every), form, order.out)
    write_report(order.report, partial(matrix_paper, edition, made), console)


def _form(out: Path) -> FileFormat:
    try:
        return FileFormat(out.suffix.lower().removeprefix("."))
    except ValueError:
        raise InvalidRequestError(
            f"output {out.name}",
            found=f"ending {out.suffix or 'none'}",
            expected=f"one of: {', '.join(f'.{one.value}' for one in FileFormat)}",
        ) from None


def _made(edition: Edition, order: MatrixOrder, found: Answer) -> Matrixed:
    scores = at_level(edition.atlas, found, AreaKind.SMALL_AREA).scores
    codes = [code.strip() for code in order.where.split(",") if code.strip()]
    named = [level.labels[row] for level, row in map(edition.atlas.find, codes)]
    made = made_of(edition, scores, _impact(edition, order), order.question, order.level, codes)
    index = str(found.question.definition.id)
    doubt = None
    if not order.weights:
        doubt = published_doubt(edition, made, scores, index, order.level)
    return Matrixed(
        matrix=made,
        definition=found.question.definition,
        own_weights=bool(order.weights),
        place=", ".join(named) or edition.manifest.title,
        kind=order.level,
        cells=parse_cells(order.cells, made.size),
        doubt=doubt,
    )


def _impact(edition: Edition, order: MatrixOrder) -> Impact:
    if order.figures is None:
        return impact_of(edition.atlas, edition.manifest.indicators, order.group)
    text = text_of_file(order.figures, f"figures {order.figures.name}")
    label = order.figures_name or order.figures.stem
    return impact_listed(
        gazetteer_of(edition), read_figures(text), label, others_none=order.others_none
    )


def _with_draws(
    edition: Edition, order: MatrixOrder, found: Answer, made: Matrixed, console: Console
) -> Matrixed:
    composite = found.composite
    scores = at_level(edition.atlas, found, AreaKind.SMALL_AREA).scores
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Reading the data in other ways", total=order.draws)

        def ranks() -> Iterator[npt.NDArray[np.int32]]:
            for rank, _ in drawn_places(
                composite.definition,
                found.table,
                composite.base,
                draws=order.draws,
                seed=order.seed,
            ):
                yield rank
                progress.advance(task)

        doubt = drawn_doubt(edition, made.matrix, scores, ranks(), order.seed)
    return replace(made, doubt=doubt)


def _lines(made: Matrixed) -> list[str]:
    """Return a matrix as lines of text."""
    matrix, doubt = made.matrix, made.doubt
    lines = [made.title, *(f"  {topic}: {text}" for topic, text in made.how.items())]
    ranges = {} if doubt is None else doubt.cell_ranges(matrix)
    for cell in reversed(matrix.cells):
        low, high = ranges.get(cell.id, (0, 0))
        between = f"; {low:,} for sure, {high:,} possible" if ranges else ""
        lines.append(
            f"  {cell.id}  {cell.id.words(matrix.size)}: {cell.areas:,} areas, "
            f"{cell.people:,.0f} people, {cell.group:,.0f} of the group{between}"
        )
    if doubt is not None:
        of = int((matrix.cell > 0).sum())
        lines.append(f"  {made.might_move:,} of {of:,} areas might fall in another cell")
    rows = made.rows.tolist()
    lines.append(f"Areas with {made.cell_words}: {len(rows):,}")
    lines.extend(
        f"  {matrix.units.names[row]} ({matrix.units.codes[row]}): "
        f"score {matrix.score[row]:.1f}, {matrix.group[row]:,.0f} of the group"
        for row in rows[:SHOWN]
    )
    if len(rows) > SHOWN:
        lines.append(f"  and {len(rows) - SHOWN:,} more: see the file of --out")
    lines.extend(f"  {note}" for note in made.notes)
    return lines
