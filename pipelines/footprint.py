"""The command ``footprint``: who a list, places, sites or a boundary serve."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console

from exclusion_map.access import StraightLine
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import Question, answer, at_level
from exclusion_map.areas.value_table import value_table
from exclusion_map.areas.words import plural
from exclusion_map.editions import current_path
from exclusion_map.editions.footprint import (
    Footprinted,
    comparator_named,
    drawn_tenths,
    evidence_of,
    footprint_dataset,
    ground_of,
    group_figures,
)
from exclusion_map.editions.gazetteer import estimates_of, gazetteer_of
from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.papers.footprint import footprint_paper
from exclusion_map.editions.reaching import homes_of, sites_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.formats import FileFormat
from exclusion_map.exports.score_tables import check_format, write_table
from exclusion_map.exports.writing import write
from exclusion_map.settings import DisclosureSettings, UploadSettings, read
from exclusion_map.targeting.footprint import Basis, Served
from exclusion_map.targeting.footprint.footprint import footprint_of
from exclusion_map.targeting.footprint.listing import read_listing
from exclusion_map.targeting.footprint.serving import serve, serve_outline
from exclusion_map.targeting.footprint.support import ways_to
from exclusion_map.targeting.footprint.tables import (
    neighbourhood_columns,
    summary_columns,
    unmatched_columns,
)
from exclusion_map.targeting.footprint.withholding import DisclosureRule
from exclusion_map.targeting.homes import points_of
from exclusion_map.terms import AreaKind
from pipelines.papers import write_report
from pipelines.score import definition_of

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class FootprintOrder:
    """Options of the command, as given."""

    listed: Path | None = None
    where: str = ""
    outline: Path | None = None
    name: str = ""
    compare: str = ""
    basis: Basis | None = None
    radius: float | None = None
    index: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    draws: int = 0
    seed: int = 1
    out: Path | None = None
    neighbourhoods: Path | None = None
    unmatched: Path | None = None
    report: PaperFile | None = None


def footprint(processed_dir: Path, order: FootprintOrder, console: Console) -> None:
    """Print who is served, and write tables to the output files.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    if order.report is not None:
        order.report.check()
    for path in (order.out, order.neighbourhoods, order.unmatched):
        if path is not None and path.suffix.lower() != ".xlsx":
            check_format(path)
    edition = open_edition(current_path(processed_dir))
    told = _told(edition, order)
    for line in lines(edition, told):
        console.print(line, markup=False, highlight=False)
    _write(edition, told, order)
    write_report(order.report, partial(footprint_paper, edition, told), console)


def _told(edition: Edition, order: FootprintOrder) -> Footprinted:
    manifest, atlas = edition.manifest, edition.atlas
    served = _served(edition, order)
    asked = Question(
        definition=definition_of(manifest, order.index or manifest.default_index, []),
        weights=order.weights,
        base=BaseName.ALL,
    )
    directions = {str(one.id): one.direction for one in manifest.indicators}
    found = answer(atlas, value_table(atlas, directions), asked)
    composite = found.composite
    small = atlas.level(AreaKind.SMALL_AREA)
    drawn = None
    if order.draws:
        drawn = drawn_tenths(composite.definition, found.table, composite, order.draws, order.seed)
    evidence = evidence_of(
        edition,
        at_level(atlas, found, AreaKind.SMALL_AREA).scores,
        composite,
        figures=group_figures(edition),
        estimates=estimates_of(edition),
        ways=ways_to(
            points_of(homes_of(edition).centres),
            sites_of(edition),
            StraightLine(),
            small.nations,
        ),
        drawn=drawn,
    )
    comparator = comparator_named(edition, order.compare, served)
    settings = read(DisclosureSettings)
    rule = DisclosureRule(
        threshold=settings.small_count_threshold, base=settings.small_count_rounding
    )
    return Footprinted(
        found=footprint_of(served, comparator, evidence, rule),
        definition=asked.definition,
        own_weights=bool(order.weights),
        seed=order.seed,
    )


def _served(edition: Edition, order: FootprintOrder) -> Served:
    given = (order.listed, order.where.strip(), order.outline)
    if sum(map(bool, given)) != 1:
        raise InvalidRequestError(
            "footprint",
            found=f"{sum(map(bool, given))} of --list, --where and --outline",
            expected="one of them",
        )
    ground, name = ground_of(edition, gazetteer_of(edition)), order.name or "Your list"
    if order.outline is not None:
        from exclusion_map.uploads import read_boundary  # Not needed for lists.

        boundary = read_boundary(order.outline, order.outline.name)
        return serve_outline(ground, boundary.geojson, name=name, notes=boundary.notes)
    data: bytes | str = order.where.replace(",", "\n")
    if order.listed is not None:
        try:
            data = order.listed.read_bytes()
        except OSError as error:
            raise InvalidRequestError(
                f"list {order.listed.name}", found=str(error.strerror), expected="a file"
            ) from None
    listing = read_listing(data, "list", read(UploadSettings))
    return serve(ground, listing, name=name, basis=order.basis, radius=order.radius)


def lines(edition: Edition, told: Footprinted) -> list[str]:
    """Return a footprint as lines of text; they contain no rows of a list."""
    found, matching = told.found, told.found.served.matching
    said = [
        told.title,
        f"  {matching.understood:,} of {matching.rows:,} rows understood",
        *(f"  {plural(count, 'row')}: {reason}" for reason, count in matching.reasons.items()),
        *(f"  {note}" for note in matching.notes),
        f"  {found.total:,.0f} people served in {found.comparator.name}",
    ]
    for part in (*found.tenths, found.fifth, *found.groups):
        if part.share != part.share:
            said.append(f"  {part.words}: {part.reading.value}")
            continue
        ends = part.chance if part.chance.low == part.chance.low else part.other
        interval = f" ({ends.low:.2f} to {ends.high:.2f})" if ends.low == ends.low else ""
        said.append(
            f"  {part.words}: {100 * part.share:.1f}% of those served, "
            f"{100 * part.whole_share:.1f}% of all; ratio {part.ratio:.2f}{interval}: "
            f"{part.reading.value}"
        )
    held = found.neighbourhoods
    level = edition.atlas.level(held.kind)
    said += [
        f"  Missed: {level.labels[row]}, short of {held.short[at]:,.0f}"
        for at, row in enumerate(held.rows[:SHOWN].tolist())
        if held.short[at] > 0
    ]
    return said


def _write(edition: Edition, told: Footprinted, order: FootprintOrder) -> None:
    about = {"edition": edition.id, **told.how}
    if order.out is not None and order.out.suffix.lower() == ".xlsx":
        write(footprint_dataset(edition, told), FileFormat.XLSX, order.out)
    elif order.out is not None:
        write_table(order.out, summary_columns(told.found), about)
    if order.neighbourhoods is not None:
        write_table(order.neighbourhoods, neighbourhood_columns(edition.atlas, told.found), about)
    if order.unmatched is not None:
        write_table(order.unmatched, unmatched_columns(told.found.served.matching), {})
