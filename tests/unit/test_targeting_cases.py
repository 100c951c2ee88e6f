"""Places chosen, ways, classes and closings: cases small enough to work out by hand."""

import itertools

import numpy as np
import pytest

from api.pages.bivariate import COLOURS, labels
from exclusion_map.access import StraightLine
from exclusion_map.directory.listing import Listing, Offer
from exclusion_map.directory.selecting import Choice, parse_open
from exclusion_map.directory.snapshot_reading import snapshot_of
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.maps.palette import COLOUR_BLINDNESS, MISSING_COLOUR, cie_lab, linear_rgb
from exclusion_map.targeting.closing import closing_of
from exclusion_map.targeting.crossed import capacity_class, cells, crossed, risk_class, way_class
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.reach import nearness, supply_of, unlisted
from exclusion_map.targeting.sites import Sites, choose_sites, make_sites, words_of

METRES = StraightLine(detour=1.0)
DEGREE = 111_195.08
"""Metres of a degree along a meridian."""


def place(name: str, latitude: float | None, **more: object) -> tuple[str, str, Listing]:
    offer = Offer(name="Help", **more)  # type: ignore[arg-type]
    longitude = None if latitude is None else 0.0
    at = {"latitude": latitude, "longitude": longitude, "area_code": "E1"}
    return name, name, Listing(name=name, kind="library", offers=(offer,), **at)  # type: ignore[arg-type]


@pytest.fixture
def sites() -> Sites:
    monday = {"mon": [["09:00", "17:00"]], "tue": []}
    listings = [
        place("A", 51.00, schedule=monday, cost="free"),
        place("B", 51.02),
        place("C", None),
    ]
    return make_sites(snapshot_of(listings), {"E1": 0}, {"B": (6.0, 20.0)})


@pytest.fixture
def homes() -> Homes:
    # Two areas on one meridian: 300 people at 51.00, 51.001 and 51.014, 50 people at 51.02.
    def addresses() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.zeros(4), np.array([51.0, 51.001, 51.014, 51.02]), np.array([0, 0, 0, 1])

    return Homes(
        addresses=addresses,
        population=np.array([300.0, 50.0]),
        longitude=np.zeros(2),
        latitude=np.array([51.0, 51.02]),
        breadth=np.full(2, 3_000.0),
    )


def test_places_that_nobody_knows_about_do_not_count_and_are_told(sites: Sites) -> None:
    at_ten = choose_sites(sites, Choice(kinds=("library",), open_at=parse_open("mon-10:00")))
    assert [sites.name(row) for row in at_ten.rows] == ["A"]
    assert at_ten.hours_unknown == 2
    everything = choose_sites(sites, Choice())
    assert [sites.name(row) for row in everything.rows] == ["A", "B"]
    assert everything.off_map == 1
    assert sites.hours[:2].tolist() == [8.0, 20.0]
    assert sites.computers[1] == 6.0
    assert np.isnan(sites.computers[0])


def test_the_way_is_a_mean_over_people(sites: Sites, homes: Homes) -> None:
    found = nearness(homes.of(np.arange(2)), sites.at(np.array([0, 1])), METRES, 200.0)
    # 0, 0.001 and 0.006 degrees: the last lives nearer to B.
    assert found.way[0] == pytest.approx(0.007 / 3 * DEGREE, rel=1e-5)
    assert found.way[1] == pytest.approx(0, abs=0.01)
    assert found.share.tolist() == pytest.approx([2 / 3, 1])
    assert found.nearest.tolist() == [0, 1]


def test_centres_of_all_areas_are_those_of_their_people(homes: Homes) -> None:
    """Worked out some postcodes at a time, they are what all of them at once give."""
    centres, plain = homes.centres, homes.of(np.arange(len(homes))).centres()
    for name in ("longitude", "latitude", "weight", "area", "without_postcode"):
        np.testing.assert_allclose(getattr(centres, name), getattr(plain, name), rtol=1e-12)


def test_nothing_to_go_to_is_no_way_and_nobody_in_reach(sites: Sites, homes: Homes) -> None:
    nowhere = sites.at(np.empty(0, dtype=np.int64))
    found = nearness(homes.of(np.arange(2)), nowhere, METRES, 200.0)
    assert np.isinf(found.way).all()
    assert found.share.tolist() == [0, 0]
    assert found.nearest.tolist() == [-1, -1]
    supply = supply_of(homes, nowhere, np.empty(0), METRES, threshold=200.0)
    assert supply.count.tolist() == [0, 0]
    assert supply.per_10000.tolist() == [0, 0]


def test_a_nation_without_a_list_is_unknown(sites: Sites) -> None:
    assert unlisted(sites, np.array([0]), ("England", "Wales")).tolist() == [False, True]


def test_a_closing(sites: Sites, homes: Homes) -> None:
    found = closing_of(homes, sites, "A", METRES, threshold=700.0)
    # 200 people use A; to B it is 0.02 and 0.019 degrees. Nobody of the second area uses A.
    assert found.rows.tolist() == [0]
    assert found.users.tolist() == [200]
    assert found.lose.tolist() == [200]
    assert found.now[0] == pytest.approx(0.0005 * DEGREE, rel=1e-5)
    assert found.farther == pytest.approx(0.019 * DEGREE, rel=1e-5)
    assert [sites.name(row) for row in found.other] == ["B"]


def test_a_closing_of_nothing_or_off_the_map(sites: Sites, homes: Homes) -> None:
    with pytest.raises(NotFoundError):
        closing_of(homes, sites, "Z", METRES)
    with pytest.raises(InvalidRequestError, match="not on the map"):
        closing_of(homes, sites, "C", METRES)


def test_risk_and_ways_are_crossed_never_mixed() -> None:
    risk = risk_class(np.array([1, 2, 3, 5, 6, 10, 0], dtype=np.uint8))
    assert risk.tolist() == [1, 1, 2, 2, 3, 3, 0]
    way = way_class(np.array([2001.0, 2000, 1001, 1000, 0, np.nan, np.inf]), 1000.0)
    assert way.tolist() == [1, 2, 2, 3, 3, 0, 1]
    both = crossed(risk, way)
    assert both.tolist() == [1, 2, 5, 6, 9, 0, 0]
    told = cells(both, np.full(7, 10.0))
    assert [one.areas for one in told] == [1, 1, 0, 0, 1, 1, 0, 0, 1]


def test_capacity_in_thirds_of_people() -> None:
    values, people = np.array([0.0, 0, 1, 2, 3, np.nan]), np.array([10.0, 10, 20, 10, 10, 99])
    found, edges = capacity_class(values, people)
    assert found.tolist() == [1, 1, 2, 3, 3, 0]
    assert edges == (0.0, 1.0)


@pytest.mark.parametrize("sight", ["normal sight", *COLOUR_BLINDNESS])
def test_any_two_of_the_nine_colours_differ_plainly(sight: str) -> None:
    matrix = COLOUR_BLINDNESS.get(sight, np.eye(3))
    seen = [cie_lab(np.clip(matrix @ linear_rgb(one), 0, 1)) for one in COLOURS]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20
    assert MISSING_COLOUR not in COLOURS
    assert len(set(labels(1000.0))) == len(COLOURS)


def test_what_is_looked_for_in_words() -> None:
    assert words_of(Choice(kinds=("library",))) == "libraries"
    asked = Choice(kinds=("gp_practice",), free=True, open_at=parse_open("sat-11:00"))
    assert words_of(asked, many=False).startswith("GP ")
    assert words_of(asked, many=False).endswith("known to be free open on Saturday at 11:00")
