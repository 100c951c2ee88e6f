"""Areas picked by hand: named, inside an outline, or near a place; what there is to say of them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from api.engine import Engine
from api.pages import words
from api.pages.lens import codes_of
from api.service import Service
from exclusion_map.areas.inside import MAX_METRES, areas_inside, circle
from exclusion_map.editions.gazetteer import addresses_of
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import AreaKind

MOST_PICKED: Final = 200
"""Areas that an address can still hold."""
_CODE: Final = re.compile(r"[A-Za-z][0-9]{8}")
HOW: Final = "An area is taken when at least half of its people live inside, by postcodes in use."


class PickBody(BaseModel):
    """A boundary in which to select areas."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "example": {
                "kind": "neighbourhood",
                "polygon": {
                    "type": "Polygon",
                    "coordinates": [
                        [[-3.1, 53.3], [-2.9, 53.3], [-2.9, 53.5], [-3.1, 53.5], [-3.1, 53.3]]
                    ],
                },
            }
        },
    )

    kind: AreaKind = AreaKind.SMALL_AREA
    polygon: dict[str, Any] = Field(
        description="A GeoJSON Polygon or MultiPolygon, a Feature, or a FeatureCollection."
    )


class PickedArea(BaseModel):
    """One selected area."""

    model_config = ConfigDict(frozen=True)

    code: str
    kind: AreaKind
    name: str
    feature: int = Field(description="Feature id in the tiles of this edition.")
    population: float | None


class Picked(BaseModel):
    """The selected areas."""

    model_config = ConfigDict(frozen=True)

    edition: str
    areas: tuple[PickedArea, ...]
    population: float = Field(
        description="People who live in any of them; each person counts once."
    )
    words: str = Field(description="Number of areas and people, in words.")
    bounds: tuple[float, float, float, float] = Field(
        description="West, south, east and north bounds of all areas, in degrees."
    )
    unknown: tuple[str, ...] = Field(
        default=(), description="Codes that this edition does not have; ignored."
    )
    inside: float | None = Field(
        default=None,
        description="With a boundary: people inside, with areas that it cuts counted in part.",
    )
    how: str = Field(
        default="", description="With a boundary: how it was decided what lies inside."
    )


def picked_by_code(engine: Engine, text: str) -> Picked:
    """Return the areas of codes or names with commas between them.

    Codes of another edition are left out and told, for addresses live longer than editions.

    Raises:
        NotFoundError: a name is that of no area, or no code is of this edition.
        InvalidRequestError: there are none, or too many.
    """
    has = engine.service.edition.atlas.has
    named = [part.strip() for part in text.split(",")]
    unknown = [part for part in named if _CODE.fullmatch(part) and not has(part)]
    known = ",".join(part for part in named if part not in unknown)
    answer = picked(engine.service, area_codes(engine, known or text))
    return answer.model_copy(update={"unknown": tuple(unknown)})


def area_codes(engine: Engine, text: str) -> tuple[str, ...]:
    """Return the codes of areas of any kind, each once, by codes or names with commas.

    What has the form of a code is never taken for a name that is a little like it.

    Raises:
        NotFoundError: one of them is no area.
        InvalidRequestError: there are none, or too many.
    """
    atlas = engine.service.edition.atlas
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if _CODE.fullmatch(part):
            atlas.find(part)
    if parts and len(parts) <= MOST_PICKED and all(map(atlas.has, parts)):
        return tuple(dict.fromkeys(part.upper() for part in parts))
    codes = codes_of(engine, text)
    if not codes:
        raise InvalidRequestError(
            "areas", found="none", expected="codes or names separated by commas"
        )
    return codes


def picked_inside(service: Service, kind: AreaKind, polygon: Mapping[str, Any]) -> Picked:
    """Return the areas of a kind that lie in an outline.

    Raises:
        InvalidRequestError: it is no outline, or holds no area, or too many.
        NotFoundError: the edition has no areas of that kind.
    """
    atlas = service.edition.atlas
    found = areas_inside(atlas, kind, polygon, addresses_of(service.edition))
    if not len(found.rows):
        raise InvalidRequestError(
            "outline",
            found=f"no {kind.label} with at least half of its people inside",
            expected="at least one",
            mend="Draw a larger shape, or zoom in to select smaller areas.",
        )
    if len(found.rows) > MOST_PICKED:
        raise InvalidRequestError(
            "outline",
            found=f"{len(found.rows):,} {kind.label_plural} inside",
            expected=f"at most {MOST_PICKED}",
            mend="Draw a smaller shape, or zoom out to select larger areas.",
        )
    level = atlas.level(kind)
    answer = picked(service, (level.codes[row] for row in found.rows))
    return answer.model_copy(update={"inside": found.people, "how": HOW})


def picked_near(service: Service, place: str, metres: float, kind: AreaKind) -> Picked:
    """Return the areas of a kind within a distance of a postcode or place.

    Raises:
        NotFoundError: nothing is called that.
        InvalidRequestError: the distance is none, or no area lies so near, or too many do.
    """
    longitude, latitude = point_of(service, place)
    return picked_inside(service, kind, circle(longitude, latitude, min(metres, MAX_METRES)))


def point_of(service: Service, place: str) -> tuple[float, float]:
    """Return longitude and latitude of a postcode or place; a postcode is the point itself.

    Raises:
        NotFoundError: nothing is called that.
        InvalidRequestError: the text is empty.
    """
    found = service.search(place.strip(), 1).results
    if not found:
        raise NotFoundError(
            f"place {place.strip()!r}",
            found="nothing of that name",
            expected="a postcode, or the name of a place, ward or council",
        )
    if found[0].matched == "postcode" and service.edition.postcodes is not None:
        held = service.edition.postcodes.find(found[0].matched_text)
        if held and held.longitude is not None and held.latitude is not None:
            return held.longitude, held.latitude
    return found[0].point


def picked(service: Service, codes: Iterable[str]) -> Picked:
    """Return what there is to say of areas by their codes.

    Raises:
        NotFoundError: the edition does not have one of them.
    """
    atlas = service.edition.atlas
    places = [atlas.find(code) for code in codes]
    small = atlas.level(AreaKind.SMALL_AREA)
    members = np.unique(np.concatenate([atlas.members(level, row) for level, row in places]))
    people = float(np.nansum(small.population[members]))
    kinds = {level.kind for level, _ in places}
    one, many = ("place", "places")
    if len(kinds) == 1:
        kind = next(iter(kinds))
        one, many = kind.label, kind.label_plural
    return Picked(
        edition=service.edition.id,
        areas=tuple(
            PickedArea(
                code=level.codes[row],
                kind=level.kind,
                name=level.labels[row],
                feature=row,
                population=_known(float(level.population[row])),
            )
            for level, row in places
        ),
        population=people,
        bounds=_bounds(np.array([level.bbox[row] for level, row in places])),
        words=f"{words.plural(len(places), one, many)}, {words.about(people)} people",
    )


def _bounds(boxes: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _known(number: float) -> float | None:
    return number if words.known(number) else None
