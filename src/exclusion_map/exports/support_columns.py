"""Columns of places of support, each with its entry in the data dictionary."""

from collections.abc import Sequence

import numpy as np

from exclusion_map.areas.atlas import OUTSIDE, Atlas
from exclusion_map.exports.area_columns import number, text, whole
from exclusion_map.exports.dataset import Column
from exclusion_map.support.nearest import Near, SupportPlace
from exclusion_map.terms import AreaKind

_TEXTS = {
    "name": ("Name", ""),
    "address": ("Address", ""),
    "postcode": ("Postcode", ""),
    "phone": ("Telephone", ""),
    "email": ("Email", ""),
    "url": ("Web page", "Web page of the place or of its provider."),
    "opening_hours": ("Opening hours", "JSON: from and to for each day; empty = not known."),
    "hours_note": ("About the hours", "Remarks on the opening hours."),
    "about": ("About", "What a visitor should know."),
    "source": ("Source", "Id of the list it comes from."),
    "as_of": ("As of", "Date of the information; empty = not known."),
    "placed_by": ("Placed by", "How its position was determined."),
}


def support_columns(
    atlas: Atlas, places: Sequence[SupportPlace], near: Sequence[Near] | None = None
) -> list[Column]:
    """Return the columns of places; with ``near`` also how far each is."""
    columns = [
        text("id", "Id", "Identifier in this service.", [place.id for place in places]),
        text("kind", "Kind", "library, gp_practice and so on.", [p.kind.value for p in places]),
    ]
    for name, (title, description) in _TEXTS.items():
        told = [getattr(place, name) or "" for place in places]
        columns.append(text(name, title, description, told))
    columns.extend(area_columns(atlas, [place.area_code for place in places]))
    if near is not None:
        away = np.array([one.metres for one in near]).round()
        told_away = "Straight-line distance from the point searched from."
        columns.append(whole("distance_m", "Distance", told_away, away, "metres"))
    for name, title in (("longitude", "Longitude"), ("latitude", "Latitude")):
        at = np.array([getattr(place, name) for place in places], dtype=np.float64)
        columns.append(number(name, title, "WGS 84.", at, "degrees"))
    return columns


def area_columns(atlas: Atlas, areas: Sequence[str]) -> list[Column]:
    """Return the small area and the local authority of places, by the codes of small areas."""
    small, council = atlas.level(AreaKind.SMALL_AREA), atlas.levels.get(AreaKind.LOCAL_AUTHORITY)
    codes = [code if code in small.position else "" for code in areas]
    rows = [small.position.get(code, OUTSIDE) for code in codes]
    names = [small.labels[row] if row != OUTSIDE else "" for row in rows]
    columns = [
        text("area_code", "Small area", "Code of the small area that contains it.", codes),
        text("area_name", "Small area name", "", names),
    ]
    if council is not None:
        parents = small.parents[AreaKind.LOCAL_AUTHORITY]
        held = [int(parents[row]) if row != OUTSIDE else OUTSIDE for row in rows]
        for part, values in (("code", council.codes), ("name", council.labels)):
            told = [values[row] if row != OUTSIDE else "" for row in held]
            title = f"Local authority {part}"
            columns.append(text(f"local_authority_{part}", title, "It lies in.", told))
    return columns
