"""The maker of profiles of an edition's areas, by one of its indices."""

from exclusion_map.areas.drivers import contributions
from exclusion_map.areas.facts import FactMaker, SourceNote
from exclusion_map.areas.profiler import Profiler
from exclusion_map.editions.manifest import EditionIndex
from exclusion_map.editions.reader import Edition
from exclusion_map.index import Definition


def profiler_of(edition: Edition, index: EditionIndex) -> Profiler:
    """Return the maker of profiles by an index of an edition.

    Raises:
        DefinitionError: the index cannot be run by this version.
    """
    manifest = edition.manifest
    definition = Definition.parse(index.definition, index.id)
    indicators = {str(indicator.id): indicator for indicator in manifest.indicators}
    directions = {identity: indicator.direction for identity, indicator in indicators.items()}
    points = contributions(edition.atlas, definition, directions)
    return Profiler(
        atlas=edition.atlas,
        indicators=indicators,
        index=index.id,
        index_title=index.title,
        place=manifest.title,
        edition=manifest.edition,
        synthetic=manifest.synthetic,
        facts=FactMaker(
            atlas=edition.atlas,
            indicators=indicators,
            sources={
                source.id: SourceNote(source.title, source.vintage) for source in manifest.sources
            },
            used=frozenset(points.indicators),
            place=manifest.title,
        ),
        contributions=points,
        cautions=definition.cautions,
    )
