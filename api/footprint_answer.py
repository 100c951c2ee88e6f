"""A footprint as JSON holds it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.service import Service
from exclusion_map.editions.footprint import Footprinted
from exclusion_map.exports.score_tables import records
from exclusion_map.targeting.footprint.footprint import Footprint
from exclusion_map.targeting.footprint.tables import neighbourhood_columns, summary_columns

MOST_UNMATCHED = 200
"""Rows not understood that an answer lists."""
MOST_NEIGHBOURHOODS = 100


class UnmatchedOut(BaseModel):
    """A row that was not recognised."""

    model_config = ConfigDict(frozen=True)

    line: int
    cells: tuple[str, ...]
    why_not: str


class MatchingOut(BaseModel):
    """How the list was matched: exact figures for the sender only, not for publication."""

    model_config = ConfigDict(frozen=True)

    rows: int
    matched: dict[str, int] = Field(description="Number of rows by outcome.")
    unmatched_count: int
    reasons: dict[str, int] = Field(description="Rows that were not recognised, by reason.")
    unmatched: tuple[UnmatchedOut, ...] = Field(
        description=f"The first {MOST_UNMATCHED}; all with format=csv&part=unmatched."
    )
    blank: int
    old: int = Field(description="Rows with a postcode that is no longer in use.")
    mended: int = Field(description="Rows with O for 0 or I for 1, corrected.")
    repeated: int = Field(description="Rows with a place that also appears in an earlier row.")


class ComparatorOut(BaseModel):
    """The place compared with."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="Empty for the whole edition.")
    name: str
    people: float
    chosen: bool = Field(description="Whether you chose it.")


class RangeOut(BaseModel):
    """A figure between the ends of its 80 % interval."""

    model_config = ConfigDict(frozen=True)

    low: float
    middle: float
    high: float


class ModelledOut(BaseModel):
    """Modelled households unlikely to cope online."""

    model_config = ConfigDict(frozen=True)

    share: RangeOut = Field(description="Share of the households served, in per cent.")
    comparator_share: RangeOut | None
    people: RangeOut = Field(description="People served in such households.")
    households: RangeOut | None = Field(description="If all residents are served; otherwise null.")


class FootprintOut(BaseModel):
    """People served, compared with all who could be."""

    model_config = ConfigDict(frozen=True)

    edition: str
    title: str
    basis: str
    matching: MatchingOut
    comparator: ComparatorOut
    people: float = Field(description="People served there, rounded or withheld as needed.")
    people_elsewhere: float | None = Field(description="Null if withheld.")
    households: float = Field(description="People served; for a list, the most it can be.")
    households_low: float
    parts: tuple[dict[str, Any], ...] = Field(
        description="One object per decile, one for the highest-risk fifth and one per figure of "
        "a group: served (null if withheld), ratio with interval, reading."
    )
    neighbourhoods: tuple[dict[str, Any], ...] = Field(
        description=f"The {MOST_NEIGHBOURHOODS} worst served."
    )
    modelled: ModelledOut | None
    support: tuple[dict[str, Any], ...] = Field(
        description="Share with one in reach, by kind; null if not listed or withheld."
    )
    drivers: tuple[dict[str, Any], ...]
    suggestions: tuple[str, ...]
    how: dict[str, str]
    notes: tuple[str, ...]


def footprint_out(service: Service, told: Footprinted) -> FootprintOut:
    """Return a footprint as JSON holds it."""
    found = told.found
    atlas = service.edition.atlas
    return FootprintOut(
        edition=service.edition.id,
        title=told.title,
        basis=found.served.basis.value,
        matching=_matching(found),
        comparator=ComparatorOut(
            code=found.comparator.code,
            name=found.comparator.name,
            people=found.whole_people,
            chosen=found.comparator.chosen,
        ),
        people=round(found.total, 1),
        people_elsewhere=known(found.outside),
        households=round(found.households, 1),
        households_low=round(found.households_low, 1),
        parts=tuple(records(summary_columns(found))),
        neighbourhoods=tuple(records(neighbourhood_columns(atlas, found, MOST_NEIGHBOURHOODS))),
        modelled=_modelled(found),
        support=tuple(
            {
                "kind": one.kind.value,
                "served_share": known(one.served),
                "comparator_share": known(one.whole),
                "typical_metres": known(one.typical),
            }
            for one in found.support
        ),
        drivers=tuple(
            {"group": one.group.value, "points": round(one.points, 2), "more": round(one.more, 2)}
            for one in found.drivers
        ),
        suggestions=tuple(one.words for one in found.suggestions),
        how=told.how,
        notes=told.notes,
    )


def _matching(found: Footprint) -> MatchingOut:
    matching = found.served.matching
    return MatchingOut(
        rows=matching.rows,
        matched={way.value: count for way, count in matching.matched.items()},
        unmatched_count=len(matching.unmatched),
        reasons=dict(matching.reasons),
        unmatched=tuple(
            UnmatchedOut(line=one.number, cells=one.cells, why_not=one.reason)
            for one in matching.unmatched[:MOST_UNMATCHED]
        ),
        blank=matching.blank,
        old=matching.old,
        mended=matching.mended,
        repeated=matching.repeated,
    )


def _modelled(found: Footprint) -> ModelledOut | None:
    estimate, whole = found.estimate, found.whole_estimate
    if estimate is None:
        return None

    def ends(one: Any) -> RangeOut:
        return RangeOut(low=one.low, middle=one.middle, high=one.high)

    return ModelledOut(
        share=ends(estimate.share),
        comparator_share=None if whole is None else ends(whole.share),
        people=ends(estimate.people),
        households=ends(estimate.households) if found.rule is None else None,
    )


def known(number: float) -> float | None:
    """Return a number to four places, None where it is not known."""
    return None if number != number else round(float(number), 4)
