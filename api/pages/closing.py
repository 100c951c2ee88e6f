"""What the page of a closing shows: who has farther to go without a place, and where to."""

from typing import Any, Final

from api.targets import WAY, Base
from exclusion_map.editions.papers.closing import (
    Closed,
    closing_alt,
    closing_key,
    closing_map,
    closing_rows,
)
from exclusion_map.targeting.closing import closing_of

SHOWN: Final = 30


def closed(base: Base, identity: str, threshold: float) -> Closed:
    """Return what the closing of a place does, with all that is told of it.

    Raises:
        NotFoundError: there is no such place.
        InvalidRequestError: it is not on the map.
    """
    return Closed(
        edition=base.service.edition,
        sites=base.sites,
        closing=closing_of(base.homes, base.sites, identity, WAY, threshold=threshold),
        risk=base.risk(None),
        way=WAY.label,
    )


def context(base: Base, identity: str, threshold: float) -> dict[str, Any]:
    """Return everything the page shows."""
    found = closed(base, identity, threshold)
    return {
        **found.summary(),
        "kind_word": found.kind_word,
        "far": found.far,
        "rows": closing_rows(found, SHOWN),
        "risk": found.at_risk,
        "way": found.way,
        "lead": found.lead,
        "alt": closing_alt(found),
        "key": closing_key(found),
    }


def closing_svg(found: Closed) -> str | None:
    """Return the map as an SVG file; None where nobody uses the place."""
    drawn = closing_map(found)
    return None if drawn is None else drawn.svg(closing_alt(found), inside=False)
