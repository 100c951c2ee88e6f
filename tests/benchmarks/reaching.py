"""How long access, the floating catchment and siting take, in this process."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from exclusion_map.access import StraightLine
from exclusion_map.directory.selecting import Choice
from exclusion_map.editions.reaching import homes_of, risk_of, sites_of
from exclusion_map.editions.reader import open_edition
from exclusion_map.targeting.candidates import grid_of
from exclusion_map.targeting.homes import points_of
from exclusion_map.targeting.reach import nearness, supply_of
from exclusion_map.targeting.sites import choose_sites
from exclusion_map.targeting.siting_query import Aim, SitingQuestion, Whose, site_places
from exclusion_map.terms import AreaKind
from tests.benchmarks.figures import Section, Table, Verdict

Made = TypeVar("Made")
AREAS, CANDIDATES, NEW = 1_600, 500, 10


def measure(edition_folder: Path) -> Section:
    """Measure nearest and counts, E2SFCA, and siting with 500 candidates among 1,600 areas."""
    edition = open_edition(edition_folder)
    homes, sites = homes_of(edition), sites_of(edition)
    way, places = StraightLine(), sites.at(choose_sites(sites, Choice()).rows)
    homes.centres, way.nearest(places, places)  # what is made once, and what is imported
    everyone = np.arange(len(homes))
    centres, half = _timed(lambda: way.nearest(points_of(homes.centres), places))
    del centres
    _, counts = _timed(lambda: way.within(points_of(homes.centres), places, 1_200.0))
    _, postcodes = _timed(lambda: nearness(homes.of(everyone), places, way, 1_000.0))
    ones = np.ones(len(places))
    _, catchment = _timed(lambda: supply_of(homes, places, ones, way, threshold=800.0))
    near = half + counts
    rows = [
        ["nearest of all places, from centres of areas", f"{half:.2f} s"],
        ["every place within 15 minutes, from centres", f"{counts:.2f} s"],
        ["nearest of all places, from every postcode", f"{postcodes:.2f} s"],
        ["counts and E2SFCA, three zones to 30 minutes", f"{catchment:.2f} s"],
    ]
    verdicts = [
        Verdict("nearest and counts of all areas", "5 s", f"{near:.2f} s", near <= 5),
        Verdict("E2SFCA of all areas", "15 s", f"{catchment:.2f} s", catchment <= 15),
    ]
    code = _largest_icb(edition)
    members = np.sort(edition.atlas.members(*edition.atlas.find(code)))[:AREAS].astype(np.int64)
    grid = grid_of(edition.atlas, homes, members, 1_000.0)
    chosen = np.linspace(0, len(grid) - 1, min(CANDIDATES, len(grid))).astype(np.int64)
    candidates = grid.taken(np.unique(chosen))
    risk = risk_of(edition, edition.manifest.default_index)
    for aim in Aim:
        question = SitingQuestion(aim=aim, k=NEW, whose=Whose.EVERYONE)
        found, taken = _timed(
            lambda question=question: site_places(
                edition.atlas, homes, sites, risk, question, candidates, members, way
            )
        )
        what = f"siting for {aim.value}: {NEW} of {len(candidates)} among {len(members):,} areas"
        rows.append([what, f"{taken:.2f} s, gap {found.solution.gap:.2%}"])
        verdicts.append(Verdict(what, "60 s", f"{taken:.2f} s", taken <= 60))
    note = f"{len(homes):,} areas, {len(places):,} places; once each, warm."
    return Section("Access and siting", [Table(("", "wall"), rows, note)], verdicts)


def _largest_icb(edition: object) -> str:
    levels = edition.atlas.levels  # type: ignore[attr-defined]
    level = levels.get(AreaKind.ICB) or levels[AreaKind.NATION]
    enough = [row for row, size in enumerate(level.small_areas.tolist()) if size >= AREAS]
    rows = enough or [int(level.small_areas.argmax())]
    return str(level.codes[min(rows, key=lambda row: level.small_areas[row])])


def _timed(job: Callable[[], Made]) -> tuple[Made, float]:
    begun = time.perf_counter()
    made = job()
    return made, time.perf_counter() - begun
