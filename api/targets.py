"""What questions of access, gaps and siting stand on: homes, places and answers kept a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from fastapi import Request
from pydantic import Field
from starlette.datastructures import State

from api import standing_in
from api.pages.areas import code_of
from api.remember import Memory
from api.service import Service
from api.support_query import SupportFilter, places_in
from exclusion_map.access import StraightLine
from exclusion_map.directory.places import Places
from exclusion_map.directory.selecting import Choice
from exclusion_map.editions.reaching import homes_of, risk_of, sites_of_places
from exclusion_map.targeting.access_query import FARTHEST, Access, AccessQuestion, access_of
from exclusion_map.targeting.gaps import Gaps, Risk, Worst, find_gaps
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.sites import CHOICE, Sites
from exclusion_map.terms import AreaKind

Rows = npt.NDArray[np.int64]
WAY = StraightLine()
"""How ways are estimated in the service; the result says so."""
_ANSWERS = 12
_BASES = 2


class TargetParams(SupportFilter):
    """Which support, for whom, and how far is far."""

    within: str = Field(
        default="", max_length=120, description="Code or name of an area; everywhere if omitted."
    )
    threshold: float = Field(
        default=1_000.0,
        gt=0,
        le=FARTHEST,
        description="Estimated walking distance that counts as in reach, in metres; 1,200 is 15 "
        "minutes on foot.",
    )
    index: str | None = Field(
        default=None, max_length=60, description="Id of an index; the default index if omitted."
    )

    @property
    def looked_for(self) -> Choice:
        """The places that count: libraries unless kinds or support are named."""
        choice = self.choice
        if choice.kinds or choice.support:
            return choice
        return Choice(
            kinds=CHOICE.kinds,
            open_at=choice.open_at,
            free=choice.free,
            language=choice.language,
            access=choice.access,
            words=choice.words,
        )


class GapParams(TargetParams):
    """Which areas count as of high risk, besides."""

    worst: Worst = Field(
        default=Worst.FIFTH, description="tenth or fifth of people with the highest risk."
    )


@dataclass(frozen=True, eq=False)
class Base:
    """One edition with its places as they are at one time."""

    service: Service
    homes: Homes
    places: Places
    answers: Memory[Access] = field(default_factory=lambda: Memory(_ANSWERS, heavy=True))
    risks: Memory[Risk] = field(default_factory=lambda: Memory(4))

    @cached_property
    def sites(self) -> Sites:
        """Places of support as arrays."""
        return sites_of_places(self.service.edition, self.places)

    def rows(self, within: str) -> tuple[str, Rows]:
        """Return the code of an area, and its small areas; empty and all for everywhere.

        Raises:
            NotFoundError: nothing is called that.
        """
        code = code_of(self.service, within)
        atlas = self.service.edition.atlas
        if not code:
            return "", np.arange(len(atlas.level(AreaKind.SMALL_AREA)))
        return code, np.sort(atlas.members(*atlas.find(code))).astype(np.int64)

    def access(self, question: AccessQuestion, code: str, rows: Rows) -> Access:
        """Return the access of the small areas of an area, remembered for a while."""
        atlas = self.service.edition.atlas
        return self.answers.get(
            (question, code),
            lambda: access_of(atlas, self.homes, self.sites, question, WAY, rows),
        )

    def risk(self, index: str | None) -> Risk:
        """Return the risk by an index.

        Raises:
            NotFoundError: there is none of that id.
        """
        identity = self.service.index(index).id
        return self.risks.get(identity, lambda: risk_of(self.service.edition, identity))

    def gaps(self, params: GapParams) -> tuple[str, Gaps, Risk]:
        """Return the code of the area asked about, its gaps, and the risk they were found with."""
        code, rows = self.rows(params.within)
        question = AccessQuestion(choice=params.looked_for, threshold=params.threshold)
        risk = self.risk(params.index)
        found = find_gaps(
            self.service.edition.atlas,
            self.homes,
            self.access(question, code, rows),
            risk,
            worst=params.worst,
            borders=self.service.edition.borders,
            walk=max(1_000.0, params.threshold),
        )
        return code, found, risk


@dataclass(eq=False)
class Bases:
    """The bases of an app: homes last as long as an edition, places until one changes."""

    homes: Memory[Homes] = field(default_factory=lambda: Memory(_BASES))
    bases: Memory[Base] = field(default_factory=lambda: Memory(_BASES))

    def of(self, service: Service, places: Places) -> Base:
        """Return the base of an edition with places."""
        edition = service.edition
        homes = self.homes.get(edition.folder, lambda: homes_of(edition))
        return self.bases.get((edition.folder, places.tag), lambda: Base(service, homes, places))


def base_of(request: Request, service: Service) -> Base:
    """Return the base of a request."""
    return bases_of(request.app.state).of(service, places_in(request, service))


def bases_of(state: State) -> Bases:
    """Return the bases of an app; made with the first question."""
    if not hasattr(state, "target_bases"):
        state.target_bases = Bases()
    bases: Bases = state.target_bases
    return bases


def told_of(base: Base, more: Mapping[str, str]) -> dict[str, str]:
    """Return what an answer stands on: edition, how ways were found, and more.

    Where places stand in for those of the directory, a ``notice`` says so.
    """
    notice = standing_in.words()
    told = {"edition": base.service.edition.id, "way": WAY.label, **more}
    return told | ({"notice": notice} if notice else {})
