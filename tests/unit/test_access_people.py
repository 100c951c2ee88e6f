"""Where people live: shared among postcodes, nothing lost, nothing invented."""

import numpy as np
import pytest

from exclusion_map.access import People, people_of
from exclusion_map.errors import InvalidRequestError


def made(**changes: object) -> People:
    given = {
        "area": np.array([1, 0, 1, -1, 0]),
        "longitude": np.array([0.0, 1.0, 0.2, 9.0, np.nan]),
        "latitude": np.array([50.0, 51.0, 50.2, 9.0, 51.0]),
        "population": np.array([100.0, 300.0, 50.0, np.nan]),
        "centre_longitude": np.array([7.0, 7.0, 7.0, 8.0]),
        "centre_latitude": np.array([57.0, 57.0, 57.0, 58.0]),
    }
    return people_of(**{**given, **changes})  # type: ignore[arg-type]


def test_an_areas_people_are_shared_by_its_postcodes() -> None:
    people = made()
    assert people.area.tolist() == [0, 1, 1, 2, 3]
    assert people.weight.tolist() == [100.0, 150.0, 150.0, 50.0, 0.0]
    assert people.totals().tolist() == [100.0, 300.0, 50.0, 0.0]


def test_an_area_without_postcodes_stands_at_its_own_point() -> None:
    people = made()
    assert people.without_postcode.tolist() == [2, 3]
    assert people.longitude.tolist() == [1.0, 0.0, 0.2, 7.0, 8.0]


def test_centres_are_means_and_keep_every_person() -> None:
    centres = made().centres()
    np.testing.assert_allclose(centres.longitude, [1.0, 0.1, 7.0, 8.0])
    np.testing.assert_allclose(centres.latitude, [51.0, 50.1, 57.0, 58.0])
    assert centres.weight.tolist() == [100.0, 300.0, 50.0, 0.0]


def test_the_share_within_reach_counts_people_not_points() -> None:
    people = made()
    chosen = np.array([True, True, False, False, True])
    assert people.share(chosen).tolist() == [1.0, 0.5, 0.0, 1.0]


def test_unknown_at_a_point_is_unknown_for_the_area() -> None:
    assert np.isnan(made().mean(np.array([1.0, np.nan, 2.0, 3.0, 4.0]))[1])


def test_postcodes_of_another_edition_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="area number 9"):
        made(area=np.array([9, 0, 1, -1, 0]))
