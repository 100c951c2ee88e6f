"""The commands ``export`` and ``map``: areas, places or a map of the current edition, as a file."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from exclusion_map.areas.bases import parse_base
from exclusion_map.areas.scoring import Answer, Question
from exclusion_map.editions import current_path
from exclusion_map.editions.downloads import AreaOrder, area_dataset, needs_draws
from exclusion_map.editions.jobs import answer_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.support_downloads import SupportOrder, support_dataset
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.area_columns import parse_groups
from exclusion_map.exports.formats import parse_format
from exclusion_map.exports.writing import write
from exclusion_map.index.uncertainty import Uncertainty, uncertainty
from exclusion_map.outputs import write_file
from exclusion_map.terms import SupportKind
from pipelines.score import Order, definition_of, selection_of, told_if_slow

DRAWS = 200
SEED = 1


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """Options of the command: scores to calculate, and what to write to the file."""

    scores: Order
    columns: str = ""
    decile: int | None = None


def export(processed_dir: Path, order: ExportOrder, console: Console) -> None:
    """Write areas of the current edition to a file.

    Raises:
        ExclusionMapError: naming what is wrong with the order or the edition.
    """
    form = parse_format(order.scores.out.suffix)
    wanted = AreaOrder(
        kind=order.scores.level, groups=parse_groups(order.columns), decile=order.decile
    )
    edition, found = _answered(processed_dir, order.scores)
    drawn = _drawn(found, console) if needs_draws(edition, found, wanted) else None
    dataset = area_dataset(edition, found, wanted, drawn)
    write(dataset, form, order.scores.out)
    _say(console, *found.notes, f"{len(dataset):,} rows written to {order.scores.out}")


def export_support(
    processed_dir: Path, out: Path, area: str, kinds: tuple[SupportKind, ...], console: Console
) -> None:
    """Write places of support of the current edition to a file.

    Raises:
        ExclusionMapError: naming what is wrong with the order or the edition.
    """
    form = parse_format(out.suffix)
    edition = open_edition(current_path(processed_dir))
    dataset = support_dataset(edition, SupportOrder(kinds=kinds, area=area))
    write(dataset, form, out)
    _say(console, f"{len(dataset):,} places written to {out}")


def draw_map(processed_dir: Path, order: Order, decile: int | None, console: Console) -> None:
    """Write a map of areas of the current edition as one HTML file.

    Raises:
        ExclusionMapError: naming what is wrong with the order or the edition.
    """
    if order.out.suffix.lower() not in (".html", ".htm"):
        raise InvalidRequestError(
            f"output {order.out.name}", found=f"ending {order.out.suffix!r}", expected=".html"
        )
    # Imported here, because only maps need this library.
    from exclusion_map.editions.mapping import map_of
    from exclusion_map.maps.folium_page import page_text

    edition, found = _answered(processed_dir, order)
    chart = map_of(edition, found, AreaOrder(kind=order.level, decile=decile))
    write_file(order.out, page_text(chart))
    size = order.out.stat().st_size / 1e6
    _say(console, f"Map written to {order.out} ({size:.1f} MB). It opens without a network.")


def _answered(processed_dir: Path, order: Order) -> tuple[Edition, Answer]:
    edition = open_edition(current_path(processed_dir))
    named = order.definition or edition.manifest.default_index
    asked = Question(
        definition=definition_of(edition.manifest, named, []),
        weights=order.weights,
        base=parse_base(order.base),
        selection=selection_of(edition, order),
    )
    return edition, answer_of(edition, asked)


def _drawn(found: Answer, console: Console) -> Uncertainty:
    with told_if_slow(console, "draws") as progress:
        return uncertainty(
            found.composite.definition,
            found.table,
            found.composite.base,
            draws=DRAWS,
            seed=SEED,
            on_progress=progress,
        )


def _say(console: Console, *lines: str) -> None:
    for line in lines:
        console.print(line, markup=False, highlight=False)
