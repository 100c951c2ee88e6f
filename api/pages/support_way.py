"""How far a place is from a postcode that somebody typed."""

from dataclasses import dataclass

from api.pages.sheet_fitting import way_words
from api.service import Service
from exclusion_map.support.distance import metres_between


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a place.

    Attributes:
        origin: the postcode as it is written.
        words: how far, and how long on foot; empty where the postcode is not known.
    """

    origin: str
    words: str


def way_to(
    service: Service, origin: str, longitude: float | None, latitude: float | None
) -> Way | None:
    """Return the way from a postcode; None where nobody asked, or the place is not on the map."""
    asked = " ".join(origin.split())
    if not asked or longitude is None or latitude is None:
        return None
    found = service.search(asked, 1).results
    if not found or not found[0].matched.startswith("postcode"):
        return Way(asked, "")
    metres = metres_between(*found[0].point, longitude, latitude)
    return Way(found[0].matched_text, way_words(metres))
