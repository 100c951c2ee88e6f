"""Names of places, compared by the words that tell one place from another.

"Sale Public Library" and "SALE LIBRARY" are one name; "Boots" and "Boots" may be two shops, since
a word says the less the more places carry it (the logarithm of inverse document frequency).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log

from rapidfuzz.fuzz import ratio

ELSEWHERE, RARE = 500, 1 / 20_000
"""What is known of a word before the directory is read: it is rare, and that counts for as much as
this many names. A small directory then says little of how common its words are."""
SPELLING = 86.0
"""Words from here on, of 100, are one word spelt in two ways."""
_SHORT = {
    "saint": "st",
    "street": "st",
    "road": "rd",
    "avenue": "ave",
    "centre": "center",
    "ctr": "center",
    "chemists": "pharmacy",
    "chemist": "pharmacy",
    "pharmacies": "pharmacy",
    "libraries": "library",
    "doctors": "surgery",
    "drs": "surgery",
    "dr": "surgery",
    "foodbank": "food",
    "foodbanks": "food",
    "ltd": "limited",
    "mount": "mt",
}
_COMMON = """
a an and at branch by building bank center central clinic community co company for food group health
hub in jobcenter jobcentre job library limited local medical near of office on partnership pharmacy
plus post practice public s service services shop site st surgery the to town uk village with
"""
SAY_NOTHING = frozenset(_COMMON.split())
"""Words that many places carry and that tell none from another."""
_WORD = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=100_000)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in one spelling: no capitals, accents, marks or long forms."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = _WORD.findall(plain.replace("'", "").replace("&", " and "))
    return tuple(_SHORT.get(word, word) for word in words)


@lru_cache(maxsize=100_000)
def telling_words(name: str) -> frozenset[str]:
    """Return the words of a name that tell it from others; empty for "The Library"."""
    return frozenset(words_of(name)) - SAY_NOTHING


@lru_cache(maxsize=100_000)
def _run_together(name: str) -> str:
    return "".join(word for word in words_of(name) if word not in SAY_NOTHING)


@dataclass(frozen=True)
class NameMatch:
    """How two names compare, in weights of words.

    Attributes:
        shared: weight of the words that both have.
        only_a: weight of the words that only the first has.
        only_b: weight of the words that only the second has.
    """

    shared: float
    only_a: float
    only_b: float

    @property
    def silent(self) -> bool:
        """Whether a name has no word that tells it from others."""
        return not self.shared and (not self.only_a or not self.only_b)

    @property
    def same(self) -> bool:
        """Whether the names are the same but for words that say nothing."""
        return bool(self.shared) and not self.only_a and not self.only_b

    @property
    def likeness(self) -> float:
        """Share of the weight of both names that they have in common, 0 to 1."""
        whole = 2 * self.shared + self.only_a + self.only_b
        return 2 * self.shared / whole if whole else 0.0


class NameWeights:
    """Weights of words, by how many names carry them."""

    def __init__(self, names: Iterable[str]) -> None:
        counted = [telling_words(name) for name in names]
        self._carried: Mapping[str, int] = Counter(word for words in counted for word in words)
        self._names = len(counted)

    def weight(self, word: str) -> float:
        """Return the weight of a word, in nats: 9.9 for a word of one name in 20,000."""
        carried = self._carried.get(word, 1) + ELSEWHERE * RARE
        return -log(carried / (self._names + ELSEWHERE))

    def compare(self, a: str, b: str) -> NameMatch:
        """Compare two names; words in two spellings count as one."""
        left, right = telling_words(a), telling_words(b)
        if left != right and _run_together(a) == _run_together(b):
            # "Smithy Bridge" and "Smithybridge".
            return NameMatch(min(self._sum(left), self._sum(right)), 0.0, 0.0)
        shared = left & right
        only_a, only_b = set(left - shared), set(right - shared)
        total = self._sum(shared)
        for word in sorted(only_a):
            other = _spelt_like(word, only_b)
            if other is not None:
                only_a.discard(word)
                only_b.discard(other)
                total += min(self.weight(word), self.weight(other))
        return NameMatch(total, self._sum(only_a), self._sum(only_b))

    def _sum(self, words: Iterable[str]) -> float:
        # In one order always: the last digit of a sum depends on it.
        return sum(self.weight(word) for word in sorted(words))


def _spelt_like(word: str, others: Collection[str]) -> str | None:
    """Return the word that is most like this one; short words and numbers must be the same."""
    if len(word) < 5 or word.isdigit():
        return None
    scored = [(ratio(word, other), other) for other in sorted(others) if not other.isdigit()]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= SPELLING else None
