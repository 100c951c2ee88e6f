"""Colours of risk crossed with something else: nine or twenty-five, for maps of two things at once.

Of the nine any two differ by 21 or more (CIE L*a*b*), of the twenty-five by 18 or more, also with
every kind of colour-blindness; along each axis they get darker from class to class, so that a print
without colour still shows what is high on both. Which of the two is high cannot be read from greys
alone: for print there are greys for the likelihood with lines for the impact.
"""

from typing import Final

NINE: Final = (
    *("#340d44", "#733384", "#d9731b"),
    *("#2345b4", "#9b959a", "#f1c070"),
    *("#4ca6ca", "#b5dbed", "#f7f2e2"),
)
"""Highest risk first; within a risk, the highest of the other first."""

TWENTY_FIVE: Final = (
    *("#360020", "#5f0000", "#6c283b", "#ab110a", "#dc4a0b"),
    *("#3a1364", "#5c2c5c", "#9c3e37", "#bc7346", "#fc8600"),
    *("#4201b7", "#694594", "#8e6b72", "#c09e7c", "#f9ac5c"),
    *("#3151c1", "#6f7399", "#8aa8b7", "#bfc4b6", "#f7d79c"),
    *("#894cfe", "#6786ee", "#80c3f8", "#bce0f7", "#f7f8de"),
)
"""In the same order. Found by moving colours in CIE L*a*b* until the nearest two were farthest."""

GREYS: Final = {
    3: ("#3f3f3f", "#9a9a9a", "#f0f0f0"),
    5: ("#2a2a2a", "#5e5e5e", "#929292", "#c4c4c4", "#f4f4f4"),
}
"""Of the likelihood alone, highest first: even steps of lightness, for print in black and white."""


def cell_colours(size: int) -> tuple[str, ...]:
    """Return the colours of a matrix by the number of the cell: lowest of both first.

    Number 1 is low likelihood, low impact; then impact rises, then likelihood.
    """
    return tuple(reversed(NINE if size == 3 else TWENTY_FIVE))


def cell_greys(size: int) -> tuple[str, ...]:
    """Return the grey of the likelihood of each cell, in the same order."""
    return tuple(grey for grey in reversed(GREYS[size]) for _ in range(size))
