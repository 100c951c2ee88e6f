"""Figures of one area of the country alone are those worked out for all areas, to the last bit."""

from pathlib import Path

import numpy as np
import pytest

from exclusion_map.areas.alike import most_alike
from exclusion_map.areas.on_demand import on_demand
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.index.explain import neighbours

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition, "quick")


def test_areas_of_every_index(edition: Edition) -> None:
    for index in edition.prepared:
        made = edition.prepared[index].compose()
        seen = on_demand(made, many=0)
        if seen is made:  # no weighted sum: it is worked out for all areas in any case
            continue
        rows = np.random.default_rng(2).integers(0, len(made.codes), 30)
        for name in ("contributions", "percentile_ranks"):
            some, every = getattr(seen, name)[rows], getattr(made, name)[rows]
            assert some.tobytes() == np.ascontiguousarray(every).tobytes(), (index, name)
        for row in rows[:3].tolist():
            found, wanted = most_alike(made, row, 5), neighbours(made, row, 5)
            assert found.positions.tolist() == wanted.positions.tolist()
            assert found.distance.tobytes() == wanted.distance.tobytes()
