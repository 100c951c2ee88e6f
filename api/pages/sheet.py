"""The printed sheet of a neighbourhood: the nearest places that help, on one A4 page."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field

from api.pages import words
from api.pages.help_anywhere import help_view
from api.pages.sheet_fitting import TYPES, Line, beside_map, fitting
from api.pages.sheet_map import sheet_map
from api.pages.support import PlaceView, place_view
from api.service import Service
from api.support_query import SupportFilter
from exclusion_map.areas.atlas import Level
from exclusion_map.areas.search import context_of
from exclusion_map.database import now
from exclusion_map.directory.places import Places
from exclusion_map.directory.remote import HeldHelp, choose
from exclusion_map.directory.selecting import Choice, nearest_first, select_places
from exclusion_map.directory.snapshot import Rows
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind

KINDS: Final = (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.WARD)
MOST: Final = 12
_ANYWHERE_M = 50_000_000.0
_HELPLINES = 3


class SheetQuestion(SupportFilter):
    """What a sheet shows, and how large."""

    size: Literal["normal", "large"] = Field(
        default="normal", description="normal: 14 point; large: 18 point."
    )
    places: int = Field(
        default=6, ge=1, le=MOST, description="Maximum number of places; as many as fit."
    )
    postcode: str = Field(
        default="", max_length=12, description="Distances are measured from here."
    )
    by: str = Field(default="", max_length=60, description="Who made the sheet.")


def sheet_context(
    service: Service,
    places: Places,
    focus: tuple[Level, int],
    asked: SheetQuestion,
    remote: Sequence[HeldHelp],
    origin: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return what the template of the sheet needs.

    Args:
        service: with the edition.
        places: to choose from.
        focus: the area: a small area, a neighbourhood or a ward.
        asked: what is shown.
        remote: help without a place.
        origin: longitude and latitude of a postcode; the middle of the area when None.

    Raises:
        InvalidRequestError: the area is too large for a sheet.
    """
    level, row = focus
    _check_size(level, row)
    kind = TYPES[asked.size]
    point = origin or (float(level.longitude[row]), float(level.latitude[row]))
    views = _nearest(service, places, asked, point)
    from_home = beside_map(_remote_lines(remote, level.nations[row]), kind)
    title = f"Help to get online near {asked.postcode.upper() or level.labels[row]}"
    foot = _foot(service, asked)
    entries = fitting(views[: asked.places], kind, title, from_home, foot)
    shown = views[: len(entries)]
    drawn = sheet_map(
        service,
        focus,
        point,
        [(one.longitude or 0.0, one.latitude or 0.0, one.name) for one in shown],
        kind.map_size,
        kind.letters,
        f"the middle of {asked.postcode.upper()}" if origin else "the middle of the area",
    )
    return {
        "asked": asked,
        "title": title,
        "name": level.labels[row],
        "where": context_of(service.edition.atlas, level, row),
        "code": level.codes[row],
        "map": drawn,
        "entries": entries,
        "fewer": len(entries) < min(asked.places, len(views)),
        "remote": from_home,
        "foot": foot,
        **_choices(places),
    }


def _check_size(level: Level, row: int) -> None:
    if level.kind not in KINDS:
        raise InvalidRequestError(
            f"a sheet of {level.labels[row]}",
            found=f"a {level.kind.label}",
            expected="a small area, a neighbourhood or a ward",
            mend="Choose one inside it, or type a postcode.",
        )


def _nearest(
    service: Service, places: Places, asked: SheetQuestion, point: tuple[float, float]
) -> list[PlaceView]:
    """Return the places nearest to a point, the nearest first."""
    near, away = nearest_first(
        places.snapshot, helpful(places, asked), point[0], point[1], _ANYWHERE_M
    )
    listed = dict(zip((places.snapshot.ids[at] for at in near[:MOST]), away[:MOST], strict=True))
    return [place_view(service, held, listed[held.id]) for held in places.held(list(listed))]


def _choices(places: Places) -> dict[str, list[tuple[str, str]]]:
    """Return what the form offers: kinds of place that there are, and terms of support."""
    kinds = [term for term in taxonomy(PLACES).terms if places.snapshot.counts[term.key]]
    return {
        "option_kinds": [(term.key, term.name) for term in kinds],
        "option_terms": [(term.key, term.name) for term in taxonomy(SUPPORT).terms],
    }


def helpful(places: Places, asked: SheetQuestion) -> Rows:
    """Return the places to choose from: unless kinds are named, those known or usual to help."""
    choice = asked.choice
    rows = select_places(places.snapshot, choice)
    if choice.kinds or choice.support:
        return rows
    snapshot = places.snapshot
    helps = np.zeros(len(snapshot), dtype=np.bool_)
    helps[snapshot.place[(snapshot.stated | snapshot.usual) != 0]] = True
    some = rows[helps[rows]]
    return some if len(some) or choice != Choice() else rows


def _remote_lines(remote: Sequence[HeldHelp], nation: str) -> list[Line]:
    """Return help from home in short lines, what to try first first."""
    ring = [
        (view.name, f"{view.phone}{f', {view.hours}' if view.hours else ''}")
        for view in (help_view(held) for held in choose(remote, "helpline", nation))
        if view.phone
    ]
    lines = ring[:_HELPLINES]
    if choose(remote, "mobile", nation):
        lines.insert(1, ("Free SIM cards:", "ask near you about the National Databank."))
    if choose(remote, "broadband", nation):
        told = "ask your broadband company for its cheaper social tariff."
        lines.insert(1, ("On benefits?", words.upper_first(told)))
    return lines


def _foot(service: Service, asked: SheetQuestion) -> str:
    made = f"Made{f' by {asked.by.strip()}' if asked.by.strip() else ''}"
    invented = " An invented place, none of it is real." if _synthetic(service) else ""
    return (
        "Details may have changed: ring first. Walks are estimates. "
        f"{made} on {words.day(now().date())} with Exclusion Map.{invented}"
    )


def _synthetic(service: Service) -> bool:
    return service.edition.manifest.synthetic
