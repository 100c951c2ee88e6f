"""Which pairs of places are worth a comparison: a few for each place, never all with all.

A pair is worth one if the two are near each other, or share a postcode, a phone number, an email or
web address that few places share, or a name in the same part of the country.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from exclusion_map.directory.duplicates_cards import Card
from exclusion_map.directory.duplicates_names import telling_words
from exclusion_map.support.distance import EARTH_M, unit_vectors

NEAR_M = 400.0
"""Two records of one place are put further apart than this only by a mistake."""
FEW = 6
"""More places than this on one phone number or web address: a switchboard's, or a council's."""
_MANY = 40
"""Places of one postcode that are compared: beyond it is a sorting office's code."""
GENERIC = frozenset({"community_venue", "education", "charity", "other"})
"""Kinds that lists use for the same place by turns."""

Pairs = npt.NDArray[np.int64]


def worth_comparing(cards: Sequence[Card], among: Collection[str] | None = None) -> Pairs:
    """Return pairs of rows, the lower row first, shape (pairs, 2), without repeats.

    Args:
        cards: of all places.
        among: ids of which a pair must hold one; None for all pairs.
    """
    found = [_near(cards)]
    for keys, most in (
        (lambda card: [card.postcode] if card.postcode else [], _MANY),
        (lambda card: card.phones, FEW),
        (lambda card: card.sites, FEW),
        (lambda card: card.emails, FEW),
        (_name_and_part, FEW),
    ):
        found.append(_rows(_sharing(cards, keys, most)))
    pairs = np.unique(np.vstack(found), axis=0)
    pairs = pairs[_kinds_fit(cards, pairs)]
    if among is None:
        return pairs
    wanted = np.array([card.id in among for card in cards], dtype=bool)
    return pairs[wanted[pairs].any(axis=1)] if len(pairs) else pairs


def _near(cards: Sequence[Card]) -> Pairs:
    from scipy.spatial import KDTree  # Not needed to start.

    placed = [row for row, card in enumerate(cards) if card.longitude is not None]
    if len(placed) < 2:
        return np.empty((0, 2), dtype=np.int64)
    longitude = np.array([cards[row].longitude for row in placed], dtype=np.float64)
    latitude = np.array([cards[row].latitude for row in placed], dtype=np.float64)
    chord = 2 * np.sin(NEAR_M / EARTH_M / 2)
    tree = KDTree(unit_vectors(longitude, latitude))
    pairs: Pairs = np.array(placed, dtype=np.int64)[tree.query_pairs(chord, output_type="ndarray")]
    return np.sort(pairs, axis=1)


def _name_and_part(card: Card) -> Iterable[str]:
    """Yield a key of the name within a postcode area or, without one, a degree of the map."""
    words = " ".join(sorted(telling_words(card.name)))
    if not words:
        return
    if card.postcode:
        yield f"{words}|{card.postcode[:2]}"
    if card.longitude is not None and card.latitude is not None:
        yield f"{words}|{round(card.longitude)}|{round(card.latitude)}"


def _sharing(
    cards: Sequence[Card], keys: Callable[[Card], Iterable[str]], most: int
) -> Iterator[tuple[int, int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, card in enumerate(cards):
        for key in keys(card):
            groups[key].append(row)
    for rows in groups.values():
        if len(rows) <= most:
            yield from combinations(rows, 2)


def _rows(pairs: Iterable[tuple[int, int]]) -> Pairs:
    return np.array(list(pairs), dtype=np.int64).reshape(-1, 2)


def _kinds_fit(cards: Sequence[Card], pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Tell which pairs can be one place: a library and the practice upstairs never are."""
    names = sorted({card.kind for card in cards})
    kind = np.array([names.index(card.kind) for card in cards], dtype=np.int64)
    generic = np.array([name in GENERIC for name in names], dtype=bool)
    a, b = kind[pairs[:, 0]], kind[pairs[:, 1]]
    fit: npt.NDArray[np.bool_] = (a == b) | generic[a] | generic[b]
    return fit
