"""Walking along streets: a small network made here, and the same from an OpenStreetMap file."""

from pathlib import Path

import numpy as np
import pytest

from exclusion_map.access import Points
from exclusion_map.access.routing import Streets, StreetWalk, read_streets
from exclusion_map.errors import InvalidRequestError

# A U: from west along the north to the east; a river lies between the two southern ends.
#   1 --- 2        Nodes a hundredth of a degree apart: 1,112 m north to south.
#   |     |
#   0     3
LONGITUDE = np.array([0.0, 0.0, 0.01, 0.01])
LATITUDE = np.array([51.0, 51.01, 51.01, 51.0])
SOUTH_NORTH = 1111.95
ACROSS = 699.69

OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="51.00" lon="0.00"/><node id="2" lat="51.01" lon="0.00"/>
<node id="3" lat="51.01" lon="0.01"/><node id="4" lat="51.00" lon="0.01"/>
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="2"><nd ref="3"/><nd ref="4"/><tag k="highway" v="footway"/></way>
<way id="3"><nd ref="1"/><nd ref="4"/><tag k="highway" v="motorway"/></way>
</osm>"""


@pytest.fixture
def walk() -> StreetWalk:
    pytest.importorskip("pandana", reason="the extra for routing is not installed")
    length = np.array([SOUTH_NORTH, ACROSS, SOUTH_NORTH])
    start, end = np.array([0, 1, 2]), np.array([1, 2, 3])
    return StreetWalk(Streets(LONGITUDE, LATITUDE, start, end, length))


def test_the_way_goes_round_the_river(walk: StreetWalk) -> None:
    here = Points(LONGITUDE[:1], LATITUDE[:1])
    cost, row = walk.nearest(here, Points(LONGITUDE[3:], LATITUDE[3:]))
    assert cost[0] == pytest.approx(2 * SOUTH_NORTH + ACROSS, rel=1e-4)
    assert row.tolist() == [0]
    assert walk.unit == "metres"


def test_what_is_near_as_the_crow_flies_may_not_be_the_nearest(walk: StreetWalk) -> None:
    there = Points(LONGITUDE[[3, 2]], LATITUDE[[3, 2]])
    cost, row = walk.nearest(Points(LONGITUDE[:1], LATITUDE[:1]), there)
    assert row.tolist() == [1]
    assert cost[0] == pytest.approx(SOUTH_NORTH + ACROSS, rel=1e-4)


def test_pairs_within_a_limit(walk: StreetWalk) -> None:
    everywhere = Points(LONGITUDE, LATITUDE)
    pairs = walk.within(everywhere, everywhere, 1_200.0)
    found = list(zip(pairs.origin.tolist(), pairs.destination.tolist(), strict=True))
    assert found == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3)]


def test_far_from_every_street_is_unknown_and_nowhere_to_go_is_inf(walk: StreetWalk) -> None:
    origins = Points(np.array([5.0, 0.0]), np.array([51.0, 51.0]))
    cost, row = walk.nearest(origins, Points(np.array([0.0]), np.array([51.01])))
    assert np.isnan(cost[0])
    assert row[0] == -1
    assert cost[1] == pytest.approx(SOUTH_NORTH, rel=1e-4)
    cost, row = walk.nearest(origins, Points(np.empty(0), np.empty(0)))
    assert np.isinf(cost[1])
    assert row.tolist() == [-1, -1]


def test_an_openstreetmap_extract(tmp_path: Path) -> None:
    pytest.importorskip("pandana", reason="the extra for routing is not installed")
    path = tmp_path / "town.osm"
    path.write_text(OSM)
    walk = StreetWalk.open(path, metres_per_minute=80.0)
    cost, _ = walk.nearest(Points(LONGITUDE[:1], LATITUDE[:1]), Points(LONGITUDE[3:], LATITUDE[3:]))
    # Not along the motorway.
    assert cost[0] == pytest.approx((2 * SOUTH_NORTH + ACROSS) / 80, rel=1e-3)
    assert walk.unit == "minutes"
    assert "town.osm" in walk.label


def test_what_is_no_extract_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    path.write_text("nothing")
    with pytest.raises(InvalidRequestError, match=r"town\.osm"):
        read_streets(path)
