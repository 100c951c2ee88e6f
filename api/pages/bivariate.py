"""Nine colours for risk beside the way to support, and what each means in words."""

from typing import Final

from exclusion_map.editions.papers.gaps import way_words
from exclusion_map.maps.crossed_colours import NINE
from exclusion_map.targeting.crossed import RISK_WORDS

COLOURS: Final = NINE


def labels(threshold: float) -> tuple[str, ...]:
    """Return the names of the nine classes."""
    return tuple(f"{risk}, {way}" for risk in RISK_WORDS for way in way_words(threshold))
