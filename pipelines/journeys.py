"""The command ``journeys``: minutes to the nearest support by public transport and on foot."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console

from exclusion_map.access import WALK_M_PER_MINUTE, StraightLine
from exclusion_map.access.routing import StreetWalk
from exclusion_map.access.transit import PublicTransport
from exclusion_map.areas.phrases import about
from exclusion_map.editions import current_path
from exclusion_map.editions.reaching import homes_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.exports.score_tables import Columns, check_format, write_table
from exclusion_map.targeting.homes import points_of
from exclusion_map.targeting.sites import Sites, choose_sites, words_of
from exclusion_map.terms import AreaKind
from pipelines.gaps import Reach
from pipelines.places import sites_now
from pipelines.progress import Progress

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Travel:
    """Timetable, and day and time of travel.

    Attributes:
        timetable: GTFS zip file.
        day: date of travel.
        first: first departure, in minutes after midnight.
        last: last departure, in minutes after midnight.
    """

    timetable: Path
    day: date
    first: float
    last: float


def journeys(
    processed_dir: Path, reach: Reach, travel: Travel, out: Path | None, console: Console
) -> None:
    """Print travel times to the nearest support; write all areas to a file if requested.

    Args:
        processed_dir: folder of editions.
        reach: places and origins; its threshold is in minutes.
        travel: timetable, day and time.
        out: output file, if any.
        console: for output.

    Raises:
        ExclusionMapError: an option or a file is invalid, or the edition cannot be used.
    """
    if out is not None:
        check_format(out)
    edition = open_edition(current_path(processed_dir))
    rows = reach.rows(edition)
    progress = Progress(console, 2)
    with progress.step("Reading the timetable"):
        walk = _walk(reach.streets)
        cost = PublicTransport.open(travel.timetable, travel.day, travel.first, travel.last, walk)
    sites = sites_now(edition, reach.database_url, console)
    chosen = choose_sites(sites, reach.choice).rows
    centres = points_of(homes_of(edition).of(rows).centres())
    with progress.step(f"Finding journeys from {len(rows):,} small areas"):
        minutes, found = cost.nearest(centres, sites.at(chosen))
    place = np.where(found >= 0, chosen[found], -1)
    for line in _lines(edition, rows, minutes, reach):
        console.print(line, markup=False, highlight=False)
    console.print(cost.label, markup=False, highlight=False)
    if out is not None:
        told = {"edition": edition.id, "way": cost.label, "places": words_of(reach.choice)}
        write_table(out, _columns(edition, rows, sites, minutes, place), told)


def _walk(streets: Path | None) -> StraightLine | StreetWalk:
    if streets is None:
        return StraightLine(metres_per_minute=WALK_M_PER_MINUTE)
    return StreetWalk.open(streets, metres_per_minute=WALK_M_PER_MINUTE)


def _lines(edition: Edition, rows: Rows, minutes: Floats, reach: Reach) -> list[str]:
    people = np.nan_to_num(edition.atlas.level(AreaKind.SMALL_AREA).population[rows])
    within, unknown = minutes <= reach.threshold, np.isnan(minutes)
    one, by = words_of(reach.choice, many=False), f"{reach.threshold:g} minutes"
    lines = [
        f"{about(people[within].sum())} of {about(people.sum())} people live in small areas from "
        f"whose middle a {one} is within {by}; {about(people[~within & ~unknown].sum())} do not."
    ]
    if unknown.any():
        lines.append(f"{unknown.sum():,} areas: not known, they lie off the street network.")
    return lines


def _columns(edition: Edition, rows: Rows, sites: Sites, minutes: Floats, place: Rows) -> Columns:
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    return {
        "area_code": [small.codes[row] for row in rows.tolist()],
        "area_name": [small.labels[row] for row in rows.tolist()],
        "population": small.population[rows],
        "minutes": np.where(np.isfinite(minutes), np.round(minutes, 1), np.nan),
        "reached": np.where(np.isnan(minutes), np.nan, np.isfinite(minutes).astype(np.float64)),
        "nearest_id": [sites.id(row) if row >= 0 else "" for row in place.tolist()],
        "nearest_name": [sites.name(row) if row >= 0 else "" for row in place.tolist()],
    }
