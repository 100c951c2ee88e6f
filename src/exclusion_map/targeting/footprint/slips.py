"""Postcodes mistyped with the letter O for the digit 0 or I for 1, or the other way round.

A slip is mended only where exactly one postcode that exists, now or in the past, differs from the
text by such slips alone. Where several do, nobody can tell which was meant.
"""

import re
from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from exclusion_map.geography.postcode_index import PostcodeIndex

_FORM = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][ABD-HJLNP-UW-Z]{2}")
"""The last two letters are never one of C, I, K, M, O and V: a practice Y00001 is no postcode."""
_EITHER = {"O": "O0", "0": "O0", "I": "I1", "1": "I1"}
_SHORTEST, _LONGEST = 5, 7


def slips_of(bare: str) -> list[str]:
    """Return every form of a postcode that a text can be but for O and 0, I and 1; not itself."""
    if not _SHORTEST <= len(bare) <= _LONGEST or not bare.isalnum() or not bare.isascii():
        return []
    ways = product(*(_EITHER.get(sign, sign) for sign in bare))
    made = ("".join(way) for way in ways)
    return [one for one in made if one != bare and _FORM.fullmatch(one)]


def mended(
    index: PostcodeIndex, bares: Sequence[str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the row (k,) of the one postcode each text can only be, -1 for none; and how many.

    Args:
        index: all postcodes there are.
        bares: k texts that are no postcode: letters and digits, in capitals.
    """
    row = np.full(len(bares), -1, dtype=np.int64)
    made = [slips_of(one) for one in bares]
    of = np.repeat(np.arange(len(bares)), [len(one) for one in made])
    found = index.find_many([one for several in made for one in several])
    there = found >= 0
    count = np.bincount(of[there], minlength=len(bares))
    row[of[there]] = found[there]
    row[count != 1] = -1
    return row, count
