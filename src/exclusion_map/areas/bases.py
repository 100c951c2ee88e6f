"""Named bases: the areas among which an index is normalised, ranked and cut into tenths."""

from enum import StrEnum

import numpy as np

from exclusion_map.areas.atlas import OUTSIDE, Atlas
from exclusion_map.areas.selection import Selection
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.index import Base
from exclusion_map.terms import AreaKind


class BaseName(StrEnum):
    """What small areas are compared with."""

    ALL = "all"
    NATION = "nation"
    REGION = "region"
    ICB = "icb"
    LOCAL_AUTHORITY = "local_authority"
    RURAL_URBAN = "rural_urban"
    SELECTION = "selection"

    @property
    def described(self) -> str:
        """Description that can follow "compared within"."""
        return _WORDS[self]


_WORDS = {
    BaseName.ALL: "all areas",
    BaseName.NATION: "each nation by itself",
    BaseName.REGION: "each region by itself",
    BaseName.ICB: "each integrated care board by itself",
    BaseName.LOCAL_AUTHORITY: "each local authority by itself",
    BaseName.RURAL_URBAN: "each rural-urban class by itself",
    BaseName.SELECTION: "the areas chosen",
}
_KINDS = {
    BaseName.NATION: AreaKind.NATION,
    BaseName.REGION: AreaKind.REGION,
    BaseName.ICB: AreaKind.ICB,
    BaseName.LOCAL_AUTHORITY: AreaKind.LOCAL_AUTHORITY,
}


def parse_base(text: str) -> BaseName:
    """Return a base by name.

    Raises:
        InvalidRequestError: there is no such base.
    """
    try:
        return BaseName(text.strip().lower())
    except ValueError:
        raise InvalidRequestError(
            f"base {text!r}", found="no such base", expected=f"one of: {', '.join(BaseName)}"
        ) from None


def base_of(atlas: Atlas, name: BaseName, selection: Selection | None = None) -> Base:
    """Return a named base over the small areas of an edition.

    Args:
        atlas: the areas.
        name: name of the base.
        selection: the selected areas; needed only for the base ``selection``.

    Raises:
        InvalidRequestError: the base is ``selection`` and nothing was selected.
        NotFoundError: the edition has no areas of the kind the base is named after.
    """
    small = atlas.level(AreaKind.SMALL_AREA)
    if name is BaseName.ALL:
        return Base.everyone()
    if name is BaseName.SELECTION:
        if selection is None:
            raise InvalidRequestError(
                "base 'selection'",
                found="no areas chosen",
                expected="codes of areas, or an outline, beside it",
            )
        return Base.only(selection.mask(len(small)), selection.described)
    if name is BaseName.RURAL_URBAN:
        if not small.rural_urban:
            raise NotFoundError(
                "base 'rural_urban'", found="no classes in this edition", expected="another base"
            )
        return Base.by(small.rural_urban, name.described)
    kind = _KINDS[name]
    names = atlas.level(kind).labels
    return Base(small.parents[kind].astype(np.int32), names, name.described)


def outside_note(atlas: Atlas, base: Base) -> str:
    """Describe the small areas that the base leaves out; empty if none."""
    if base.groups is None:
        return ""
    out = base.groups == OUTSIDE
    if not out.any():
        return ""
    nations = atlas.level(AreaKind.SMALL_AREA).nations
    where = sorted({nations[row] for row in np.flatnonzero(out)})
    count = f"{int(out.sum()):,} small areas ({', '.join(where)})"
    return f"{count} are outside the base and get no score."
