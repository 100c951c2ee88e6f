"""The command ``share``: a total divided among areas or partners of the current edition."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import Answer, Question, answer, at_level
from exclusion_map.areas.value_table import value_table
from exclusion_map.editions import current_path
from exclusion_map.editions.gazetteer import estimates_of, gazetteer_of
from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.papers.share import share_paper
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.sharing import Shared, grounds_of, rules_of, share_dataset
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.score_tables import check_format, write_table
from exclusion_map.exports.writing import write
from exclusion_map.index import prepare
from exclusion_map.targeting.sharing import ShareQuestion, share_out
from exclusion_map.targeting.sharing_draws import Judged, doubt_of
from exclusion_map.targeting.sharing_reading import UnitRow, read_units
from exclusion_map.targeting.sharing_reasons import Teller
from exclusion_map.targeting.sharing_table import share_columns
from exclusion_map.targeting.sharing_units import (
    Overlap,
    Units,
    units_inside,
    units_listed,
    with_terms,
)
from exclusion_map.targeting.sharing_weights import moves_of_parts
from exclusion_map.terms import AreaKind
from exclusion_map.uploads.text import text_of_file
from pipelines.papers import write_report
from pipelines.score import definition_of

SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class ShareOrder:
    """Options of the command, as given."""

    question: ShareQuestion
    what: str = "things"
    where: str = ""
    level: AreaKind = AreaKind.WARD
    units: Path | None = None
    overlap: Overlap = Overlap.SPLIT
    index: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    draws: int = 0
    seed: int = 1
    out: Path | None = None
    report: PaperFile | None = None


def share(processed_dir: Path, order: ShareOrder, console: Console) -> None:
    """Divide a total: print the shares, and write them to a file if requested.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    if order.report is not None:
        order.report.check()
    if order.out is not None and order.out.suffix.lower() != ".xlsx":
        check_format(order.out)
    edition = open_edition(current_path(processed_dir))
    found = _scored(edition, order)
    shared = _shared(edition, order, found)
    if order.draws:
        shared = _with_doubt(edition, order, found, shared, console)
    for line in _lines(shared):
        console.print(line, markup=False, highlight=False)
    if order.out is not None:
        _write(edition, shared, order.out)
    write_report(order.report, partial(share_paper, edition, shared), console)


def _scored(edition: Edition, order: ShareOrder) -> Answer:
    manifest = edition.manifest
    asked = Question(
        definition=definition_of(manifest, order.index or manifest.default_index, []),
        weights=order.weights,
        base=BaseName.ALL,
    )
    directions = {str(one.id): one.direction for one in manifest.indicators}
    return answer(edition.atlas, value_table(edition.atlas, directions), asked)


def _shared(edition: Edition, order: ShareOrder, found: Answer) -> Shared:
    scores = at_level(edition.atlas, found, AreaKind.SMALL_AREA).scores
    grounds = grounds_of(edition, scores, estimates_of(edition))
    units, place = _units(edition, order)
    share = share_out(units, grounds, order.question)
    return Shared(
        share=share,
        grounds=grounds,
        compared=rules_of(share, grounds),
        definition=found.question.definition,
        own_weights=bool(order.weights),
        place=place,
        what=order.what,
        kind=None if order.units is not None and not order.where else order.level,
    )


def _units(edition: Edition, order: ShareOrder) -> tuple[Units, str]:
    rows = _rows(order.units)
    codes = [code.strip() for code in order.where.split(",") if code.strip()]
    if rows and not codes:
        units = units_listed(gazetteer_of(edition), rows, order.overlap)
        return units, f"{len(units):,} partners"
    units = units_inside(edition.atlas, order.level, codes)
    named = [level.labels[row] for level, row in map(edition.atlas.find, codes)]
    return with_terms(units, rows), ", ".join(named) or edition.manifest.title


def _rows(path: Path | None) -> tuple[UnitRow, ...]:
    if path is None:
        return ()
    units = read_units(text_of_file(path, f"list {path.name}"))
    if not units:
        raise InvalidRequestError(
            f"list {path.name}", found="no units", expected="a CSV file of units"
        )
    return units


def _with_doubt(
    edition: Edition, order: ShareOrder, found: Answer, shared: Shared, console: Console
) -> Shared:
    composite = found.composite
    judged = Judged(definition=composite.definition, table=found.table, base=composite.base)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Dividing over other readings of the data", total=order.draws)
        doubt = doubt_of(
            shared.share,
            edition.atlas,
            shared.grounds,
            judged,
            draws=order.draws,
            seed=order.seed,
            report=lambda done, _: progress.update(task, completed=done),
        )
    columns = prepare(found.question.definition, found.table, composite.base)
    parts = moves_of_parts(
        shared.share,
        shared.grounds,
        found.question.definition,
        order.weights,
        lambda weights: ScoreSet.of_small_areas(columns.compose(weights)),
    )
    return replace(shared, doubt=doubt, parts=parts)


def _lines(shared: Shared) -> list[str]:
    """Return a division as lines of text."""
    share, teller = shared.share, Teller(shared.share)
    ordered = sorted(range(len(share.units)), key=lambda at: -int(share.division.given[at]))
    lines = [shared.title]
    for at in ordered[:SHOWN]:
        amount = teller.amount(float(share.division.given[at]))
        lines.append(f"  {amount:>8}  {share.units.names[at]}. {teller.why(at)}")
    if len(ordered) > SHOWN:
        lines.append(f"  and {len(ordered) - SHOWN:,} more: see the file of --out")
    lines.extend(
        f"  {one.rule.label}: {one.moved:,.10g} would go elsewhere"
        for one in shared.compared
        if one.share is not None and one.moved
    )
    if shared.doubt is not None:
        lines.append(
            f"  Over {shared.doubt.draws:,} readings of the data {shared.doubt.moved:,.1f} go "
            "elsewhere on average"
        )
    lines.extend(
        f"  If {one.title or one.part} counts double, {one.double:,.10g} go elsewhere"
        for one in shared.parts
        if one.double is not None
    )
    lines.extend(f"  {note}" for note in shared.notes)
    return lines


def _write(edition: Edition, shared: Shared, out: Path) -> None:
    if out.suffix.lower() == ".xlsx":
        write(share_dataset(edition, shared), FileFormat.XLSX, out)
        return
    told = {"edition": edition.id, **shared.how}
    write_table(out, share_columns(shared.share, shared.compared, shared.doubt), told)
