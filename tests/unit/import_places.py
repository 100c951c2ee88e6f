"""A small country for tests of imports: three postcodes, and two areas side by side."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from exclusion_map.directory.importing import Geocoder
from exclusion_map.geography.postcodes import PostcodeIndex, index_table

POSTCODES = pd.DataFrame(
    {
        "postcode": ["CH412AB", "CH416AX", "BL11SA"],
        "latitude": [53.39, 53.395, 53.58],
        "longitude": [-3.02, -3.015, -2.43],
        "live": [True, False, True],
    }
)
CODES = ("W01", "W02")


def areas_at(
    longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64]
) -> npt.NDArray[np.int32]:
    """West of 2.7 degrees is the first area, east of it the second; nothing lies north of 54."""
    return np.where(latitude > 54, -1, np.where(longitude < -2.7, 0, 1)).astype(np.int32)


def geocoder() -> Geocoder:
    """Return what puts places into the two areas."""
    index = PostcodeIndex(index_table(POSTCODES, np.array([0, 0, 1], dtype=np.int32)))
    return Geocoder(index, CODES, areas_at)
