"""Impact: how many people of a group live in each small area, or how many rely on a service."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas
from exclusion_map.areas.rollup_places import Gazetteer, Unmatched, find_places
from exclusion_map.catalogue.models import Indicator
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.targeting.matrix_figures import MOST_FIGURES, Figure
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]

RESIDENTS = "residents"
OWN = "own"


@dataclass(frozen=True, eq=False, kw_only=True)
class Impact:
    """Who would be hit: n small areas.

    Attributes:
        id: of the indicator; ``residents`` or ``own``.
        label: "People aged 75 and over".
        unit: who is counted: people, households, or what somebody's own figures count.
        count: (n,) of them in each small area; NaN where it is not known.
        base: (n,) those out of whom they are, for shares; NaN where there is none.
        notes: what has to be said.
        unmatched: entries of a list that stand for no area.
    """

    id: str
    label: str
    unit: str
    count: Floats
    base: Floats
    notes: tuple[str, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group that can be chosen."""

    id: str
    label: str
    unit: str


def groups_of(atlas: Atlas, indicators: Sequence[Indicator]) -> tuple[Group, ...]:
    """Return the groups whose members an edition counts, all residents first."""
    held = atlas.indicators[AreaKind.SMALL_AREA]
    counted = (
        one
        for one in indicators
        if one.id in held.ids and not np.isnan(held.numerator[:, held.column(one.id)]).all()
    )
    return (
        Group(RESIDENTS, "Everybody who lives there", "people"),
        *(Group(str(one.id), one.label, str(one.people)) for one in counted),
    )


def impact_of(atlas: Atlas, indicators: Sequence[Indicator], identity: str) -> Impact:
    """Return how many people of a group live in each small area.

    Raises:
        NotFoundError: the edition does not count such a group.
    """
    groups = {one.id: one for one in groups_of(atlas, indicators)}
    if identity not in groups:
        raise NotFoundError(
            f"group {identity!r}",
            found="no indicator that counts people with that id in this edition",
            expected=f"one of: {', '.join(groups)}",
        )
    group, small = groups[identity], atlas.level(AreaKind.SMALL_AREA)
    if identity == RESIDENTS:
        people = small.population
        return Impact(id=identity, label=group.label, unit=group.unit, count=people, base=people)
    held = atlas.indicators[AreaKind.SMALL_AREA]
    at = held.column(identity)
    return Impact(
        id=identity,
        label=group.label,
        unit=group.unit,
        count=held.numerator[:, at],
        base=held.denominator[:, at],
    )


def impact_listed(
    gazetteer: Gazetteer, figures: Iterable[Figure], label: str, *, others_none: bool = False
) -> Impact:
    """Return figures somebody brought: users or patients by area, postcode or GP practice.

    A figure of a larger area, or of a practice, is spread over its small areas in proportion to
    residents; figures of one small area add up.

    Args:
        gazetteer: what can be named.
        figures: the list.
        label: what it counts: "Patients of the clinic".
        others_none: whether an area nobody named has none of them; else it has no figure.

    Raises:
        InvalidRequestError: the list is empty or too long, or nothing in it is an area here.
    """
    listed = list(figures)
    if not 0 < len(listed) <= MOST_FIGURES:
        raise InvalidRequestError(
            "figures", found=f"{len(listed):,} lines", expected=f"from 1 to {MOST_FIGURES:,}"
        )
    small = gazetteer.atlas.level(AreaKind.SMALL_AREA)
    placed = _place(gazetteer, listed, others_none=others_none)
    unmatched = placed.unmatched
    if len(unmatched) == len(listed):
        raise InvalidRequestError(
            "figures",
            found=f"no line that names an area here, such as {unmatched[0].text[:40]!r}: "
            f"{unmatched[0].reason}",
            expected="area codes, postcodes, GP practice codes or exact names, each with a number",
        )
    return Impact(
        id=OWN,
        label=label or "Your own figures",
        unit="people",
        count=placed.count,
        base=small.population,
        notes=tuple(_told(placed, listed)),
        unmatched=tuple(placed.unmatched),
    )


@dataclass(frozen=True, eq=False)
class _Placed:
    count: Floats
    number: float
    spread: int
    notes: tuple[str, ...]
    unmatched: list[Unmatched]


def _place(gazetteer: Gazetteer, figures: Sequence[Figure], *, others_none: bool) -> _Placed:
    """Return figures on their small areas, each in proportion to residents."""
    people = np.nan_to_num(gazetteer.atlas.level(AreaKind.SMALL_AREA).population)
    count = np.zeros(len(people)) if others_none else np.full(len(people), np.nan)
    unmatched: list[Unmatched] = []
    notes: dict[str, None] = {}
    spread, number = 0, 0.0
    for one in figures:
        found = find_places(gazetteer, [one.place])
        unmatched.extend(found.unmatched)
        if not len(found.rows):
            continue
        notes |= dict.fromkeys(found.notes)
        part = people[found.rows]
        part = part / part.sum() if part.sum() > 0 else np.full(len(part), 1 / len(part))
        count[found.rows] = np.nan_to_num(count[found.rows]) + one.number * part
        spread += len(found.rows) > 1
        number += one.number
    return _Placed(count, number, spread, tuple(notes), unmatched)


def _told(placed: _Placed, figures: Sequence[Figure]) -> Iterator[str]:
    """Yield what has to be said of figures that were placed."""
    lines = len(figures) - len(placed.unmatched)
    yield (
        f"{placed.number:,.0f} of {sum(one.number for one in figures):,.0f} could be placed, on "
        f"{lines:,} of {len(figures):,} lines."
    )
    if placed.spread:
        yield (
            f"{placed.spread:,} figures of larger areas or practices were spread over their small "
            "areas in proportion to residents: an approximation."
        )
    yield from placed.notes
