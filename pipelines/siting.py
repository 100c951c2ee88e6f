"""The command ``siting``: which new places of support help most."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import Progress

from exclusion_map.editions import current_path
from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.papers.siting import Sited, siting_paper
from exclusion_map.editions.reaching import homes_of, risk_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.score_tables import check_format, write_table
from exclusion_map.targeting.candidates import (
    Candidates,
    Place,
    grid_of,
    listed_candidates,
    places_of,
)
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.sites import Sites
from exclusion_map.targeting.siting_query import Siting, SitingQuestion, site_places
from exclusion_map.targeting.siting_table import chosen_columns
from exclusion_map.uploads.text import text_of_file, with_commas
from pipelines.gaps import Reach
from pipelines.papers import write_report
from pipelines.places import sites_now


@dataclass(frozen=True, kw_only=True)
class SitingOrder:
    """Options of the command.

    Attributes:
        question: objective and limits of the choice.
        kinds: kinds of place to choose from.
        grid: alternatively, spacing of a grid of points in metres.
        listed: alternatively, a CSV file of name, postcode (or latitude and longitude) and cost.
        seconds: time limit.
        out: output file of the chosen places.
        report: output file of a report.
    """

    question: SitingQuestion
    kinds: tuple[str, ...] = ()
    grid: float | None = None
    listed: Path | None = None
    seconds: float = 60.0
    out: Path | None = None
    report: PaperFile | None = None


def siting(processed_dir: Path, reach: Reach, order: SitingOrder, console: Console) -> None:
    """Choose new places: print them, and write them to a file if requested.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    if order.report is not None:
        order.report.check()
    if order.out is not None:
        check_format(order.out)
    edition = open_edition(current_path(processed_dir))
    sites = sites_now(edition, reach.database_url, console)
    homes, rows = homes_of(edition), reach.rows(edition)
    candidates = _candidates(edition, homes, sites, rows, order)
    cost = reach.cost()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("siting", total=1.0)
        found = site_places(
            edition.atlas,
            homes,
            sites,
            risk_of(edition, reach.index_id(edition)),
            order.question,
            candidates,
            rows,
            cost,
            seconds=order.seconds,
            report=lambda words, done: progress.update(task, completed=done, description=words),
        )
    for line in _lines(found, order.question):
        console.print(line, markup=False, highlight=False)
    console.print(cost.label, markup=False, highlight=False)
    if order.out is not None:
        write_table(order.out, chosen_columns(found), {"edition": edition.id, "way": cost.label})
    sited = Sited(
        edition=edition,
        sites=sites,
        code=reach.within,
        question=order.question,
        index=reach.index_title(edition),
        siting=found,
        way=cost.label,
    )
    write_report(order.report, partial(siting_paper, sited), console)


def _candidates(
    edition: Edition,
    homes: Homes,
    sites: Sites,
    rows: npt.NDArray[np.int64],
    order: SitingOrder,
) -> Candidates:
    given = [bool(order.kinds), order.grid is not None, order.listed is not None]
    if sum(given) != 1:
        raise InvalidRequestError(
            "siting",
            found=f"{sum(given)} of --candidates, --grid and --list",
            expected="one of them",
        )
    if order.grid is not None:
        return grid_of(edition.atlas, homes, rows, order.grid)
    if order.listed is None:
        return places_of(sites, order.kinds, rows, " and ".join(order.kinds))
    text = with_commas(text_of_file(order.listed, f"list {order.listed.name}"))

    def find(postcode: str) -> Place | None:
        place = edition.postcodes.find(postcode) if edition.postcodes else None
        if place is None or place.longitude is None or place.latitude is None:
            return None
        return place.longitude, place.latitude

    return listed_candidates(text, find)


def _lines(found: Siting, question: SitingQuestion) -> list[str]:
    solution, before, after = found.solution, found.before, found.after
    proof = "proved best" if solution.gap == 0 else f"within {solution.gap:.2%} of the best"
    lines = [
        f"{len(found.steps)} of {len(found.candidates):,} candidates, {proof}, "
        f"{solution.seconds:.1f} s",
        f"  {question.whose.label} within {question.threshold:,.0f} m: {before.served:,.0f} now, "
        f"{after.served:,.0f} then, of {found.meant:,.0f}",
        f"  mean way: {before.way:,.0f} m now, {after.way:,.0f} m then",
    ]
    last = before.served
    for number, (row, step) in enumerate(zip(solution.opened.tolist(), found.steps, strict=True)):
        name = found.candidates.names[row]
        lines.append(
            f"  {number + 1}. {name}: {step.served - last:+,.0f} within, {step.way:,.0f} m"
        )
        last = step.served
    return lines
