"""What the pages of one area show beyond its profile: bars, and the areas inside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages import words
from api.pages.areas import AreaRow, Query, list_areas
from api.pages.lens import Lens
from exclusion_map.areas.explanation import Explanation
from exclusion_map.areas.profile import AreaProfile, IndicatorFact
from exclusion_map.terms import AreaKind, Direction

SHORT = 3
"""Drivers that the panel beside the map shows."""
_INSIDE: dict[AreaKind, AreaKind] = {
    AreaKind.NEIGHBOURHOOD: AreaKind.SMALL_AREA,
    AreaKind.WARD: AreaKind.SMALL_AREA,
    AreaKind.LOCAL_AUTHORITY: AreaKind.NEIGHBOURHOOD,
    AreaKind.SUB_ICB: AreaKind.LOCAL_AUTHORITY,
    AreaKind.ICB: AreaKind.LOCAL_AUTHORITY,
    AreaKind.REGION: AreaKind.LOCAL_AUTHORITY,
    AreaKind.NATION: AreaKind.LOCAL_AUTHORITY,
}
_SHOWN_INSIDE = 10


CRUMBS = (AreaKind.NATION, AreaKind.REGION, AreaKind.LOCAL_AUTHORITY, AreaKind.NEIGHBOURHOOD)
"""Kinds of area people find their way by; the others are named further down."""


@dataclass(frozen=True, slots=True)
class Title:
    """A name in two parts: the one people use, and the official one that tells it apart."""

    main: str
    sub: str


@dataclass(frozen=True, slots=True)
class DriverRow:
    """One indicator that raises or lowers the score, in words and as a bar."""

    label: str
    value_words: str
    words: str
    width: float
    """How much riskier than other areas of its kind, 0 to 100."""
    points: float


@dataclass(frozen=True, slots=True)
class Inside:
    """The highest-risk areas inside an area."""

    kind: AreaKind
    rows: Sequence[AreaRow]
    total: int
    ranked: int


def title(profile: AreaProfile) -> Title:
    """Return the name of an area in two parts; the second is empty where one is enough."""
    official = f" ({profile.name})"
    if profile.label.endswith(official):
        return Title(profile.label.removesuffix(official), profile.name)
    return Title(profile.label, "")


def driver_rows(profile: AreaProfile, most: int | None = None) -> list[DriverRow]:
    """Return what drives the score: what raises it most first; of ``most``, only what raises it."""
    facts = {fact.indicator: fact for fact in profile.indicators}
    rows = [
        DriverRow(
            label=facts[driver.indicator].label,
            value_words=facts[driver.indicator].value_words,
            words=facts[driver.indicator].comparison,
            width=riskier_than(facts[driver.indicator]),
            points=driver.points,
        )
        for driver in profile.drivers
        if driver.indicator in facts
    ]
    if most is None:
        return rows
    return [row for row in rows if row.points > 0][:most]


def drivers_seen(found: Explanation, most: int | None = None) -> list[DriverRow]:
    """Return what drives the score by a reader's own settings, as `driver_rows` does."""
    known = [one for one in found.indicators if one.percentile_in_base is not None]
    rows = [
        DriverRow(
            label=one.label,
            value_words=one.value_words,
            words=f"riskier than {_of_100(one.percentile_in_base)}% of {found.base_group}",
            width=one.percentile_in_base or 0.0,
            points=one.points or 0.0,
        )
        for one in sorted(known, key=lambda one: -(one.points or 0.0))
        if one.nominal_weight > 0
    ]
    return rows if most is None else [row for row in rows if row.points > 0][:most]


def _of_100(percentile: float | None) -> int:
    return min(max(round(percentile or 0.0), 1), 99)


def riskier_than(fact: IndicatorFact) -> float:
    """Return the share of areas of its kind that this one is riskier than, 0 to 100."""
    if fact.higher_than is None:
        return 0.0
    higher = fact.direction is Direction.HIGHER_IS_RISKIER
    return fact.higher_than if higher else 100 - fact.higher_than


def where(profile: AreaProfile) -> str:
    """Return the name of the nearest wider area people know, empty for a nation."""
    for kind in (AreaKind.LOCAL_AUTHORITY, AreaKind.REGION, AreaKind.NATION):
        for parent in profile.parents:
            if parent.kind is kind:
                return parent.name
    return ""


def inside(lens: Lens, profile: AreaProfile) -> Inside | None:
    """Return the highest-risk areas inside an area; None for a small area."""
    kind = _INSIDE.get(profile.kind)
    if kind is None or kind not in lens.engine.service.edition.atlas.levels:
        return None
    query = Query(kind=kind, within=profile.code)
    found = list_areas(lens, query, _SHOWN_INSIDE)
    return Inside(kind, found.rows, found.total, found.ranked)


def announcement(profile: AreaProfile) -> str:
    """Return what a screen reader says when the area is chosen on the map."""
    return f"{profile.label}: {words.lower_first(profile.standing.words)}."
