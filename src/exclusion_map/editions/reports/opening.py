"""Make what reports need from an edition alone, for the command line."""

from collections.abc import Mapping

from exclusion_map.access import StraightLine
from exclusion_map.areas.scoring import Question
from exclusion_map.directory.places import Places
from exclusion_map.editions.gazetteer import estimates_of, gazetteer_of
from exclusion_map.editions.jobs import answer_of
from exclusion_map.editions.profiling import profiler_of_answer
from exclusion_map.editions.reaching import homes_of, listed_places, risk_of, sites_of_places
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports.help_near import HelpTeller
from exclusion_map.editions.reports.maker import ReportMaker
from exclusion_map.editions.reports.own import is_published, own_words, weights_text, with_scores
from exclusion_map.editions.reports.ranges import ranges_of
from exclusion_map.index import Definition
from exclusion_map.terms import AreaKind


def default_definition(edition: Edition) -> Definition:
    """Return the definition of the index that an edition shows unless another is asked for."""
    manifest = edition.manifest
    found = next(one for one in manifest.indices if one.id == manifest.default_index)
    return Definition.parse(found.definition, found.id)


def report_maker(
    edition: Edition,
    definition: Definition,
    weights: Mapping[str, float] | None = None,
    places: Places | None = None,
) -> ReportMaker:
    """Return what makes the reports of an edition.

    Args:
        edition: open.
        definition: of the index; of the edition or of one's own.
        weights: that replace those of the definition, by id.
        places: that can help; those of the edition's own lists for None.

    Raises:
        DefinitionError: a weight or an indicator cannot be used.
    """
    held, given = places or listed_places(edition), dict(weights or {})
    answer = answer_of(edition, Question(definition=definition, weights=given))
    published = not given and is_published(edition.manifest, definition)
    shown = edition if published else with_scores(edition, answer)
    index = str(definition.id)
    scores = shown.atlas.score_set(index, AreaKind.SMALL_AREA)
    profiler = profiler_of_answer(shown, answer)
    return ReportMaker(
        edition=shown,
        profiler=profiler,
        answer=answer,
        drawn=lambda: ranges_of(shown.atlas, answer, scores),
        gazetteer=gazetteer_of(edition),
        estimates=estimates_of(edition),
        help=HelpTeller(
            edition=shown,
            places=held,
            sites=sites_of_places(edition, held),
            homes=homes_of(edition),
            risk=risk_of(shown, index),
            cost=StraightLine(),
        ),
        weights=weights_text(given),
        own=() if published else own_words(definition, given, profiler.indicators),
    )
