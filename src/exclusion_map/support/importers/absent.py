"""A kind of place without a usable list: none are shown, and a note says why and how to fix it."""

from collections import Counter

import pandas as pd

from exclusion_map import catalogue
from exclusion_map.catalogue import Delivery
from exclusion_map.sources.files import declared
from exclusion_map.support.record import Imported
from exclusion_map.terms import SupportKind

_NAMED = 5


def no_list(kind: SupportKind, source_id: str, path: str) -> Imported:
    """Return an empty import, because a declared file is missing."""
    return Imported(
        kind=kind,
        read=0,
        places=(),
        left_out=Counter(),
        closed=frozenset(),
        notes=(lacking(source_id, path),),
        listed=False,
    )


def none_fits(
    kind: SupportKind,
    left_out: Counter[str],
    closed: frozenset[str],
    codes: dict[str, pd.Series],
) -> Imported:
    """Return an empty import, because no row of the list is an open place of this kind.

    Args:
        kind: kind of place expected.
        left_out: number of rows by the reason they were left out.
        closed: the reasons that mean closed.
        codes: names, in words, of the columns used to decide, and the columns.
    """
    found = "; ".join(
        f"{name} {', '.join(repr(str(code)) for code in cells.value_counts().index[:_NAMED])}"
        for name, cells in codes.items()
    )
    return Imported(
        kind=kind,
        read=left_out.total(),
        places=(),
        left_out=left_out,
        closed=closed,
        notes=(
            f"None of the {left_out.total():,} rows of the list is an open place of this kind; "
            f"it has {found or 'no rows'}. The publisher may have changed its codes.",
        ),
        listed=False,
    )


def lacking(source_id: str, path: str) -> str:
    """Return a note that a file is missing from the raw folder, and how to get it."""
    source, file = catalogue.source(source_id), declared(source_id, path)
    if file.delivery is Delivery.BY_HAND:
        how = f"get it from {file.address or source.page} and save it in the raw folder"
    else:
        how = "run `exclusion-map fetch` to get it"
    return f"{source_id}/{file.path} is missing: {how}."
