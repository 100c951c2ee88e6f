"""The commands ``gaps`` and ``siting``: where support is far, and where new places help most."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console

from exclusion_map.access import StraightLine, TravelCost
from exclusion_map.access.routing import StreetWalk
from exclusion_map.areas.phrases import about, distance, listed
from exclusion_map.directory.selecting import Choice
from exclusion_map.editions import current_path
from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.papers.gaps import GapsFound, gaps_paper
from exclusion_map.editions.reaching import homes_of, risk_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.exports.score_tables import check_format, write_table
from exclusion_map.targeting.access_query import AccessQuestion, access_of
from exclusion_map.targeting.gaps import Gaps, Worst, find_gaps
from exclusion_map.targeting.sites import words_of
from exclusion_map.targeting.tables import gap_columns
from exclusion_map.terms import AreaKind
from pipelines.papers import write_report
from pipelines.places import sites_now

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Which support counts, where, and within which distance: shared by several commands.

    Attributes:
        kinds: kinds of place.
        within: code of an area; empty for everywhere.
        threshold: distance in metres.
        index: id of an index; empty for the default one.
        streets: OpenStreetMap extract for walking routes; straight lines if None.
        database_url: address of the directory of support; the edition's lists if empty.
    """

    kinds: tuple[str, ...]
    within: str
    threshold: float
    index: str
    streets: Path | None = None
    database_url: str = ""

    @property
    def choice(self) -> Choice:
        """The places that count."""
        return Choice(kinds=self.kinds)

    def cost(self) -> TravelCost:
        """Return the method for distances."""
        return StraightLine() if self.streets is None else StreetWalk.open(self.streets)

    def index_id(self, edition: Edition) -> str:
        """Return the id of the index, or of the default index."""
        return self.index or edition.manifest.default_index

    def index_title(self, edition: Edition) -> str:
        """Return the title of the index, or its id if the edition does not have it."""
        wanted = self.index_id(edition)
        return next((one.title for one in edition.manifest.indices if one.id == wanted), wanted)

    def rows(self, edition: Edition) -> npt.NDArray[np.int64]:
        """Return the rows of the small areas concerned."""
        if not self.within:
            return np.arange(len(edition.atlas.level(AreaKind.SMALL_AREA)))
        members = edition.atlas.members(*edition.atlas.find(self.within))
        return np.sort(members).astype(np.int64)


def gaps(
    processed_dir: Path,
    reach: Reach,
    worst: Worst,
    out: Path | None,
    console: Console,
    report: PaperFile | None = None,
) -> None:
    """Print where risk is high and support far; write all areas or a report if requested.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    if report is not None:
        report.check()
    if out is not None:
        check_format(out)
    edition = open_edition(current_path(processed_dir))
    cost = reach.cost()
    homes, sites = homes_of(edition), sites_now(edition, reach.database_url, console)
    risk = risk_of(edition, reach.index_id(edition))
    question = AccessQuestion(choice=reach.choice, threshold=reach.threshold)
    access = access_of(edition.atlas, homes, sites, question, cost, reach.rows(edition))
    found = find_gaps(
        edition.atlas,
        homes,
        access,
        risk,
        worst=worst,
        borders=edition.borders,
        walk=max(1_000.0, reach.threshold),
    )
    for line in _lines(edition, found, reach):
        console.print(line, markup=False, highlight=False)
    console.print(cost.label, markup=False, highlight=False)
    if out is not None:
        told = {"edition": edition.id, "way": cost.label, "places": words_of(reach.choice)}
        write_table(out, gap_columns(edition.atlas, sites, found, risk), told)
    known = GapsFound(
        edition=edition,
        sites=sites,
        code=reach.within,
        asked=question,
        worst=worst,
        index=reach.index_title(edition),
        gaps=found,
        risk=risk,
        way=cost.label,
    )
    write_report(report, partial(gaps_paper, known), console)


def _lines(edition: Edition, found: Gaps, reach: Reach) -> list[str]:
    one = words_of(reach.choice, many=False)
    lines = [
        f"{about(found.high_beyond)} people live in high-risk areas more than "
        f"{distance(reach.threshold)} from any {one}; {len(found.listed):,} areas, "
        f"{len(found.groups):,} neighbourhoods"
    ]
    names = edition.atlas.levels.get(AreaKind.NEIGHBOURHOOD)
    for group in found.groups[:SHOWN]:
        called = [names.labels[row] for row in group.neighbourhoods] if names else []
        lines.append(
            f"  {listed(called) or 'unnamed'}: {about(group.beyond)} people, "
            f"{group.concerned:,.0f} at risk (modelled)"
        )
    return lines
