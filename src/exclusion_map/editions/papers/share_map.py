"""The map of a division: each area in a colour by what its unit gets."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas import words
from exclusion_map.editions.papers.picture import area_map, around
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.sharing import Shared
from exclusion_map.maps.area_map import AreaMap, Key
from exclusion_map.targeting.sharing_reasons import Teller
from exclusion_map.terms import AreaKind

COLOURS: Final = ("#f4f2ef", "#d6e6f4", "#9ec9e2", "#58a1cf", "#2270b5", "#08376d")
"""None at all, then few to many: told apart in greyscale, too."""


@dataclass(frozen=True, slots=True)
class LegendLine:
    """A class of the map, in words."""

    colour: str
    words: str
    units: int


def classes_of(shared: Shared) -> npt.NDArray[np.uint8]:
    """Return (n,) class of each unit: 1 for nothing, 2 to 6 by what it gets."""
    given = shared.share.division.given
    some = np.unique(given[given > 0])
    if not len(some):
        return np.ones(len(given), dtype=np.uint8)
    parts = min(len(COLOURS) - 1, len(some))
    cuts = some[[int(np.ceil(len(some) * part / parts)) - 1 for part in range(1, parts + 1)]]
    found = 2 + np.searchsorted(cuts, given, side="left")
    # Few classes take the colours at the ends, so that they differ as much as can be.
    spread = np.round(np.linspace(2, len(COLOURS), parts)).astype(int) if parts > 1 else [4]
    found = np.asarray(spread)[np.clip(found - 2, 0, parts - 1)]
    return np.where(given > 0, found, 1).astype(np.uint8)


def legend(shared: Shared) -> list[LegendLine]:
    """Return the classes of the map in words, fewest first."""
    given, classes = shared.share.division.given, classes_of(shared)
    teller, lines = Teller(shared.share), []
    for number in np.unique(classes).tolist():
        held = given[classes == number]
        low, high = (teller.amount(float(end)) for end in (held.min(), held.max()))
        lines.append(
            LegendLine(
                COLOURS[number - 1],
                f"{low} {shared.what}" if low == high else f"{low} to {high} {shared.what}",
                len(held),
            )
        )
    return lines


def share_map(edition: Edition, shared: Shared, *, keyed: bool = False) -> AreaMap:
    """Return the map of a division."""
    atlas, units = edition.atlas, shared.share.units
    of_units = classes_of(shared)
    classes = np.zeros(len(atlas.level(AreaKind.SMALL_AREA)), dtype=np.uint8)
    # An area of several units has the colour of the one that gets most.
    rising = np.argsort(shared.share.given[units.unit], kind="stable")
    classes[units.row[rising]] = of_units[units.unit[rising]]
    one = "partner" if shared.kind is None else shared.kind.label
    many = None if shared.kind is None else shared.kind.label_plural
    key = [
        Key(line.colour, f"{line.words} ({words.plural(line.units, one, many)})")
        for line in legend(shared)
    ]
    code = around(atlas, units.row)
    inside = atlas.members(*atlas.find(code)) if code else slice(None)
    nobody = [Key("", "not among those who share")] if (classes[inside] == 0).any() else []
    return area_map(
        edition,
        code,
        classes,
        COLOURS,
        title="" if keyed else shared.title,
        key=[*key, *nobody] if keyed else (),
    )


def share_alt(shared: Shared) -> str:
    """Return what the map shows, in words."""
    return f"{shared.title}. The table says what each gets."
