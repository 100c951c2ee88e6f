"""Make what reports need from an edition alone, for the command line."""

from exclusion_map.access import StraightLine
from exclusion_map.areas.scoring import Question
from exclusion_map.directory.places import Places
from exclusion_map.editions.gazetteer import estimates_of, gazetteer_of
from exclusion_map.editions.jobs import answer_of
from exclusion_map.editions.profiling import profiler_of
from exclusion_map.editions.reaching import homes_of, listed_places, risk_of, sites_of_places
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports.help_near import HelpTeller
from exclusion_map.editions.reports.maker import ReportMaker
from exclusion_map.editions.reports.ranges import ranges_of
from exclusion_map.errors import NotFoundError
from exclusion_map.index import Definition
from exclusion_map.terms import AreaKind


def report_maker(edition: Edition, index: str = "", places: Places | None = None) -> ReportMaker:
    """Return what makes the reports of an edition.

    Args:
        edition: open.
        index: id; the default one if empty.
        places: that can help; those of the edition's own lists for None.

    Raises:
        NotFoundError: the edition has no such index.
    """
    wanted = index or edition.manifest.default_index
    found = next((one for one in edition.manifest.indices if one.id == wanted), None)
    if found is None:
        raise NotFoundError(
            f"index {wanted!r}",
            found="no such index in this edition",
            expected=f"one of: {', '.join(one.id for one in edition.manifest.indices)}",
        )
    held = places or listed_places(edition)
    asked = Question(definition=Definition.parse(found.definition, wanted))
    answer = answer_of(edition, asked)
    scores = edition.atlas.score_set(wanted, AreaKind.SMALL_AREA)
    return ReportMaker(
        edition=edition,
        profiler=profiler_of(edition, found),
        answer=answer,
        drawn=lambda: ranges_of(edition.atlas, answer, scores),
        gazetteer=gazetteer_of(edition),
        estimates=estimates_of(edition),
        help=HelpTeller(
            edition=edition,
            places=held,
            sites=sites_of_places(edition, held),
            homes=homes_of(edition),
            risk=risk_of(edition, wanted),
            cost=StraightLine(),
        ),
    )
