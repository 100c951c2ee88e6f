"""An impact assessment on an edition: what it stands on, and the evidence with its names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from exclusion_map.access import StraightLine
from exclusion_map.areas.drivers import Contributions, contributions
from exclusion_map.catalogue import Indicator
from exclusion_map.directory.remote import HeldHelp, choose, in_order
from exclusion_map.editions.extras import SURE_CLASSES, Sure
from exclusion_map.editions.manifest import EditionIndex, EditionSource
from exclusion_map.editions.reaching import homes_of, risk_of, sites_of
from exclusion_map.editions.reader import Edition
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.index import Definition
from exclusion_map.targeting.assessment.evidence import (
    Evidence,
    Grounds,
    evidence_of,
)
from exclusion_map.targeting.assessment.reach import Around
from exclusion_map.targeting.footprint import Basis, Served
from exclusion_map.targeting.footprint.footprint import Comparator, comparator_of
from exclusion_map.targeting.footprint.withholding import DisclosureRule
from exclusion_map.targeting.gaps import Risk
from exclusion_map.terms import AreaKind

WAY = StraightLine()


@dataclass(frozen=True, eq=False, kw_only=True)
class Assessment:
    """Evidence with everything needed to tell of it.

    Attributes:
        edition: it comes from.
        index: whose risk is told.
        evidence: as figures.
        helplines: telephone help that reaches people anywhere, in the nations concerned.
        today: when it was made.
    """

    edition: Edition
    index: EditionIndex
    evidence: Evidence
    helplines: tuple[HeldHelp, ...]
    today: date

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return f"Evidence for an equality and health inequalities impact assessment: {self.name}"

    @property
    def name(self) -> str:
        """Of what is assessed."""
        return self.evidence.served.name

    @property
    def listed(self) -> bool:
        """Whether the people served are those of a list, not all residents."""
        return self.evidence.served.basis is Basis.COUNTS

    @property
    def file_name(self) -> str:
        """The name of a file without its ending."""
        named = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:40] or "footprint"
        return f"exclusion-map-{self.edition.id}-assessment-{named}"

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Of the edition, by id."""
        return {str(one.id): one for one in self.edition.manifest.indicators}

    @cached_property
    def sources(self) -> Mapping[str, EditionSource]:
        """Of the edition, by id."""
        return {one.id: one for one in self.edition.manifest.sources}


def grounds_of(
    edition: Edition,
    index: str,
    *,
    today: date,
    points: Contributions | None = None,
    around: Around | None = None,
    risk: Risk | None = None,
    rule: DisclosureRule | None = None,
) -> Grounds:
    """Return what evidence stands on.

    Args:
        edition: the edition.
        index: id of one of its indices.
        today: for the age of sources.
        points: contributions of the index, where they are at hand.
        around: homes, places and ways, where they are at hand; else the lists of the edition.
        risk: by the index, where it is at hand.
        rule: how small counts of a list are withheld.

    Raises:
        NotFoundError: the edition has no such index.
    """
    atlas, manifest = edition.atlas, edition.manifest
    indicators = {str(one.id): one for one in manifest.indicators}
    held = index_of(edition, index)
    if points is None:
        directions = {name: one.direction for name, one in indicators.items()}
        points = contributions(atlas, Definition.parse(held.definition, held.id), directions)
    return Grounds(
        atlas=atlas,
        indicators=indicators,
        scores=atlas.score_set(index, AreaKind.SMALL_AREA),
        risk=risk or risk_of(edition, index),
        high=SURE_CLASSES.index(Sure.HIGH) + 1,
        depends=SURE_CLASSES.index(Sure.DEPENDS) + 1,
        contributions=points,
        around=around or around_of(edition),
        today=today,
        rule=rule,
    )


def around_of(edition: Edition) -> Around:
    """Return homes, the places of the edition's own lists, and ways."""
    return Around(
        homes=homes_of(edition),
        sites=sites_of(edition),
        cost=WAY,
        nations=edition.atlas.level(AreaKind.SMALL_AREA).nations,
    )


def index_of(edition: Edition, identity: str) -> EditionIndex:
    """Return an index of an edition.

    Raises:
        NotFoundError: there is none of that id.
    """
    indices = edition.manifest.indices
    for one in indices:
        if one.id == identity:
            return one
    raise NotFoundError(
        f"index {identity!r}",
        found="no such index in this edition",
        expected=f"one of: {', '.join(one.id for one in indices)}",
    )


def assess(
    edition: Edition,
    grounds: Grounds,
    served: Served,
    *,
    index: str,
    compare: Comparator | str = "",
    usual: Mapping[str, float] | None = None,
    help_entries: Sequence[HeldHelp] = (),
) -> Assessment:
    """Return the assessment of people served.

    Args:
        edition: the edition.
        grounds: what evidence stands on, of the same edition and index.
        served: who is served.
        index: id of the index.
        compare: area to compare with, or its code; “all” for everything the edition covers; the
            smallest that holds nearly all people served if empty, as of footprints.
        usual: the comparator's share in reach of places, by kind, where it is at hand.
        help_entries: help that reaches people anywhere.

    Raises:
        InvalidRequestError: nobody is served.
        NotFoundError: there is no such area or index.
    """
    if not np.nansum(served.people) > 0:
        raise InvalidRequestError(
            "people served", found="nobody", expected="at least one place where people live"
        )
    comparator = compare
    if isinstance(comparator, str):
        comparator = comparator_of(edition.atlas, comparator, edition.manifest.title, served)
    evidence = evidence_of(grounds, served, comparator, usual)
    nations = tuple(evidence.nations)
    lines = choose(help_entries, "helpline")
    reaching = (one for one in lines if any(one.listing.reaches(nation) for nation in nations))
    return Assessment(
        edition=edition,
        index=index_of(edition, index),
        evidence=evidence,
        helplines=tuple(in_order(reaching)),
        today=grounds.today,
    )
