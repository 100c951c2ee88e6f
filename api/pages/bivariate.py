"""Nine colours for risk beside the way to support, and what each means in words."""

from typing import Final

from api.pages import words
from exclusion_map.maps.crossed_colours import NINE
from exclusion_map.targeting.crossed import RISK_WORDS

COLOURS: Final = NINE


def way_words(threshold: float) -> tuple[str, str, str]:
    """Return what the three classes of ways are called."""
    near, far = words.distance(threshold), words.distance(2 * threshold)
    return f"more than {far}", f"{near} to {far}", f"up to {near}"


def labels(threshold: float) -> tuple[str, ...]:
    """Return the names of the nine classes."""
    return tuple(f"{risk}, {way}" for risk in RISK_WORDS for way in way_words(threshold))
