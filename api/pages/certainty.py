"""What the page tells on how sure a rank is by a reader's own index, weights and base."""

from typing import Any, Final

from api.pages import insight
from api.pages import profile as profiles
from api.pages.lens import Lens
from exclusion_map.index.sensitivity import Sensitivity
from exclusion_map.index.uncertainty import Robustness, Uncertainty
from exclusion_map.terms import AreaKind

_CLASSES: Final = (Robustness.HIGH, Robustness.DEPENDS, Robustness.MIDDLE, Robustness.LOW)


_FACTORS: Final = {
    "weights": "How much each part counts",
    "normalisation": "How figures are made comparable",
    "aggregation": "How parts are averaged",
    "base": "With which areas it is compared",
    "left_out": "One figure left out",
    "noise_seed": "Chance in small counts",
}


def context(
    lens: Lens, code: str, found: Uncertainty, effects: Sensitivity | None = None
) -> dict[str, Any]:
    """Return everything the page shows of one small area.

    Args:
        lens: how the reader looks at the areas.
        code: of the small area.
        found: intervals of all small areas by that lens.
        effects: what drives the area's rank, where it was asked for.
    """
    service = lens.engine.service
    profile = service.profile(code)
    level, row = service.edition.atlas.find(code)
    classes = found.robustness.tolist()
    return {
        "lens": lens,
        "profile": profile,
        "title": profiles.title(profile),
        "draws": found.draws,
        "sure": insight.live_sureness(found, lens.at(AreaKind.SMALL_AREA), row),
        "published": insight.sureness(service, level, row),
        "counts": [(one.value, classes.count(one)) for one in _CLASSES],
        "effects": [] if effects is None else _effects(effects),
        "csv": f"/api/v1/uncertainty?draws={found.draws}&seed={found.seed}{lens.suffix}&format=csv",
    }


def _effects(found: Sensitivity) -> list[tuple[str, float, float]]:
    """Return what drives the rank: words, and shares of its variation alone and together."""
    return [
        (_FACTORS[one.factor], _percent(one.first), _percent(one.total)) for one in found.effects
    ]


def _percent(share: float) -> float:
    return 100 * min(max(share, 0.0), 1.0)  # estimates stray a little beyond their bounds
