"""The command ``rollup``: summary of a list of places or a boundary."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.rollup_answer import (
    Members,
    RolledUp,
    listed,
    outlined_members,
    roll_up_members,
)
from exclusion_map.areas.rollup_reading import entries_of, read_list_file
from exclusion_map.areas.scoring import Question, answer, at_level
from exclusion_map.areas.value_table import value_table
from exclusion_map.editions import current_path
from exclusion_map.editions.gazetteer import addresses_of, estimates_of, gazetteer_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.rollup_tables import area_columns, summary_columns
from exclusion_map.exports.score_tables import check_format, write_table
from exclusion_map.terms import AreaKind
from exclusion_map.uploads import read_boundary
from pipelines.score import definition_of

MOST_TOLD = 10


@dataclass(frozen=True, kw_only=True)
class RollUpOrder:
    """Options of the command, as given."""

    definition: str
    where: str = ""
    where_file: Path | None = None
    polygon: Path | None = None
    out: Path | None = None
    areas_out: Path | None = None
    weights: Mapping[str, float] = field(default_factory=dict)


def rollup(processed_dir: Path, order: RollUpOrder, console: Console) -> None:
    """Summarise the selection: print it, and write tables if requested.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    for path in (order.out, order.areas_out):
        if path is not None:
            check_format(path)
    edition = open_edition(current_path(processed_dir))
    sets = _sets(edition, order)
    asked = Question(
        definition=definition_of(edition.manifest, order.definition, []),
        weights=order.weights,
        base=BaseName.ALL,
    )
    directions = {str(one.id): one.direction for one in edition.manifest.indicators}
    found = answer(edition.atlas, value_table(edition.atlas, directions), asked)
    scores = at_level(edition.atlas, found, AreaKind.SMALL_AREA).scores
    estimates = estimates_of(edition)
    rolled = {
        name: roll_up_members(edition.atlas, scores, members, estimates)
        for name, members in sets.items()
    }
    told = {"edition": edition.id, "index": str(asked.definition.id)}
    if order.out is not None:
        write_table(order.out, summary_columns(rolled), told)
    if order.areas_out is not None:
        write_table(order.areas_out, area_columns(edition.atlas, scores, rolled), told)
    for name, one in rolled.items():
        for line in _lines(name, one):
            console.print(line, markup=False, highlight=False)


def _sets(edition: Edition, order: RollUpOrder) -> dict[str, Members]:
    given = [bool(order.where), order.where_file is not None, order.polygon is not None]
    if sum(given) != 1:
        raise InvalidRequestError(
            "roll-up",
            found=f"{sum(given)} of --where, --where-file and --polygon",
            expected="one of them",
        )
    if order.polygon is not None:
        outline = read_boundary(order.polygon, order.polygon.name)
        members = outlined_members(edition.atlas, outline.geojson, addresses_of(edition))
        return {"": replace(members, notes=(*outline.notes, *members.notes))}
    gazetteer = gazetteer_of(edition)
    lists = {"": entries_of(order.where)}
    if order.where_file is not None:
        lists = read_list_file(order.where_file)
    return {name: listed(gazetteer, entries) for name, entries in lists.items()}


def _lines(name: str, found: RolledUp) -> list[str]:
    """Return a roll-up as lines of text."""
    spread, estimate, members = found.spread, found.estimate, found.members
    start = f"{name}: " if name else ""
    lines = [
        f"{start}{spread.small_areas:,} small areas, {spread.population:,.0f} people, score "
        f"{spread.score:.1f} ({found.everywhere.score:.1f} everywhere)",
        f"  in the worst tenth {spread.worst_tenth:.1%}, in the worst fifth "
        f"{spread.worst_fifth:.1%}, extent {spread.extent:.1%}, concentration "
        f"{spread.local_concentration:.1f}",
    ]
    if estimate is not None:
        homes = estimate.households
        lines.append(
            f"  modelled: {homes.low:,.0f} to {homes.high:,.0f} of {estimate.of_households:,.0f} "
            "households unlikely to deal with government online (80 % range)"
        )
    lines.extend(f"  {note}" for note in members.notes)
    lines.extend(
        f"  left out: {one.text[:60]}: {one.reason}" for one in members.unmatched[:MOST_TOLD]
    )
    if len(members.unmatched) > MOST_TOLD:
        lines.append(f"  and {len(members.unmatched) - MOST_TOLD:,} more left out")
    return lines
