"""What a roll-up is asked and answers, for the API and for its page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.pages.lens import Lens
from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.rollup_answer import RolledUp, listed, outlined_members, roll_up_members
from exclusion_map.areas.rollup_places import MOST_PLACES, MatchedBy
from exclusion_map.areas.spread import Spread
from exclusion_map.editions.gazetteer import addresses_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind

MOST_LISTS = 500
MOST_UNMATCHED = 200
"""Entries that could not be understood that an answer lists."""


class RollUpBody(BaseModel):
    """What to summarise: one list, several named lists, or a boundary."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"example": {"where": ["E08000015", "CH41 2AB", "N85002"]}},
    )

    where: tuple[str, ...] = Field(
        default=(),
        max_length=MOST_PLACES,
        description="Area codes of any kind, whole postcodes, GP practice codes, exact names.",
    )
    lists: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        max_length=MOST_LISTS,
        description="Several such lists by name, such as primary care networks: one result each.",
    )
    polygon: dict[str, Any] | None = Field(
        default=None,
        description="A GeoJSON Polygon or MultiPolygon, a Feature, or a FeatureCollection. Small "
        "areas that it cuts count with the share of their postcodes in use that lie inside.",
    )


class SpreadFacts(BaseModel):
    """Summary of a set of small areas; shares are 0 to 1, null without scores."""

    model_config = ConfigDict(frozen=True)

    small_areas: int
    scored: int = Field(
        description="Small areas with a score, which the following figures are based on."
    )
    population: float
    population_scored: float
    score: float | None = Field(description="Mean, weighted by people.")
    lowest: float | None
    highest: float | None
    tenths: tuple[float, ...] = Field(
        description="People in each national decile, highest risk first."
    )
    worst_tenth: float | None
    worst_fifth: float | None
    extent: float | None
    local_concentration: float | None


class RangeFacts(BaseModel):
    """A figure between the ends of its 80 % interval."""

    model_config = ConfigDict(frozen=True)

    low: float
    middle: float
    high: float


class EstimateFacts(BaseModel):
    """The modelled estimate of a set of areas."""

    model_config = ConfigDict(frozen=True)

    label: str = "modelled"
    measures: str
    does_not_measure: str
    areas: int = Field(description="Small areas with an estimate.")
    of_households: float
    share: RangeFacts = Field(description="Per cent of households.")
    households: RangeFacts
    people: RangeFacts = Field(description="Number of people, if households have the average size.")


class UnmatchedFacts(BaseModel):
    """An entry that was not recognised, and why."""

    model_config = ConfigDict(frozen=True)

    text: str
    reason: str


class RollUpResult(BaseModel):
    """Summary of one list or boundary."""

    model_config = ConfigDict(frozen=True)

    name: str
    summary: SpreadFacts
    higher_than: float | None = Field(
        description="Per cent of local authorities with a lower score."
    )
    estimate: EstimateFacts | None
    matched: dict[MatchedBy, int]
    unmatched: tuple[UnmatchedFacts, ...] = Field(description=f"The first {MOST_UNMATCHED}.")
    unmatched_count: int
    repeated: int = Field(description="Times a small area was listed again.")
    cut: int = Field(description="Small areas that belong to it only in part.")
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RollUps:
    """Lists or an outline summed up, by name; one without a name is the only one.

    Attributes:
        scores: of all small areas, by the index and weights asked for.
        found: by name.
        about: what the estimate measures, as the edition says it.
    """

    scores: ScoreSet
    found: Mapping[str, RolledUp]
    about: Mapping[str, object]

    @property
    def results(self) -> tuple[RollUpResult, ...]:
        """The same as JSON holds it."""
        return tuple(result_of(name, one, self.about) for name, one in self.found.items())


def roll_up(lens: Lens, body: RollUpBody) -> RollUps:
    """Return what a body asks for.

    Raises:
        InvalidRequestError: nothing or several things are asked for, or an outline is none.
        NotFoundError: nothing of a list can be understood.
    """
    given = (bool(body.where), bool(body.lists), body.polygon is not None)
    if sum(given) != 1:
        raise InvalidRequestError(
            "roll-up",
            found=f"{sum(given)} of where, lists and polygon"
            if any(given)
            else "nothing to add up",
            expected="one of them",
        )
    service = lens.engine.service
    atlas = service.edition.atlas
    if body.polygon is not None:
        sets = {"": outlined_members(atlas, body.polygon, addresses_of(service.edition))}
    else:
        lists = body.lists or {"": body.where}
        sets = {name: listed(service.gazetteer, entries) for name, entries in lists.items()}
    scores = lens.scores(AreaKind.SMALL_AREA)
    about = service.edition.manifest.validation.get("estimate")
    return RollUps(
        scores,
        {
            name: roll_up_members(atlas, scores, members, service.estimates)
            for name, members in sets.items()
        },
        about if isinstance(about, dict) else {},
    )


def result_of(name: str, found: RolledUp, about: Mapping[str, object]) -> RollUpResult:
    """Return one roll-up as JSON holds it; ``about`` says what the estimate measures."""
    members, estimate = found.members, found.estimate
    return RollUpResult(
        name=name,
        summary=spread_facts(found.spread),
        higher_than=_known(found.higher_than),
        estimate=None
        if estimate is None
        else EstimateFacts(
            **{part: str(about.get(part, "")) for part in ("measures", "does_not_measure")},
            **asdict(estimate),
        ),
        matched=dict(members.matched),
        unmatched=tuple(
            UnmatchedFacts(text=one.text[:100], reason=one.reason)
            for one in members.unmatched[:MOST_UNMATCHED]
        ),
        unmatched_count=len(members.unmatched),
        repeated=members.repeated,
        cut=members.cut,
        notes=members.notes,
    )


def spread_facts(spread: Spread) -> SpreadFacts:
    """Return a spread as JSON holds it: what is not known is null."""
    return SpreadFacts(
        **{
            name: _known(value) if isinstance(value, float) else value
            for name, value in asdict(spread).items()
        }
    )


def _known(number: float) -> float | None:
    return None if number != number else number
