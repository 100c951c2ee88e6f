"""Hot spots as stored in an edition: a table by area, and a summary for JSON."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.hotspots import Hotspots, Pattern

if TYPE_CHECKING:
    import pandas as pd


def hotspot_summary(found: Hotspots, codes: npt.ArrayLike) -> dict[str, Any]:
    """Return the summary of patterns that an edition publishes, ready for JSON."""
    listed = np.asarray(codes, dtype=object)
    return {
        "global_moran": None if math.isnan(found.global_moran) else found.global_moran,
        "permutations": found.permutations,
        "seed": found.seed,
        "level": found.level,
        "false_discovery_controlled": found.adjusted,
        "floor": found.floor,
        "at_floor": found.at_floor,
        "fewest_significant": found.fewest_significant,
        "tested": found.tested,
        "counts": found.counts(),
        "hot": int((found.hot == 1).sum()),
        "cold": int((found.hot == -1).sum()),
        "islands": listed[found.islands].tolist(),
        "cut_off": listed[found.cut_off].tolist(),
        "missing": len(found.missing),
        "notes": list(found.notes()),
    }


def hotspot_table(index: str, codes: npt.ArrayLike, found: Hotspots) -> "pd.DataFrame":
    """Return the patterns of one index as a table, in feature order.

    Returns:
        index, code, pattern (slug), hot (1, 0, -1), local_moran, gi_star, neighbour_mean, p,
        p_adjusted, gi_star_p_normal.
    """
    import pandas as pd

    slugs = np.array([pattern.slug for pattern in Pattern], dtype=object)
    return pd.DataFrame(
        {
            "index": index,
            "code": np.asarray(codes, dtype=object),
            "pattern": slugs[found.pattern],
            "hot": found.hot,
            "local_moran": found.local_moran,
            "gi_star": found.gi_star,
            "neighbour_mean": found.neighbour_mean,
            "p": found.p,
            "p_adjusted": found.p_adjusted,
            "gi_star_p_normal": found.gi_star_p_normal,
        }
    )
