"""Access, gaps and siting of Cheshire and Merseyside, over the edition of England and Wales."""

from pathlib import Path

import numpy as np
import pytest

from exclusion_map.access import StraightLine
from exclusion_map.directory.selecting import Choice
from exclusion_map.editions.reaching import homes_of, risk_of, sites_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.targeting.access_query import AccessQuestion, access_of
from exclusion_map.targeting.candidates import places_of
from exclusion_map.targeting.closing import closing_of
from exclusion_map.targeting.gaps import Worst, find_gaps
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.sites import Sites
from exclusion_map.targeting.siting_query import Aim, SitingQuestion, site_places

pytestmark = pytest.mark.national
ICB = "E54000008"
WAY = StraightLine()
WEST_KIRBY = "West Kirby Library"


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition)


@pytest.fixture(scope="module")
def homes(edition: Edition) -> Homes:
    return homes_of(edition)


@pytest.fixture(scope="module")
def sites(edition: Edition) -> Sites:
    return sites_of(edition)


@pytest.fixture(scope="module")
def rows(edition: Edition) -> np.ndarray:
    return np.sort(edition.atlas.members(*edition.atlas.find(ICB))).astype(np.int64)


def test_gaps_of_libraries(edition: Edition, homes: Homes, sites: Sites, rows: np.ndarray) -> None:
    access = access_of(edition.atlas, homes, sites, AccessQuestion(), WAY, rows)
    assert len(rows) == 1601
    found = find_gaps(
        edition.atlas,
        homes,
        access,
        risk_of(edition, edition.manifest.default_index),
        worst=Worst.FIFTH,
        borders=edition.borders,
        walk=1_000.0,
    )
    # Regression values of the lists of 2023 to 2025: the census counts 2.5 million people here.
    assert found.high_people == pytest.approx(663_000, rel=0.02)
    assert found.high_beyond == pytest.approx(400_700, rel=0.02)
    assert found.high_unknown == 0
    assert 240 <= len(found.listed) <= 290
    assert sum(len(group.rows) for group in found.groups) == len(found.listed)
    # The catchment hands out each library once, wherever its users live.
    everywhere = access_of(edition.atlas, homes, sites, AccessQuestion(), WAY)
    total = np.nansum(everywhere.supply.per_10000 / 10_000 * everywhere.people)
    assert total == pytest.approx(len(everywhere.chosen.rows), rel=0.01)
    at = np.searchsorted(everywhere.rows, rows)
    np.testing.assert_array_equal(everywhere.near.way[at], access.near.way)


def test_a_kind_that_wales_has_no_list_of_is_unknown_there(
    edition: Edition, homes: Homes, sites: Sites
) -> None:
    cardiff = np.sort(edition.atlas.members(*edition.atlas.find("W06000015"))).astype(np.int64)
    asked = AccessQuestion(choice=Choice(kinds=("pharmacy",)))
    access = access_of(edition.atlas, homes, sites, asked, WAY, cardiff)
    assert access.unlisted.all()
    assert np.isnan(access.near.way).all()


@pytest.mark.parametrize("aim", list(Aim))
def test_siting_of_an_icb_is_proved(
    edition: Edition, homes: Homes, sites: Sites, rows: np.ndarray, aim: Aim
) -> None:
    candidates = places_of(sites, ("pharmacy",), rows, "pharmacies")
    assert len(candidates) > 500
    found = site_places(
        edition.atlas,
        homes,
        sites,
        risk_of(edition, edition.manifest.default_index),
        SitingQuestion(aim=aim, k=10),
        candidates,
        rows,
        WAY,
    )
    assert found.solution.gap == 0
    served = [found.before.served, *(step.served for step in found.steps)]
    assert served == sorted(served)
    if aim is Aim.REACH:
        assert served[-1] - served[0] == pytest.approx(found.solution.value)


def test_closing_of_a_library_at_the_edge_of_wirral(homes: Homes, sites: Sites) -> None:
    named = (row for row in range(len(sites.points.longitude)) if sites.name(row) == WEST_KIRBY)
    found = closing_of(homes, sites, sites.id(next(named)), WAY, threshold=1_000.0)
    # Regression values of the lists of 2023: West Kirby, Hoylake and Caldy count 22,000 people.
    assert found.users.sum() == pytest.approx(21_255, rel=0.02)
    assert found.lose.sum() == pytest.approx(5_533, rel=0.02)
    assert found.farther == pytest.approx(2_790, rel=0.02)
    assert (found.then >= found.now).all()
    assert (found.lose <= found.users).all()
    assert {sites.kind(row) for row in found.other.tolist()} == {"library"}
