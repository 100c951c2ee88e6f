"""The list of entries to check: not confirmed for a year, those in areas of high risk first."""

import math
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import Field

from api.dependencies import Params
from api.editing import Desk
from api.pages.support import PlaceView, place_view
from exclusion_map.areas.atlas import Level
from exclusion_map.directory.staleness import Stale, stale_places
from exclusion_map.terms import AreaKind

SHOWN: Final = 20
NO_DECILE: Final = 11


class CheckQuestion(Params):
    """Query parameters of the list."""

    q: str = Field(default="", max_length=100)
    area: str = Field(default="", max_length=12)
    page: int = Field(default=1, ge=1, le=10_000)


@dataclass(frozen=True, slots=True)
class ToCheck:
    """An entry to check, with the tenth that the area it lies in belongs to; 0 if not known."""

    place: PlaceView
    decile: int


def checklist(desk: Desk, asked: CheckQuestion) -> dict[str, Any]:
    """Return what the page of the list shows."""
    with desk.directory.database.reading() as session:
        stale = stale_places(session)
    area, label, note = _area(desk, asked)
    small = desk.service.edition.atlas.level(AreaKind.SMALL_AREA)
    if area is not None:
        level, row = area
        inside = {small.codes[at] for at in desk.service.edition.atlas.members(level, row)}
        stale = [one for one in stale if one.area_code in inside]
    deciles = _deciles(desk, small)
    ordered = sorted(stale, key=lambda one: _order(one, deciles))
    pages = max(1, math.ceil(len(ordered) / SHOWN))
    page = min(asked.page, pages)
    shown = ordered[(page - 1) * SHOWN : page * SHOWN]
    held = {one.id: one for one in _held(desk, shown)}
    return {
        "asked": asked,
        "note": note,
        "where": label or desk.service.edition.manifest.title,
        "total": len(ordered),
        "page": page,
        "pages": pages,
        "query": urlencode({"q": asked.q, "area": asked.area, "page": page}),
        "listed": [
            ToCheck(place_view(desk.service, held[one.id]), deciles.get(one.area_code, 0))
            for one in shown
            if one.id in held
        ],
    }


def _held(desk: Desk, shown: list[Stale]) -> list[Any]:
    from exclusion_map.directory.reading import read_listings

    with desk.directory.database.reading() as session:
        return read_listings(session, [one.id for one in shown])


def _area(desk: Desk, asked: CheckQuestion) -> tuple[tuple[Level, int] | None, str, str]:
    """Return the area that is asked for with its name, and a note where there is none."""
    atlas = desk.service.edition.atlas
    code = asked.area
    if asked.q.strip():
        answer = desk.service.search(asked.q.strip(), 1)
        if not answer.results:
            return None, "", answer.note or f"No place matches “{asked.q}”."
        code = answer.results[0].code
    if not code:
        return None, "", ""
    level, row = atlas.find(code)
    return (level, row), level.labels[row], ""


def _deciles(desk: Desk, small: Level) -> dict[str, int]:
    """Return the tenth of each small area by the default index, 1 for the highest risk."""
    scores = desk.service.edition.atlas.score_set(desk.service.default_index, small.kind)
    return dict(zip(small.codes, scores.decile.tolist(), strict=True))


def _order(one: Stale, deciles: dict[str, int]) -> tuple[int, str, str]:
    """Areas of high risk first; there, what was never confirmed or longest ago."""
    on = one.checked.on.isoformat() if one.checked.on else ""
    return deciles.get(one.area_code, 0) or NO_DECILE, on, one.name
