"""Places that are likely one and the same, with the reasons in plain words. Nothing is merged here.

Evidence for and against is added up in points, as Fellegi and Sunter (1969) weigh agreements and
disagreements by their odds: one point is a factor of about 2.7. The points were set by hand and
checked on real lists: libraries of Greater Manchester in two lists, and 20,686 places of England
and Wales, where practices share health centres and chains share names.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from math import exp

import numpy as np
from rapidfuzz.fuzz import token_set_ratio

from exclusion_map.directory.duplicates_cards import Card
from exclusion_map.directory.duplicates_names import NameMatch, NameWeights, words_of
from exclusion_map.directory.duplicates_pairs import FEW, Pairs, worth_comparing
from exclusion_map.support.distance import Floats, metres, unit_vectors

LIKELY = 0.5
"""Pairs that score less are not shown to anybody."""
DOUBT = 3.4
"""Points that have to be made up: two places are two until evidence says otherwise."""
ONE_LIST_DOUBT = 2.0
"""A list seldom holds one place twice."""
_NEAR = ((30, 2.0), (120, 1.0), (400, 0.0), (1500, -1.5))
"""Points for a distance up to so many metres."""
_EXACTLY_M, _ONLY_POSTCODE = 1.0, 0.5
_FAR, _FAR_IN_ONE_POSTCODE = -4.0, -1.5
"""Of one postcode and yet far apart: one of the two was put on the map wrongly."""


@dataclass(frozen=True)
class Suspect:
    """Two listings that may be one place.

    Attributes:
        a: id of one; the lower of the two.
        b: id of the other.
        score: 0 to 1; not a measured probability, but more means surer.
        reasons: what speaks for it, in words.
        against: what speaks against it.
        distance_m: metres in a straight line; None where one is not on the map.
    """

    a: str
    b: str
    score: float
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    distance_m: float | None


@dataclass
class _Points:
    total: float
    reasons: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    def add(self, points: float, reason: str) -> None:
        self.total += points
        (self.against if points < 0 else self.reasons).append(reason)


class Finder:
    """Compares the places of a directory with each other."""

    def __init__(self, cards: Sequence[Card]) -> None:
        """Take the cards of all places: how common names and numbers are is counted over them."""
        self.cards = cards
        self._names = NameWeights(card.name for card in cards)
        self._phones = Counter(number for card in cards for number in card.phones)
        self._sites = Counter(site for card in cards for site in card.sites)
        self._emails = Counter(email for card in cards for email in card.emails)

    def find(self, among: Collection[str] | None = None, *, least: float = LIKELY) -> list[Suspect]:
        """Return likely duplicates, the surest first.

        Args:
            among: ids of which a pair must hold one, such as what an import added; None for all.
            least: score from which a pair is told.
        """
        pairs = worth_comparing(self.cards, among)
        if not len(pairs):
            return []
        apart = self._distances(pairs)
        found = [
            suspect
            for (a, b), away in zip(pairs.tolist(), apart.tolist(), strict=True)
            if (suspect := self.compare(self.cards[a], self.cards[b], away, least=least))
        ]
        return sorted(found, key=lambda one: (-one.score, one.a, one.b))

    def compare(self, a: Card, b: Card, distance_m: float, *, least: float = 0.0) -> Suspect | None:
        """Return how likely two places are one; None below the least score.

        Args:
            a: a place.
            b: another.
            distance_m: between them; NaN where one is not on the map.
            least: score from which it is told.
        """
        points = _Points(-DOUBT - (ONE_LIST_DOUBT if a.source == b.source else 0.0))
        _name_points(points, self._names.compare(a.name, b.name), a, b)
        _address_points(points, a, b)
        _distance_points(points, distance_m, a, b)
        self._contact_points(points, a, b)
        if a.kind != b.kind:
            same = words_of(a.name) == words_of(b.name)
            points.add(-0.5 if same else -2.0, "listed as different kinds of place")
        score = 1 / (1 + exp(-points.total))
        if score < least:
            return None
        first, second = sorted((a.id, b.id))
        away = None if np.isnan(distance_m) else distance_m
        return Suspect(
            first, second, round(score, 3), tuple(points.reasons), tuple(points.against), away
        )

    def _contact_points(self, points: _Points, a: Card, b: Card) -> None:
        phones = {number for number in a.phones & b.phones if self._phones[number] <= FEW}
        if phones:
            points.add(3.0, "the same phone number")
        elif a.phones and b.phones and not a.phones & b.phones:
            # A register gives each of its members a number of its own.
            points.add(-3.5 if a.source == b.source else -1.5, "different phone numbers")
        if any(self._emails[email] <= FEW for email in a.emails & b.emails):
            points.add(2.0, "the same email address")
        if any(self._sites[site] <= FEW for site in a.sites & b.sites):
            points.add(1.5, "the same web address")

    def _distances(self, pairs: Pairs) -> Floats:
        longitude = np.array(
            [np.nan if card.longitude is None else card.longitude for card in self.cards]
        )
        latitude = np.array(
            [np.nan if card.latitude is None else card.latitude for card in self.cards]
        )
        vectors = unit_vectors(longitude, latitude)
        return metres(vectors[pairs[:, 0]], vectors[pairs[:, 1]])


def find_duplicates(
    cards: Sequence[Card], among: Collection[str] | None = None, *, least: float = LIKELY
) -> list[Suspect]:
    """Return likely duplicates among places, the surest first; see :meth:`Finder.find`."""
    return Finder(cards).find(among, least=least)


def _name_points(points: _Points, match: NameMatch, a: Card, b: Card) -> None:
    if match.silent:
        same = words_of(a.name) == words_of(b.name)
        points.add(0.5 if same else 0.0, "names that tell little")
    elif match.same:
        points.add(min(match.shared / 2, 4.0), "the same name")
    elif match.shared and not (match.only_a and match.only_b):
        more = max(match.only_a, match.only_b)
        points.add(min(match.shared / 2, 3.5) - min(more / 8, 2.0), "one name within the other")
    else:
        conflict = min(match.only_a, match.only_b)
        points.add(
            min(match.shared / 2, 3.0) - min(conflict / 2, 5.0),
            "names alike in part" if match.likeness >= 0.4 else "different names",
        )


def _address_points(points: _Points, a: Card, b: Card) -> None:
    if a.postcode and b.postcode:
        if a.postcode == b.postcode:
            points.add(2.0, "the same postcode")
        elif a.postcode[:-3] != b.postcode[:-3]:
            points.add(-1.5, "postcodes of different districts")
        else:
            points.add(-0.5, "different postcodes")
    if not (a.address and b.address):
        return
    left, right = words_of(a.address), words_of(b.address)
    numbers_a, numbers_b = _numbers(left), _numbers(right)
    like = token_set_ratio(" ".join(left), " ".join(right))
    if numbers_a and numbers_b and not numbers_a & numbers_b:
        points.add(-2.0, "different numbers in the address")
    elif like >= 85:
        points.add(1.5, "the same address")


def _numbers(words: Sequence[str]) -> set[str]:
    return {word for word in words if word[0].isdigit()}


def _distance_points(points: _Points, distance_m: float, a: Card, b: Card) -> None:
    if np.isnan(distance_m):
        return
    if distance_m < _EXACTLY_M and a.postcode and a.postcode == b.postcode:
        # Both stand at the middle of their postcode, which is counted already.
        points.add(_ONLY_POSTCODE, distance_words(distance_m))
        return
    far = _FAR_IN_ONE_POSTCODE if a.postcode and a.postcode == b.postcode else _FAR
    worth = next((worth for within, worth in _NEAR if distance_m <= within), far)
    points.add(worth, distance_words(distance_m))


def distance_words(distance_m: float) -> str:
    """Return how far two places are apart, in words."""
    if distance_m <= _NEAR[0][0]:
        return "at the same spot"
    if distance_m < 1000:
        return f"{round(distance_m, -1):.0f} metres apart"
    return f"{distance_m / 1000:.1f} km apart"
