"""Match the words a person typed against many names at once, forgiving typing errors.

Each word typed is compared with the vocabulary (all distinct words of all names), about ten
thousand words, rather than with the many more names. The worth of each name is then computed from
its words by array arithmetic.

    likeness(q, w) = 1 for the same word
                   = 0.7 + 0.2 len(q)/len(w) where w begins with q
                   = 0.9 (1 - d/len(q)) where d, the optimal string alignment distance, is small
    found(n)   = weighted mean over the words typed of the best likeness among the words of n
    covered(n) = weighted mean over the words of n of the best likeness among those typed
    worth(n)   = 0.75 found(n) + 0.25 covered(n)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.names import FILLERS, words

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

_FOUND, _COVERED = 0.75, 0.25
_FILLER_WEIGHT = 0.2
_FILLER_TYPED = 0.5  # Filler words such as "nhs" still carry some meaning.
_CONTEXT = 0.7  # Weight of a word that belongs to the context rather than the name.
_LEAST_WORD = 0.5  # Below this, a typed word does not occur in the name, which is then excluded.


@dataclass(frozen=True, slots=True)
class _Lists:
    """Word numbers of all names, concatenated, and the start of each name."""

    words: Ints
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> "_Lists":
        sizes = np.array([len(one) for one in lists], dtype=np.int64)
        flat = np.fromiter((word for one in lists for word in one), dtype=np.int32)
        return cls(flat, np.concatenate([[0], np.cumsum(sizes)[:-1]]))

    def best(self, likeness: Floats) -> Floats:
        """Return the greatest likeness among each name's words."""
        best: Floats = np.maximum.reduceat(likeness[self.words], self.starts)
        return best


class NameMatcher:
    """Names with the words of their context, indexed for matching."""

    def __init__(self, names: Sequence[str], contexts: Sequence[str]) -> None:
        """Index names.

        Args:
            names: names to find, shape (n,), none empty.
            contexts: words that help to find them, such as the local authority, shape (n,).
        """
        own = [words(name) or (name.casefold(),) for name in names]
        known = {context: words(context) for context in set(contexts)}
        around = [known[context] for context in contexts]
        vocabulary = sorted({word for many in (*own, *around) for word in many} | {""})
        number = {word: at for at, word in enumerate(vocabulary)}
        self._vocabulary = vocabulary
        self._bytes = np.array(vocabulary)
        self._lengths = np.array([len(word) for word in vocabulary])
        self._by_length = _by_length(vocabulary)
        self._own = _Lists.of([[number[word] for word in many] for many in own])
        self._around = _Lists.of([[number[word] for word in many] or [0] for many in around])
        self._weights = np.array([_weight(word) for word in vocabulary], dtype=np.float32)
        self._total = np.add.reduceat(self._weights[self._own.words], self._own.starts)
        self._joined = ["".join(many) for many in own]

    def match(self, query: str) -> Floats:
        """Return the match of each name with a query, shape (n,): 0 = none, 1 = exact."""
        typed = words(query)
        if not typed:
            return np.zeros(len(self._joined), dtype=np.float32)
        worth = self._match(typed, forgive_all=False)
        if not worth.any():
            worth = self._match(typed, forgive_all=True)
        return worth if worth.any() else self._match_joined("".join(typed))

    def _match(self, typed: Sequence[str], *, forgive_all: bool) -> Floats:
        likeness = np.stack([self._likeness(word, forgive=forgive_all) for word in typed])
        weights = np.array([_weight(word, _FILLER_TYPED) for word in typed], dtype=np.float32)
        found = np.zeros(len(self._joined), dtype=np.float32)
        possible = np.ones(len(self._joined), dtype=bool)
        for row, weight, word in zip(likeness, weights, typed, strict=True):
            best = np.maximum(self._own.best(row), _CONTEXT * self._around.best(row))
            found += weight * best
            if word not in FILLERS:
                possible &= best >= _LEAST_WORD
        found /= weights.sum()
        of_name = (likeness.max(axis=0) * self._weights)[self._own.words]
        covered = np.add.reduceat(of_name, self._own.starts) / self._total
        # If only the context matches, the place itself is not meant.
        possible &= covered > 0
        worth: Floats = np.where(possible, _FOUND * found + _COVERED * covered, 0.0)
        return worth

    def _likeness(self, word: str, *, forgive: bool) -> Floats:
        """Return the likeness of each vocabulary word to a typed word, shape (words,)."""
        like = np.zeros(len(self._vocabulary), dtype=np.float32)
        first, last = np.searchsorted(self._bytes, [word, word + "\uffff"])
        if len(word) > 1:
            like[first:last] = 0.7 + 0.2 * len(word) / self._lengths[first:last]
        exact = first < len(like) and self._vocabulary[first] == word
        if exact:
            like[first] = 1.0
        if forgive or first == last:
            like = np.maximum(like, self._forgiving(word))
        return like

    def _forgiving(self, word: str) -> Floats:
        errors = allowed_errors(word)
        if errors == 0:
            return np.zeros(len(self._vocabulary), dtype=np.float32)
        like = np.zeros(len(self._vocabulary), dtype=np.float32)
        for length in range(len(word) - errors, len(word) + errors + 1):
            if length not in self._by_length:
                continue
            near, spelt = self._by_length[length]
            distance = _distances(word, spelt, errors)
            close = distance <= errors
            like[near[close]] = 0.9 * (1 - distance[close] / len(word))
        return like

    def _match_joined(self, joined: str) -> Floats:
        """Match names written as one word ("towerhamlets") or cut in the wrong places."""
        errors = allowed_errors(joined)
        distance = _distances(joined, self._joined, errors)
        close = 0.8 * (1 - distance / max(len(joined), 1))
        return np.where(distance <= errors, close, 0.0).astype(np.float32)


def _by_length(vocabulary: Sequence[str]) -> dict[int, tuple[npt.NDArray[np.int64], list[str]]]:
    """Return the numbers and spellings of the words of each length."""
    groups: dict[int, list[int]] = {}
    for at, word in enumerate(vocabulary):
        groups.setdefault(len(word), []).append(at)
    return {
        length: (np.array(numbers), [vocabulary[at] for at in numbers])
        for length, numbers in groups.items()
    }


def _distances(word: str, others: Sequence[str], errors: int) -> npt.NDArray[np.uint8]:
    """Return the optimal string alignment distance to each other word; ``errors + 1`` = farther."""
    from rapidfuzz import process  # Not needed to start.
    from rapidfuzz.distance import OSA

    found: npt.NDArray[np.uint8] = process.cdist(
        [word], others, scorer=OSA.distance, score_cutoff=errors, dtype=np.uint8
    )[0]
    return found


def allowed_errors(word: str) -> int:
    """Return the number of typing errors tolerated in a word of this length."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2 if len(word) < 10 else 3


def _weight(word: str, filler: float = _FILLER_WEIGHT) -> float:
    return filler if word in FILLERS else 1.0
