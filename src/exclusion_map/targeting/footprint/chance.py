"""The modelled estimate of a list: people, not places, so that chance has a part.

The estimate of small areas says what share of households is unlikely to cope online. Of all
residents that share is the answer, and its range is that of the model. Of y_a people of a list who
live in area a with share p_a, it is not known which: were they drawn singly, the number concerned
has

    variance = variance of the model + sum(y_a p_a (1 - p_a))

and the share that over (sum y_a)^2. Without it, a list of 200 people had a range of 12 to 13.
"""

import math
from dataclasses import replace

import numpy as np

from exclusion_map.areas.atlas import Floats
from exclusion_map.areas.rollup_estimate import NORMAL_80, Range, RolledEstimate, SmallEstimates


def of_list(found: RolledEstimate, small: SmallEstimates, people: Floats) -> RolledEstimate:
    """Return the estimate of people of a list: ranges with chance, and no telling digits.

    Digits beyond two of a per cent, and parts of people, would tell of single areas.

    Args:
        found: the sum over their areas, as of residents.
        small: of all small areas.
        people: (n,) of the list, by small area.
    """
    served = np.where(small.known, people, 0.0)
    share = np.nan_to_num(small.share) / 100
    spread = math.sqrt(float(served @ (share * (1 - share))))
    everyone = float(served.sum())
    return replace(
        found,
        share=_widened(found.share, 100 * spread / everyone, 100.0, 2),
        people=_widened(found.people, spread, everyone, 0),
        households=_widened(found.households, spread, found.of_households, 0),
        of_households=float(round(found.of_households)),
    )


def _widened(one: Range, deviation: float, most: float, digits: int) -> Range:
    """Return an 80 % range with another standard deviation in it, from 0 to the most there is."""
    reach = NORMAL_80 * deviation
    low = max(one.middle - math.hypot(one.middle - one.low, reach), 0.0)
    high = min(one.middle + math.hypot(one.high - one.middle, reach), most)
    return Range(low=round(low, digits), middle=round(one.middle, digits), high=round(high, digits))
