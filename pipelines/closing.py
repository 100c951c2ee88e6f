"""The command ``closing``: who has farther to go if a place of support closes."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from rich.console import Console

from exclusion_map.areas.phrases import about, distance
from exclusion_map.editions import current_path
from exclusion_map.editions.papers.closing import Closed, closing_columns, closing_paper
from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.reaching import homes_of, risk_of
from exclusion_map.editions.reader import open_edition
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.exports.score_tables import check_format, write_table
from exclusion_map.targeting.closing import closing_of
from exclusion_map.targeting.sites import Sites
from exclusion_map.terms import AreaKind
from pipelines.gaps import Reach
from pipelines.papers import write_report
from pipelines.places import sites_now

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class ClosingOrder:
    """Options of the command.

    Attributes:
        place: id or name of the place.
        out: output file of small areas.
        report: output file of a report.
    """

    place: str
    out: Path | None = None
    report: PaperFile | None = None


def closing(processed_dir: Path, reach: Reach, order: ClosingOrder, console: Console) -> None:
    """Print who has farther to go without a place; write areas or a report if requested.

    Raises:
        ExclusionMapError: an option is invalid, or the edition cannot be used.
    """
    if order.report is not None:
        order.report.check()
    if order.out is not None:
        check_format(order.out)
    edition = open_edition(current_path(processed_dir))
    cost = reach.cost()
    with console.status("Looking for ways to the next place"):
        sites = sites_now(edition, reach.database_url, console)
        identity = place_called(sites, order.place)
        found = Closed(
            edition=edition,
            sites=sites,
            closing=closing_of(homes_of(edition), sites, identity, cost, threshold=reach.threshold),
            risk=risk_of(edition, reach.index_id(edition)),
            way=cost.label,
        )
    for line in _lines(found):
        console.print(line, markup=False, highlight=False)
    if order.out is not None:
        told = {"edition": edition.id, "way": cost.label, "place": identity}
        write_table(order.out, closing_columns(found), told)
    write_report(order.report, partial(closing_paper, found), console)


def place_called(sites: Sites, text: str) -> str:
    """Return the id of the place with an id or a name.

    Raises:
        NotFoundError: there is no such place.
        InvalidRequestError: several places have that name.
    """
    wanted = text.strip()
    if wanted in sites.snapshot.ids:
        return wanted
    names = [name.casefold() for name in sites.snapshot.names]
    rows = [row for row, name in enumerate(names) if name == wanted.casefold()]
    if len(rows) == 1:
        return sites.id(rows[0])
    if rows:
        raise InvalidRequestError(
            f"place {wanted!r}",
            found=f"{len(rows)} places with that name: "
            + ", ".join(f"{sites.id(row)} ({sites.kind(row)})" for row in rows[:5]),
            expected="one place",
            mend="Give its id.",
        )
    near = get_close_matches(wanted, sites.snapshot.names, 4)
    raise NotFoundError(
        f"place {wanted!r}",
        found="no such place",
        expected=f"an id or a name, such as {', '.join(near)}" if near else "an id or a name",
    )


def _lines(found: Closed) -> list[str]:
    closing = found.closing
    lines = [
        found.lead,
        f"{about(found.at_risk)} of them live in the highest-risk fifth of areas",
        found.way,
    ]
    small = found.edition.atlas.level(AreaKind.SMALL_AREA)
    for at, row in enumerate(closing.rows[:SHOWN].tolist()):
        other = int(closing.other[at])
        then = f"{found.sites.name(other)}, {distance(closing.then[at])}" if other >= 0 else "none"
        lines.append(
            f"  {small.labels[row]}: {about(closing.users[at])} people, "
            f"{about(closing.lose[at])} lose one within {found.far}; then {then}"
        )
    if len(closing.rows) > SHOWN:
        lines.append(f"  and {len(closing.rows) - SHOWN:,} more areas: see the file of --out")
    return lines
