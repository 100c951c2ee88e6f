"""What an edition may hold beyond scores, under the name that pages know it by."""

from exclusion_map.editions.extras import (
    SURE_CLASSES,
    EstimateTable,
    Extras,
    Sure,
    UncertaintyTable,
    extras_of,
    sure_at,
)

__all__ = (
    "SURE_CLASSES",
    "EstimateTable",
    "Extras",
    "Sure",
    "UncertaintyTable",
    "extras_of",
    "sure_at",
)
