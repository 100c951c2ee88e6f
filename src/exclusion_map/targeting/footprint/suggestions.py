"""What the mix of drivers among the people served suggests: a start for a talk, not a plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from exclusion_map.areas.phrases import LEAST_POINTS
from exclusion_map.terms import NhsGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """What one group of indicators adds to the score of the people served.

    Attributes:
        group: of the NHS framework.
        points: of the score, above the middle area of the edition.
        more: than for the people of the comparator.
    """

    group: NhsGroup
    points: float
    more: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a driver suggests to look at."""

    group: NhsGroup
    words: str


_WORDS: Final[dict[NhsGroup, str]] = {
    NhsGroup.AGE: (
        "Older people: time to practise with somebody patient, help by phone, and a way that needs "
        "no screen kept open."
    ),
    NhsGroup.DEPRIVATION: (
        "Low income: devices and data that cost nothing (device loans, the National Databank, "
        "social tariffs), and pages that use little data."
    ),
    NhsGroup.DISABILITY: (
        "Disabled people: services that work with assistive technology, more time, home visits, "
        "and carers who may act for somebody."
    ),
    NhsGroup.CONNECTIVITY: (
        "Slow connections: pages that load on weak networks, places with free Wi-Fi, and calls "
        "instead of video."
    ),
    NhsGroup.ENGLISH: (
        "Less English: translated pages and invitations, interpreters that are offered and need "
        "not be asked for, pictures and short sentences."
    ),
}


def drivers_of(
    points: Iterable[tuple[NhsGroup, float, float]],
) -> tuple[Driver, ...]:
    """Return drivers by group, those that add most first.

    Args:
        points: group of an indicator, points it adds for the people served, for the comparator.
    """
    served: dict[NhsGroup, float] = {}
    whole: dict[NhsGroup, float] = {}
    for group, added, elsewhere in points:
        served[group] = served.get(group, 0.0) + added
        whole[group] = whole.get(group, 0.0) + elsewhere
    found = [
        Driver(group=group, points=added, more=added - whole[group])
        for group, added in served.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.points))


def suggestions_of(drivers: Sequence[Driver], most: int = 3) -> tuple[Suggestion, ...]:
    """Return what the drivers suggest: those that raise risk, or raise it more than elsewhere."""
    worth = [
        one for one in drivers if max(one.points, one.more) >= LEAST_POINTS and one.group in _WORDS
    ]
    worth.sort(key=lambda one: -max(one.points, one.more))
    return tuple(Suggestion(group=one.group, words=_WORDS[one.group]) for one in worth[:most])
