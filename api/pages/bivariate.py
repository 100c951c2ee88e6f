"""Nine colours for risk beside the way to support, and what each means in words."""

from typing import Final

from api.pages import words
from exclusion_map.targeting.crossed import RISK_WORDS

COLOURS: Final = (
    # Any two differ by 21 or more (CIE L*a*b*), also with every kind of colour-blindness; they get
    # lighter with lower risk and with shorter ways.
    *("#340d44", "#733384", "#d9731b"),
    *("#2345b4", "#9b959a", "#f1c070"),
    *("#4ca6ca", "#b5dbed", "#f7f2e2"),
)


def way_words(threshold: float) -> tuple[str, str, str]:
    """Return what the three classes of ways are called."""
    near, far = words.distance(threshold), words.distance(2 * threshold)
    return f"more than {far}", f"{near} to {far}", f"up to {near}"


def labels(threshold: float) -> tuple[str, ...]:
    """Return the names of the nine classes."""
    return tuple(f"{risk}, {way}" for risk in RISK_WORDS for way in way_words(threshold))
