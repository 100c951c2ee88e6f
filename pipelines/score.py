"""The command ``score``: any definition, weights and base on the current edition, into a file."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from exclusion_map.areas.bases import parse_base
from exclusion_map.areas.scoring import MOST_SHOWN, Answer, Question, answer, at_level
from exclusion_map.areas.selection import Selection, choose, outlined, read_codes
from exclusion_map.areas.upload_files import upload_from
from exclusion_map.areas.uploads import Upload
from exclusion_map.areas.value_table import value_table
from exclusion_map.editions import current_path
from exclusion_map.editions.gazetteer import addresses_of, gazetteer_of
from exclusion_map.editions.manifest import Manifest
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.exports.score_tables import (
    USUAL,
    ScoreMeasure,
    check_format,
    score_columns,
    taken,
    uncertainty_columns,
    write_table,
)
from exclusion_map.index import Definition, library, load_definition
from exclusion_map.index.uncertainty import Uncertainty, uncertainty
from exclusion_map.terms import AreaKind, Direction
from exclusion_map.uploads import read_boundary

SLOW_S = 2.0
"""Seconds after which a job shows its progress."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Options of the command, as given."""

    definition: str
    out: Path
    base: str = "all"
    where: str = ""
    where_file: Path | None = None
    polygon: Path | None = None
    level: AreaKind = AreaKind.SMALL_AREA
    values: tuple[str, ...] = ()
    lower_is_riskier: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    draws: int = 0
    seed: int = 1
    components: bool = False


def score(processed_dir: Path, order: Order, console: Console) -> None:
    """Score the current edition and write the result.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    check_format(order.out)
    if order.draws and order.level is not AreaKind.SMALL_AREA:
        raise InvalidRequestError(
            "uncertainty",
            found=f"level {order.level.value}",
            expected="level small_area: intervals are calculated for small areas",
        )
    edition = open_edition(current_path(processed_dir))
    manifest, atlas = edition.manifest, edition.atlas
    uploads = _uploads(order)
    asked = Question(
        definition=definition_of(manifest, order.definition, [upload.id for upload in uploads]),
        weights=order.weights,
        base=parse_base(order.base),
        selection=selection_of(edition, order),
        uploads=uploads,
    )
    table = value_table(atlas, {str(one.id): one.direction for one in manifest.indicators})
    found = answer(atlas, table, asked)
    scored = at_level(atlas, found, order.level)
    measures = (*USUAL, ScoreMeasure.COMPONENTS) if order.components else USUAL
    columns = score_columns(scored, measures)
    if order.draws:
        columns |= uncertainty_columns(_uncertainty(found, order, console))
    write_table(order.out, taken(columns, scored.rows), _told(manifest, found, order))
    for note in found.notes:
        console.print(note, markup=False, highlight=False)
    _say_unknown(found.unknown, console)
    console.print(
        f"{len(scored.rows):,} {order.level.label_plural} written to {order.out}",
        markup=False,
        highlight=False,
    )


def definition_of(manifest: Manifest, named: str, also: list[str]) -> Definition:
    """Return a definition, given the path of its file or the id of a known index.

    Raises:
        NotFoundError: there is no such file or index.
        DefinitionError: the file is not a valid definition.
    """
    path = Path(named)
    if path.suffix in {".toml", ".json"}:
        return load_definition(path, also)
    for index in manifest.indices:
        if index.id == named:
            return Definition.parse(index.definition, index.id)
    if named in library():
        return library()[named]
    known = dict.fromkeys((*(index.id for index in manifest.indices), *library()))
    raise NotFoundError(
        f"definition {named!r}",
        found="no such index, and not the name of a .toml or .json file",
        expected=f"a file, or one of: {', '.join(known)}",
    )


def selection_of(edition: Edition, order: Order) -> Selection | None:
    """Return the selected areas; None for all.

    Raises:
        InvalidRequestError: areas are selected in more than one way, or a file cannot be used.
        NotFoundError: the edition has none of the areas.
    """
    given = [
        name
        for name, value in (
            ("--where", order.where),
            ("--where-file", order.where_file),
            ("--polygon", order.polygon),
        )
        if value
    ]
    if len(given) > 1:
        raise InvalidRequestError(
            "selection", found=" and ".join(given), expected="one way of selecting areas"
        )
    if order.where:
        return choose(edition.atlas, order.where.split(","), gazetteer_of(edition))
    if order.where_file:
        return choose(edition.atlas, read_codes(order.where_file), gazetteer_of(edition))
    if order.polygon:
        outline = read_boundary(order.polygon, order.polygon.name)
        chosen = outlined(edition.atlas, outline.geojson, addresses_of(edition))
        return replace(chosen, how=" ".join((*outline.notes, chosen.how)))
    return None


def _uploads(order: Order) -> tuple[Upload, ...]:
    direction = Direction.LOWER_IS_RISKIER if order.lower_is_riskier else None
    return tuple(upload_from(told, direction=direction) for told in order.values)


def _uncertainty(found: Answer, order: Order, console: Console) -> Uncertainty:
    with told_if_slow(console, "draws") as progress:
        return uncertainty(
            found.composite.definition,
            found.table,
            found.composite.base,
            draws=order.draws,
            seed=order.seed,
            on_progress=progress,
        )


def _told(manifest: Manifest, found: Answer, order: Order) -> dict[str, str]:
    told = {
        "edition": manifest.edition,
        "index": found.composite.definition.id,
        "definition": found.composite.definition.model_dump_json(),
        "base": found.question.base.value,
        "level": order.level.value,
        "notes": "\n".join(found.notes),
    }
    if order.draws:
        told |= {"draws": str(order.draws), "seed": str(order.seed)}
    return told


def _say_unknown(unknown: tuple[str, ...], console: Console) -> None:
    if not unknown:
        return
    more = f" and {len(unknown) - MOST_SHOWN:,} more" if len(unknown) > MOST_SHOWN else ""
    shown = ", ".join(unknown[:MOST_SHOWN])
    console.print(
        f"{len(unknown):,} codes are not in this edition and were left out: {shown}{more}",
        markup=False,
        highlight=False,
    )


@contextmanager
def told_if_slow(console: Console, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a progress callback; quick jobs show nothing."""
    last = time.perf_counter()

    def told(done: int, total: int) -> None:
        nonlocal last
        now = time.perf_counter()
        if now - last >= SLOW_S:
            last = now
            console.print(f"{done:,} of {total:,} {unit}", markup=False, highlight=False)

    yield told
