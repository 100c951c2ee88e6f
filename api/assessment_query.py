"""What a request for an impact assessment asks, and the answer: for API and page.

Who is concerned is read as footprints read it: lists stay in memory and are gone with the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
from fastapi import Request
from pydantic import Field
from starlette.datastructures import State

from api.engine import Engine, engines_of
from api.footprint_asking import FootprintAsked, FootprintParams, ServedParams
from api.footprint_query import compared_with, rule_of, served_asked
from api.remember import Memory
from api.remote_help import help_entries
from api.service import Service
from api.targets import WAY, Base, base_of
from api.work import in_thread
from exclusion_map.areas.atlas import Level
from exclusion_map.areas.phrases import listed
from exclusion_map.areas.rollup_reading import entries_of
from exclusion_map.editions.assessment import Assessment, assess, grounds_of
from exclusion_map.targeting.assessment.reach import Around, usual_reach
from exclusion_map.targeting.footprint import Served
from exclusion_map.terms import AreaKind

MOST_NAMED: Final = 4
"""Places that name an assessment; of more, the list does."""


class AssessmentParams(ServedParams):
    """How to read who is concerned, and what to compare them with."""

    index: str = Field(
        default="",
        max_length=60,
        description="Id of an index in the edition; its default if omitted.",
    )

    @property
    def footprint(self) -> FootprintParams:
        """The same as footprints read it."""
        return FootprintParams(name=self.name, basis=self.basis)


@dataclass(eq=False)
class Held:
    """What assessments of an app share: of editions and places, never of lists."""

    arounds: Memory[Around] = field(default_factory=lambda: Memory(2))
    usual: Memory[Mapping[str, float]] = field(default_factory=lambda: Memory(6))
    answers: Memory[Assessment] = field(default_factory=lambda: Memory(4))
    """Of places named in addresses alone: who reads a page often takes its files, too."""


_FIELDS: Final = tuple(AssessmentParams.model_fields)


def held_of(state: State) -> Held:
    """Return what assessments of an app share; made with the first."""
    if not hasattr(state, "assessment_held"):
        state.assessment_held = Held()
    held: Held = state.assessment_held
    return held


async def assessed(
    request: Request, service: Service, params: AssessmentParams, asked: FootprintAsked
) -> Assessment:
    """Return the answer, worked out in a thread of the pool.

    Raises:
        InvalidRequestError: it cannot be read, or so few people are listed that nothing is told.
        NotFoundError: nothing of it can be understood, or the index or place is unknown.
    """
    return await in_thread(request, lambda _: _assessed(request, service, params, asked))


def _assessed(
    request: Request, service: Service, params: AssessmentParams, asked: FootprintAsked
) -> Assessment:
    base, held = base_of(request, service), held_of(request.app.state)
    if request.method == "POST" or asked.body is None:
        return _worked_out(request, base, held, params, asked)
    shared = AssessmentParams(**{name: getattr(params, name) for name in _FIELDS})
    key = (
        *(service.edition.folder, base.places.tag, shared.model_dump_json(), asked.body.where),
        *(datetime.now(UTC).date(), _versions(request)),
    )
    return held.answers.get(key, lambda: _worked_out(request, base, held, params, asked))


def _versions(request: Request) -> tuple[tuple[str, int], ...]:
    return tuple((one.id, one.version) for one in help_entries(request.app.state))


def _worked_out(
    request: Request, base: Base, held: Held, params: AssessmentParams, asked: FootprintAsked
) -> Assessment:
    service = base.service
    engine = engines_of(request.app.state).of(service)
    edition, index = service.edition, service.index(params.index).id
    served = _named(engine, served_asked(engine, asked), params, asked)
    comparator = compared_with(service, params.compare, served)
    around = _around(held, base)
    residents = np.nan_to_num(edition.atlas.level(AreaKind.SMALL_AREA).population)
    usual = held.usual.get(
        (edition.folder, base.places.tag, comparator.code),
        lambda: usual_reach(around, np.where(comparator.inside, residents, 0.0)),
    )
    grounds = grounds_of(
        edition,
        index,
        today=datetime.now(UTC).date(),
        points=service.profilers[index].contributions,
        around=around,
        risk=base.risk(index),
        rule=rule_of(),
    )
    return assess(
        edition,
        grounds,
        served,
        index=index,
        compare=comparator,
        usual=usual,
        help_entries=help_entries(request.app.state),
    )


def _around(held: Held, base: Base) -> Around:
    edition = base.service.edition
    nations = edition.atlas.level(AreaKind.SMALL_AREA).nations
    return held.arounds.get(
        (edition.folder, base.places.tag),
        lambda: Around(homes=base.homes, sites=base.sites, cost=WAY, nations=nations),
    )


def _named(
    engine: Engine, served: Served, params: AssessmentParams, asked: FootprintAsked
) -> Served:
    """Return who is served under the names of a few areas, where nothing else names them."""
    body = asked.body.where if asked.body is not None else ()
    if params.name.strip() or served.matching.personal or asked.content:
        return served
    texts = list(body) or list(entries_of(asked.where[:2_000]))
    if not 0 < len(texts) <= MOST_NAMED or served.matching.rows != len(texts):
        return served
    atlas = engine.service.edition.atlas
    names = [_label(atlas.find(text)) if atlas.has(text) else text.strip() for text in texts]
    return Served(
        name=listed(names), people=served.people, basis=served.basis, matching=served.matching
    )


def _label(found: tuple[Level, int]) -> str:
    level, row = found
    return level.labels[row]
