"""Rows of a plain list, column by column: faster than cell by cell, and lighter.

Plain are lists whose lines can be cut at every separator (no quotation marks), of places alone or
with counts. What comes out is what `row_cells` finds cell by cell; a test holds them to it.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.footprint.columns import bare

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.bytes_]
LONGEST = 60
"""Letters and digits of a place in a long list: most names of areas have fewer."""


def column(lines: Sequence[str], separator: str, at: int) -> list[str]:
    """Return the cells of a column without blanks around them; empty where a line ends before it.

    Args:
        lines: without quotation marks.
        separator: one sign.
        at: which column, from 0.
    """
    if at == 0:
        return [line.partition(separator)[0].strip() for line in lines]
    return [
        held[at].strip() if len(held := line.split(separator, at + 1)) > at else ""
        for line in lines
    ]


def numbered(parts: Iterable[Sequence[str]]) -> tuple[Ints, Words, Ints] | None:
    """Return which distinct word each of m words is, and these, first come first.

    Texts of their own would take much memory, and so would a dictionary of them: words are held
    side by side in an array, and sorted.

    Args:
        parts: letters and digits alone, as `bares` gives them, some at a time.

    Returns:
        The number of each word (m,), the distinct words (k,), and where each came first (k,); None
        where a word is longer than ``LONGEST``: side by side each takes as much as the longest.
    """
    held: list[Words] = [np.empty(0, dtype="S1")]
    for words in parts:
        if max(map(len, words), default=0) > LONGEST:
            return None
        held.append(np.array(words, dtype=np.bytes_))
    found, first, which = np.unique(np.concatenate(held), return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[which], found[order], first[order]


def bares(texts: Sequence[str]) -> list[str]:
    """Return letters and digits of texts in capitals, as `columns.bare` does one by one."""
    close = "\n".join(texts).replace(" ", "").upper().split("\n") if texts else []
    if len(close) != len(texts):  # A text with a line end in it.
        return [bare(text) for text in texts]
    return [
        short if short.isascii() and short.isalnum() else bare(text)
        for short, text in zip(close, texts, strict=True)
    ]
