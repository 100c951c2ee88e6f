"""The makers of profiles of an edition's areas, one for each of its indices."""

import threading
from collections.abc import Iterator, Mapping

import numpy as np

from exclusion_map.areas.drivers import Contributions, contributions_of
from exclusion_map.areas.facts import FactMaker, SourceNote
from exclusion_map.areas.profiler import Profiler
from exclusion_map.areas.scoring import Answer
from exclusion_map.editions.manifest import EditionIndex
from exclusion_map.editions.reader import Edition
from exclusion_map.index import Definition
from exclusion_map.index.screen import screen
from exclusion_map.terms import AreaKind


class Profilers(Mapping[str, Profiler]):
    """The makers of profiles by index, each made when first asked for: some are never.

    That every index can be run is made sure of at once.

    Raises:
        DefinitionError: an index cannot be run by this version.
    """

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._indices = {str(index.id): index for index in edition.manifest.indices}
        self._made: dict[str, Profiler] = {}
        self._making = threading.Lock()
        for index in self._indices.values():
            screen(Definition.parse(index.definition, index.id), edition.values)

    def __getitem__(self, index: str) -> Profiler:
        made = self._made.get(index)
        if made is None:
            with self._making:
                made = self._made.get(index) or profiler_of(self._edition, self._indices[index])
                self._made[index] = made
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)


def profiler_of(edition: Edition, index: EditionIndex) -> Profiler:
    """Return the maker of profiles by an index of an edition.

    Raises:
        DefinitionError: the index cannot be run by this version.
    """
    made = edition.prepared[index.id].compose()
    return _profiler(edition, made.definition, index.title, contributions_of(made))


def profiler_of_answer(edition: Edition, answer: Answer) -> Profiler:
    """Return the maker of profiles by an index worked out now, whose scores the edition has."""
    made = answer.composite
    held = edition.atlas.indicators[AreaKind.SMALL_AREA].ids
    at = [place for place, name in enumerate(made.indicators) if name in held]
    points = contributions_of(made)
    if len(at) < len(made.indicators) or points.points is made.contributions:
        points = Contributions(
            tuple(made.indicators[place] for place in at), np.asarray(points.points)[:, at]
        )
    return _profiler(edition, made.definition, made.definition.title, points)


def _profiler(
    edition: Edition, definition: Definition, title: str, points: Contributions
) -> Profiler:
    manifest = edition.manifest
    indicators = {str(indicator.id): indicator for indicator in manifest.indicators}
    return Profiler(
        atlas=edition.atlas,
        indicators=indicators,
        index=str(definition.id),
        index_title=title,
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
