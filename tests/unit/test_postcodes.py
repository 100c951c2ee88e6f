"""Postcodes: their form, the publisher's layouts, placing, and the index on disk."""

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from exclusion_map.errors import EditionError, InvalidRequestError, SourceError
from exclusion_map.geography import postcode_index
from exclusion_map.geography.placing import LAND_BORDER, locate
from exclusion_map.geography.postcodes import (
    PostcodeIndex,
    index_table,
    normalise,
    place,
    pretty,
    read_postcodes,
    write_postcodes,
)

CSV = """pcds,dointr,doterm,lat,long
CH41 2AB,200001,,53.39031,-3.02465
AB1 0AA,198001,199606,57.10145,-2.24285
GY1 1AA,199801,,99.999999,0.000000
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ch41 2AB", "CH412AB"),
        (" m1  1ae ", "M11AE"),
        ("SW1A1AA", "SW1A1AA"),
        ("gir 0aa", "GIR0AA"),
        ("L1-8JQ.", "L18JQ"),
    ],
)
def test_a_postcode_is_normalised(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["", "CH41", "CH41 2", "Birkenhead", "N1 4B", "NI 4BY", "1AA CH1"])
def test_what_is_no_postcode_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="CH41 2AB"):
        normalise(text)


def test_a_postcode_is_written_with_its_space() -> None:
    assert pretty("CH412AB") == "CH41 2AB"
    assert pretty("M11AE") == "M1 1AE"


def raw_folder(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / "ons-nspl-postcodes"
    folder.mkdir()
    if name.endswith(".zip"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("Data/NSPL_MAY_2025_UK.csv", CSV)
            archive.writestr("Data/multi_csv/NSPL_MAY_2025_UK_AB.csv", CSV[:40])
    else:
        frame = pd.DataFrame(
            {
                "pcds": ["CH41 2AB", "AB1 0AA", "GY1 1AA"],
                "lat": [53.39031, 57.10145, np.nan],
                "long": [-3.02465, -2.24285, 0.0],
                "live": [True, False, True],
            }
        )
        frame.to_parquet(folder / name)
    return tmp_path


@pytest.mark.parametrize("name", ["NSPL_MAY_2025.zip", "NSPL_postcodes_lat_long.parquet"])
def test_the_publishers_zip_and_a_copy_read_alike(tmp_path: Path, name: str) -> None:
    frame = read_postcodes(raw_folder(tmp_path, name))
    assert frame["postcode"].tolist() == ["CH412AB", "AB10AA", "GY11AA"]
    assert frame["live"].tolist() == [True, False, True]
    assert frame["latitude"].tolist()[:2] == [53.39031, 57.10145]
    assert frame[["latitude", "longitude"]].iloc[2].isna().all()


def test_a_zip_without_the_national_table_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "ons-nspl-postcodes"
    folder.mkdir()
    with zipfile.ZipFile(folder / "NSPL_MAY_2025.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(SourceError, match="0 members"):
        read_postcodes(tmp_path)


def test_a_copy_without_a_column_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "ons-nspl-postcodes"
    folder.mkdir()
    path = folder / "NSPL_postcodes_lat_long.parquet"
    pd.DataFrame({"pcds": ["M1 1AE"], "lat": [53.0]}).to_parquet(path)
    with pytest.raises(SourceError, match="no column long, live"):
        read_postcodes(tmp_path)


def squares() -> np.ndarray:
    """Two squares of a hundredth of a degree side by side, the first to the east."""
    return np.array([shapely.box(-2.99, 53.0, -2.98, 53.01), shapely.box(-3.0, 53.0, -2.99, 53.01)])


def located(longitude: float, latitude: float, polygons: np.ndarray) -> tuple[int, bool]:
    found = locate(np.array([longitude]), np.array([latitude]), polygons)
    return int(found.area[0]), bool(found.nearest[0])


def test_a_point_is_placed_in_the_polygon_that_holds_it() -> None:
    assert located(-2.985, 53.005, squares()) == (0, False)
    assert located(-2.995, 53.005, squares()) == (1, False)


def test_a_point_on_a_border_goes_to_the_lowest_row() -> None:
    assert located(-2.99, 53.005, squares()) == (0, False)
    assert located(-2.99, 53.005, squares()[::-1].copy()) == (0, False)


def test_a_point_just_off_the_coast_goes_to_the_nearest_and_is_marked() -> None:
    # A hundredth of a degree of latitude is 1,113 m: 0.001 is 111 m, 0.003 is 334 m.
    assert located(-2.985, 53.011, squares()) == (0, True)
    assert located(-2.995, 53.011, squares()) == (1, True)
    assert located(-2.985, 53.013, squares()) == (-1, False)


def test_the_reach_of_the_coast_is_in_metres_both_ways() -> None:
    # At 53 degrees north 0.0028 degrees of longitude are 188 m, and 0.0032 are 215 m.
    assert located(-2.98 + 0.0028, 53.005, squares()) == (0, True)
    assert located(-2.98 + 0.0032, 53.005, squares()) == (-1, False)


def test_a_point_across_the_land_border_is_not_pulled_into_england() -> None:
    west, south, east, north = LAND_BORDER
    x, y = (west + east) / 2, (south + north) / 2
    polygon = np.array([shapely.box(x - 0.01, y - 0.01, x + 0.01, y)])
    assert located(x, y + 0.0005, polygon) == (-1, False)
    assert located(x, y - 0.0005, polygon) == (0, False)


def test_points_without_coordinates_and_no_polygons_are_outside() -> None:
    assert located(np.nan, np.nan, squares()) == (-1, False)
    assert located(-2.985, 53.005, np.array([], dtype=object)) == (-1, False)


def test_place_takes_frames() -> None:
    areas = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares(), crs=4326)
    points = pd.DataFrame({"latitude": [53.005, np.nan], "longitude": [-2.995, np.nan]})
    assert place(points, areas).tolist() == [1, -1]


def example() -> tuple[pd.DataFrame, np.ndarray]:
    codes = ["CH412AB", "CH412AA", "CH43AA", "CH11AA", "M11AE", "M111AE", "GY11AA", "CH411ZZ"]
    frame = pd.DataFrame(
        {
            "postcode": codes,
            "latitude": [53.3, 53.4, 53.5, 53.6, 53.7, 53.8, np.nan, 53.9],
            "longitude": [-3.0, -3.1, -3.2, -3.3, -3.4, -3.5, np.nan, -3.6],
            "live": [True, True, True, False, True, True, True, False],
        }
    )
    return frame, np.array([5, 6, 7, 8, 9, 10, -1, 6], dtype=np.int32)


@pytest.fixture
def index(tmp_path: Path) -> PostcodeIndex:
    write_postcodes(*example(), tmp_path / "postcodes.arrow")
    return PostcodeIndex.open(tmp_path / "postcodes.arrow")


def test_a_postcode_is_found_live_or_terminated(index: PostcodeIndex) -> None:
    found = index.find("ch41 2aa")
    assert found is not None
    assert (found.pretty, found.area, found.live) == ("CH41 2AA", 6, True)
    assert (found.latitude, found.longitude) == (53.4, -3.1)
    terminated = index.find("CH1 1AA")
    assert terminated is not None
    assert not terminated.live


def test_postcodes_of_an_area_are_those_in_use(index: PostcodeIndex) -> None:
    # CH41 1ZZ is of area 6, too, but no longer in use; GY1 1AA has no location.
    assert [one.pretty for one in index.inside(6)] == ["CH41 2AA"]
    assert index.inside(-1) == index.inside(8) == []


def test_a_postcode_without_a_location_says_so(index: PostcodeIndex) -> None:
    found = index.find("GY1 1AA")
    assert found is not None
    assert (found.latitude, found.longitude, found.area) == (None, None, -1)


def test_what_is_not_there_is_none_and_what_is_no_postcode_raises(index: PostcodeIndex) -> None:
    assert index.find("ZZ99 9ZZ") is None
    assert index.find("AA1 1AA") is None
    with pytest.raises(InvalidRequestError):
        index.find("CH41")


def test_part_of_a_postcode_can_mean_an_outward_code_or_its_beginning(index: PostcodeIndex) -> None:
    assert [(g.label, g.count) for g in index.prefix("CH4")] == [("CH4", 1), ("CH41", 3)]
    assert [g.label for g in index.prefix("ch4", limit=1)] == ["CH4"]
    # Without a space M11 is the outward code M11 first, then the sector M1 1.
    assert [g.label for g in index.prefix("M11")] == ["M11", "M1 1"]
    assert [g.label for g in index.prefix("M1 1")] == ["M1 1"]


def test_a_sector_has_a_centre_of_its_live_postcodes(index: PostcodeIndex) -> None:
    (outward,) = index.prefix("CH41")
    assert (outward.count, outward.live) == (3, 2)
    assert outward.latitude == pytest.approx(53.35)
    assert outward.area == 5
    (sector,) = index.prefix("CH41 2")
    assert (sector.label, sector.count, sector.area) == ("CH41 2", 2, 5)


@pytest.mark.parametrize("text", ["", "CH", "M", "4", "hello", "CH41 2AB", "CH41£2", "ZZ9"])
def test_what_begins_no_postcode_finds_nothing(index: PostcodeIndex, text: str) -> None:
    assert index.prefix(text) == []


def test_an_index_of_nothing_answers(tmp_path: Path) -> None:
    frame, areas = example()
    empty = PostcodeIndex(index_table(frame.iloc[:0], areas[:0]))
    assert len(empty) == 0
    assert empty.find("CH41 2AB") is None
    assert empty.prefix("CH41") == []


def test_many_look_ups_let_go_of_the_file_and_find_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of the mapped file go back after long reads; the next look reads them again."""
    frame, areas = example()
    held = PostcodeIndex(index_table(frame, areas))
    path = tmp_path / "postcodes.arrow"
    write_postcodes(frame, areas, path)
    monkeypatch.setattr(postcode_index, "_MANY", 1)
    monkeypatch.setattr(postcode_index, "_PART", 2)
    mapped = PostcodeIndex.open(path)
    codes = ["M11AE", "ZZ999ZZ", "CH412AB", "AB10AA"]
    rows = held.find_many(codes)
    assert rows[1] == -1
    for _ in range(2):
        assert mapped.find_many(codes).tolist() == rows.tolist()
        assert mapped.find_many(np.array(codes, dtype=np.bytes_)).tolist() == rows.tolist()
        for ours, theirs in zip(mapped.in_use(), held.in_use(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        known = rows[rows >= 0]
        for ours, theirs in zip(mapped.places_at(known), held.places_at(known), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "postcodes.arrow"
    with pytest.raises(EditionError, match=r"postcodes\.arrow"):
        PostcodeIndex.open(path)
    path.write_bytes(b"not arrow at all")
    with pytest.raises(EditionError, match="Build the edition again"):
        PostcodeIndex.open(path)
