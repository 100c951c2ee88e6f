"""What people ask of the places that can help, and which places answer it: for API and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from fastapi import Request
from pydantic import Field, field_validator, model_validator

from api.dependencies import Params
from api.directory_service import directory_of
from api.service import Service
from exclusion_map.directory.places import Places
from exclusion_map.directory.selecting import (
    Choice,
    nearest_first,
    parse_open,
    select_places,
    within_bounds,
)
from exclusion_map.directory.snapshot import Rows
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind

DEFAULT_WITHIN_M = 5_000.0
Bounds = tuple[float, float, float, float]


class SupportFilter(Params):
    """Query parameters that choose places by what they are and offer."""

    kind: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Only places of this kind, such as library; may be repeated.",
    )
    support: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Only places that offer this, such as free_wifi; if repeated, all of them.",
    )
    stated: bool = Field(
        default=False,
        description="With support: only where it is confirmed, not where it is usual for the kind.",
    )
    open: str = Field(
        default="",
        max_length=12,
        description="Open now, or at a day and time. Places with unknown hours are left out.",
        examples=["now", "mon-10:30"],
    )
    free: bool = Field(default=False, description="Only where it is known to be free.")
    language: str = Field(
        default="",
        max_length=12,
        description="Only where it is offered in this language (ISO 639 code).",
    )
    access: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Only with this feature, such as step_free; if repeated, all of them.",
    )
    words: str = Field(default="", max_length=100, description="Words in the name of the place.")

    @model_validator(mode="before")
    @classmethod
    def _asked_about(cls, value: Any) -> Any:
        """Leave out what a form left open: without a script, a browser sends it as empty text."""
        if not isinstance(value, Mapping):
            return value
        return {name: said for name, said in value.items() if said != ""}

    @field_validator("kind", "support", "access")
    @classmethod
    def _said(cls, value: list[str]) -> list[str]:
        # A form sends what is left open as an empty text.
        return [each for each in dict.fromkeys(value) if each]

    @property
    def choice(self) -> Choice:
        """The same as a snapshot takes it.

        Raises:
            InvalidRequestError: a value is none that there is.
        """
        return Choice(
            kinds=tuple(self.kind),
            support=tuple(self.support),
            stated=self.stated,
            open_at=parse_open(self.open),
            free=self.free,
            language=self.language.strip().lower(),
            access=tuple(self.access),
            words=tuple(self.words.split()),
        )


@dataclass(frozen=True, eq=False)
class Found:
    """Places that answer a question.

    Attributes:
        places: where they are from.
        rows: of them in the snapshot, in the order they are shown.
        away: metres to each; None where nobody asked from where.
    """

    places: Places
    rows: Rows
    away: npt.NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def ids(self, start: int, stop: int) -> list[str]:
        """Return the ids of some of them."""
        return [self.places.snapshot.ids[row] for row in self.rows[start:stop].tolist()]

    def metres(self, start: int, stop: int) -> Sequence[float | None]:
        """Return how far some of them are."""
        if self.away is None:
            return [None] * len(self.rows[start:stop])
        told: list[float | None] = self.away[start:stop].tolist()
        return told


def places_in(request: Request, service: Service) -> Places:
    """Return the places of the service a request came to."""
    return directory_of(request.app.state).places(service)


def all_found(places: Places, choice: Choice, bounds: Bounds | None = None) -> Found:
    """Return all places that fit, or those inside west, south, east, north, by name."""
    rows = select_places(places.snapshot, choice)
    if bounds is not None:
        rows = within_bounds(places.snapshot, rows, bounds)
    return Found(places, rows)


def found_near(
    places: Places, choice: Choice, latitude: float, longitude: float, within_m: float
) -> Found:
    """Return the places near a point that fit, nearest first."""
    rows = select_places(places.snapshot, choice)
    return Found(places, *nearest_first(places.snapshot, rows, longitude, latitude, within_m))


def found_inside(service: Service, places: Places, choice: Choice, area: str) -> Found:
    """Return the places inside an area that fit, by kind and name.

    Raises:
        NotFoundError: there is no area of that code.
    """
    atlas = service.edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    codes = [small.codes[row] for row in atlas.members(*atlas.find(area))]
    rows = np.intersect1d(
        select_places(places.snapshot, choice), places.snapshot.in_areas(codes), assume_unique=True
    )
    order = np.argsort(places.snapshot.kind[rows], kind="stable")
    return Found(places, rows[order])


def point_of(text: str) -> tuple[float, float]:
    """Return latitude and longitude of ``"53.39,-3.02"``.

    Raises:
        InvalidRequestError: the text is not two numbers on the globe.
    """
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = float("nan")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidRequestError(
            "near", found=repr(text), expected="latitude,longitude such as 53.39,-3.02"
        )
    return latitude, longitude
