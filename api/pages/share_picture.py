"""The map of a division: each area in a colour by what its unit gets."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from api.pages.target_picture import picture
from api.targets import Base
from exclusion_map.areas.atlas import Atlas
from exclusion_map.editions.sharing import Shared
from exclusion_map.targeting.sharing_reasons import Teller
from exclusion_map.terms import AreaKind

COLOURS: Final = ("#f4f2ef", "#d6e6f4", "#9ec9e2", "#58a1cf", "#2270b5", "#08376d")
"""None at all, then few to many: told apart in greyscale, too."""
_WIDER: Final = (
    *(AreaKind.LOCAL_AUTHORITY, AreaKind.SUB_ICB, AreaKind.ICB),
    *(AreaKind.REGION, AreaKind.NATION),
)


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


def share_svg(base: Base, shared: Shared) -> str:
    """Return the map of a division as SVG."""
    atlas = base.service.edition.atlas
    units = shared.share.units
    of_units = classes_of(shared)
    classes = np.zeros(len(atlas.level(AreaKind.SMALL_AREA)), dtype=np.uint8)
    # An area of several units has the colour of the one that gets most.
    rising = np.argsort(shared.share.given[units.unit], kind="stable")
    classes[units.row[rising]] = of_units[units.unit[rising]]
    return picture(
        base,
        around(atlas, units.row),
        classes,
        COLOURS,
        (),
        title=shared.title,
        alt=f"{shared.title}. The table says what each gets.",
    )


def around(atlas: Atlas, rows: npt.NDArray[Any]) -> str:
    """Return the code of the smallest wider area that holds all of some small areas."""
    small = atlas.level(AreaKind.SMALL_AREA)
    for kind in _WIDER:
        parent = small.parents.get(kind)
        if parent is None:
            continue
        held = np.unique(parent[rows])
        if len(held) == 1 and held[0] >= 0:
            return atlas.level(kind).codes[int(held[0])]
    return ""
