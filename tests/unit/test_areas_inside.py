"""Which areas lie in an outline: by where people live, not by land."""

import math

import numpy as np
import pytest

from exclusion_map.areas.inside import MAX_METRES, circle
from exclusion_map.errors import InvalidRequestError


def test_a_circle_is_closed_and_everywhere_as_far_as_asked() -> None:
    ring = np.array(circle(-3.0, 53.4, 2_000)["coordinates"][0])
    assert (ring[0] == ring[-1]).all()
    east = (ring[:, 0] + 3.0) * math.cos(math.radians(53.4)) * 111_195
    north = (ring[:, 1] - 53.4) * 111_195
    assert np.hypot(east, north) == pytest.approx(2_000, rel=1e-3)


@pytest.mark.parametrize("metres", [0, -5, MAX_METRES + 1, math.nan])
def test_a_circle_of_no_size_or_too_large_is_refused(metres: float) -> None:
    with pytest.raises(InvalidRequestError, match="distance"):
        circle(-3.0, 53.4, metres)
