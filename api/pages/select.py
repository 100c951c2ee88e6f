"""Areas picked by hand: the page that does without a map, and the rows of the map's table."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from api.pages import words
from api.pages.areas import AreaRow, Query, area_rows, list_areas
from api.pages.compare import MOST
from api.pages.lens import Lens
from api.picking import Picked
from exclusion_map.maps import palette
from exclusion_map.terms import AreaKind

ROWS_IN_VIEW: Final = 50
DISTANCES: Final = (500, 1_000, 2_000, 5_000, 10_000)
_LONGEST: Final = 5_500
"""Letters of a list of codes that the page of roll-ups takes in an address."""


@dataclass(frozen=True, slots=True)
class Row:
    """An area as a line beside the map, with its id in the tiles."""

    area: AreaRow
    kind: AreaKind
    feature: int
    picked: bool


def rows_of(lens: Lens, picked: Picked) -> list[Row]:
    """Return the areas that were picked as lines of a table, the highest risk first."""
    atlas = lens.engine.service.edition.atlas
    found = []
    for one in picked.areas:
        level = atlas.level(one.kind)
        line = area_rows(atlas, level, lens.scores(one.kind), [one.feature])[0]
        found.append(Row(line, one.kind, one.feature, picked=True))
    return sorted(found, key=lambda row: (row.area.decile or 11, row.area.rank or 10**9))


def rows_in_view(lens: Lens, query: Query, taken: frozenset[str]) -> tuple[list[Row], int]:
    """Return the first areas in view as lines of a table, and how many there are in all."""
    found = list_areas(lens, query, ROWS_IN_VIEW)
    position = lens.engine.service.edition.atlas.level(query.kind).position
    rows = [
        Row(line, query.kind, position[line.code], picked=line.code in taken) for line in found.rows
    ]
    return rows, found.total


def actions(lens: Lens, picked: Picked) -> dict[str, str]:
    """Return where a selection can be taken, by name; an action it is too large for is left out."""
    codes = ",".join(one.code for one in picked.areas)
    kinds = {one.kind for one in picked.areas}
    query = lens.query
    found = {"map": f"/?{_said({'select': codes, **query})}"}
    if len(picked.areas) <= MOST:
        found["compare"] = f"/compare?{_said({'areas': codes, **query})}"
    scored: dict[str, str] = {
        name: value for name, value in query.items() if name in ("index", "weights")
    }
    if len(codes) <= _LONGEST:
        found["summary"] = f"/rollup?{_said({'where': codes, **scored})}"
    if len(kinds) == 1 and len(codes) < 4_000:
        kind = next(iter(kinds)).value
        wanted = {"where": codes, "kind": kind, **scored}
        found["download"] = f"/api/v1/download/areas.csv?{_said(wanted)}"
    return found


def _said(query: dict[str, str]) -> str:
    return urlencode(query, safe=",:")


def summary(picked: Picked) -> str:
    """Return what was picked and where it comes from, in one sentence."""
    if picked.inside is None:
        return f"{words.upper_first(picked.words)}."
    return (
        f"{words.upper_first(picked.words)}. {words.upper_first(words.about(picked.inside))} "
        f"people live within the outline itself. {picked.how}"
    )


def kind_options(lens: Lens) -> list[tuple[str, str]]:
    """Return the kinds of areas that can be picked by distance."""
    wanted = (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.WARD, AreaKind.LOCAL_AUTHORITY)
    held = lens.engine.service.edition.atlas.levels
    return [(kind.value, words.upper_first(kind.label_plural)) for kind in wanted if kind in held]


def context(lens: Lens, picked: Picked | None) -> dict[str, Any]:
    """Return what the page shows of a selection, if there is one."""
    shown: dict[str, Any] = {
        "lens": lens,
        "distances": [(str(metres), words.distance(metres)) for metres in DISTANCES],
        "kind_options": kind_options(lens),
        "most": MOST,
        "picked": picked,
        "decile_words": palette.decile_words,
    }
    if picked is None:
        return shown
    return shown | {
        "rows": rows_of(lens, picked),
        "actions": actions(lens, picked),
        "summary": summary(picked),
    }
