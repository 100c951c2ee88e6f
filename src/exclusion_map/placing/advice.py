"""What to do about rows without an area, by the reason."""

from collections.abc import Mapping
from typing import Final

from exclusion_map.placing.order import Reason

_ADVICE: Final[Mapping[str, str]] = {
    Reason.SWAPPED: "Latitude and longitude are swapped in some rows. If they are in all, name "
    "the columns: --x is the one with longitude, whatever it is called.",
    Reason.COMMA: "Some coordinates have a decimal comma: write 53.48, not 53,48.",
    Reason.IMPOSSIBLE: "Some coordinates are more than degrees can be. If they are eastings and "
    "northings, add --crs EPSG:27700.",
}
_NOWHERE: Final = (
    "No row is in an area. Check that --x is the longitude or easting, and that --crs is the "
    "system of the coordinates."
)


def advice(rows: int, outcomes: Mapping[str, int]) -> list[str]:
    """Return sentences on rows without an area, for the reasons that a person can mend.

    Args:
        rows: how many there are.
        outcomes: how many by the value of ``Placed`` or ``Reason``.
    """
    told = [text for reason, text in _ADVICE.items() if outcomes.get(reason)]
    if rows and outcomes.get(Reason.OUTSIDE) == rows:
        told.append(_NOWHERE)
    return told
