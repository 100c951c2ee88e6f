"""What this service can tell about an area for the factors five to seven, as of now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from api.pages import words
from api.service import Service
from api.targets import Base, GapParams, base_of
from exclusion_map.areas.profile import AreaProfile
from exclusion_map.editions.papers.picture import place_name
from exclusion_map.errors import NotFoundError
from exclusion_map.readiness.canvas import Evidence, canvas
from exclusion_map.targeting.gaps import Gaps
from exclusion_map.terms import AreaKind

_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure in words, and what it is of."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What is told beside one factor: figures, and where to read on."""

    facts: tuple[Fact, ...]
    links: tuple[tuple[str, str], ...]
    """Address and words of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one area."""

    code: str
    name: str
    edition: str
    edition_title: str
    synthetic: bool
    by_evidence: dict[Evidence, Shown]

    def of(self, evidence: Evidence | None) -> Shown | None:
        """Return what is told beside a factor; None for nothing."""
        return self.by_evidence.get(evidence) if evidence else None

    def to_json(self) -> dict[str, Any]:
        """Return them as JSON's own types, to keep with a round."""
        factors = {one.evidence: one.key for one in canvas().factor if one.evidence}
        return {
            "area_code": self.code,
            "area": self.name,
            "edition": self.edition,
            "factors": {
                factors[evidence]: {fact.label: fact.value for fact in shown.facts}
                for evidence, shown in self.by_evidence.items()
            },
        }


def figures_of(request: Request, service: Service, code: str) -> Figures | None:
    """Return the figures of an area.

    Args:
        request: that asks.
        service: the open edition.
        code: of the area; empty for none.

    Returns:
        The figures; None without an area, or where the edition has none of that code.
    """
    if not code:
        return None
    try:
        profile = service.profile(code)
    except NotFoundError:
        return None
    base = base_of(request, service)
    manifest = service.edition.manifest
    return Figures(
        code=profile.code,
        name=place_name(service.edition, profile.code),
        edition=manifest.edition,
        edition_title=manifest.title,
        synthetic=manifest.synthetic,
        by_evidence={
            Evidence.RISK: _risk(profile),
            Evidence.SUPPORT: _support(profile),
            Evidence.GAPS: _gaps(base, profile),
        },
    )


def _risk(profile: AreaProfile) -> Shown:
    standing, code = profile.standing, profile.code
    facts = [
        Fact("People", words.about(profile.population)),
        Fact("Risk score (0 to 100, higher is riskier)", words.decimal(standing.score, 0)),
        Fact("Where that stands", standing.words or words.NO_DATA),
    ]
    if standing.worst_tenth_people is not None:
        people = words.about(standing.worst_tenth_people)
        facts.append(Fact("People in small areas of the highest-risk tenth", people))
    raising = [driver.label for driver in profile.drivers if driver.points > 0][:3]
    facts.append(Fact("What raises the risk most", "; ".join(raising) or words.NO_DATA))
    return Shown(
        tuple(facts),
        (
            (f"/areas/{code}", "Profile of the area, with sources and how sure it is"),
            (f"/?area={code}", "See it on the map"),
        ),
    )


def _support(profile: AreaProfile) -> Shown:
    if profile.kind is AreaKind.SMALL_AREA:
        facts = [
            Fact(f"Nearest {near.kind_label}", f"{near.name}, {words.distance(near.distance_m)}")
            for near in profile.nearest_support[:_MOST]
        ]
    else:
        inside = sorted(profile.support_inside, key=lambda one: (-one.inside, one.kind_label))
        total = sum(one.inside for one in inside)
        facts = [Fact("Places listed in the area", words.count(total))]
        facts += [
            Fact(words.upper_first(one.kind_label_plural), words.count(one.inside))
            for one in inside[:_MOST]
        ]
    code = profile.code
    return Shown(
        tuple(facts),
        (
            (f"/support?area={code}", "The places in the directory"),
            ("/support/suggest", "Suggest one that is missing"),
        ),
    )


def _gaps(base: Base, profile: AreaProfile) -> Shown:
    _, gaps, _risk_held = base.gaps(GapParams(within=profile.code))
    return Shown(
        tuple(_gap_facts(gaps)),
        (
            (f"/gaps?within={profile.code}", "The gaps, with a map and other distances"),
            (f"/?show=gaps&area={profile.code}", "Risk and way to help on the map"),
        ),
    )


def _gap_facts(gaps: Gaps) -> Iterator[Fact]:
    near = gaps.high_people - gaps.high_beyond - gaps.high_unknown
    yield Fact("People in high-risk areas (the worst fifth)", words.about(gaps.high_people))
    yield Fact("Of them, within 1 km of a library", words.about(max(0.0, near)))
    yield Fact("Of them, farther away", words.about(gaps.high_beyond))
    if gaps.high_unknown >= 1:
        yield Fact("Of them, nobody knows how far", words.about(gaps.high_unknown))
    yield Fact("Groups of neighbouring gaps", words.count(len(gaps.groups)))
