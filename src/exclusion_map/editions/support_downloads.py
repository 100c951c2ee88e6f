"""Which places of support a download holds: all, those inside an area, or those near a point."""

from dataclasses import dataclass

import numpy as np

from exclusion_map.editions.credits import about_support
from exclusion_map.editions.reader import Edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.shapes import Points
from exclusion_map.exports.support_columns import support_columns
from exclusion_map.support.nearest import Near, SupportPlace
from exclusion_map.terms import AreaKind, SupportKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportOrder:
    """Which places a file holds.

    Attributes:
        kinds: of place; all when empty.
        area: code of an area they lie in; empty for everywhere.
        near: latitude and longitude of a point.
        within_m: how far from the point, in metres.
    """

    kinds: tuple[SupportKind, ...] = ()
    area: str = ""
    near: tuple[float, float] | None = None
    within_m: float = 5_000.0


def support_dataset(edition: Edition, order: SupportOrder) -> Dataset:
    """Return the table of places that an order asks for.

    Raises:
        InvalidRequestError: both an area and a point are given, or no place is left.
        NotFoundError: there is no such area.
    """
    if order.area and order.near is not None:
        raise InvalidRequestError(
            "area and near", found="both", expected="one: inside an area, or near a point"
        )
    near = _near(edition, order)
    places = [one.place for one in near] if near is not None else _inside(edition, order)
    words = _words(edition, order)
    if not places:
        raise InvalidRequestError(
            "places",
            found=f"none {words}",
            expected="at least one",
            mend="Choose a larger place or other kinds.",
        )
    kinds = ", ".join(kind.label_plural for kind in order.kinds) or "places of every kind"
    return Dataset(
        name="support",
        file_name=_file_name(edition, order),
        key="id",
        columns=tuple(support_columns(edition.atlas, places, near)),
        about=about_support(edition, f"{len(places):,} places: {kinds} {words}", words),
        shapes=Points(
            np.array([place.longitude for place in places]),
            np.array([place.latitude for place in places]),
        ),
    )


def _near(edition: Edition, order: SupportOrder) -> list[Near] | None:
    if order.near is None:
        return None
    latitude, longitude = order.near
    return edition.support.within(longitude, latitude, order.within_m, order.kinds or None)


def _inside(edition: Edition, order: SupportOrder) -> list[SupportPlace]:
    atlas = edition.atlas
    if order.area:
        small = atlas.level(AreaKind.SMALL_AREA)
        members = atlas.members(*atlas.find(order.area))
        codes = [small.codes[row] for row in members]
        return edition.support.in_areas(codes, order.kinds or None)
    places = edition.support.places(range(len(edition.support)))
    return [place for place in places if not order.kinds or place.kind in order.kinds]


def _words(edition: Edition, order: SupportOrder) -> str:
    if order.near is not None:
        latitude, longitude = order.near
        return f"within {order.within_m:,.0f} m of {latitude:g}, {longitude:g}"
    if order.area:
        level, row = edition.atlas.find(order.area)
        return f"in {level.labels[row]}"
    return f"in {edition.manifest.title}"


def _file_name(edition: Edition, order: SupportOrder) -> str:
    parts = ["exclusion-map", edition.id, "support"]
    parts += [kind.value.replace("_", "-") for kind in order.kinds]
    if order.area:
        level, row = edition.atlas.find(order.area)
        parts.append(level.codes[row])
    if order.near is not None:
        latitude, longitude = order.near
        parts.append(f"near-{latitude:.3f}-{longitude:.3f}")
    return "-".join(parts)
